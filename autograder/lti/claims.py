"""The claims of a token, read with their types: a string where an object is due is a refusal, never a crash."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from autograder.lti.causes import Cause
from autograder.lti.errors import LaunchRefused, quoted

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
MAX_TEXT = 4096
"""Characters of one string; a longer one is a refusal, except where it is only shown (see `Claims.shown`)."""
_MAX_SHOWN = 1000
_MAX_ENTRIES = 500


class Claims:
    """One JSON object of a token, and the name under which log lines know it."""

    def __init__(self, members: Mapping[str, Any], path: str = "") -> None:
        self._members = members
        self._path = path

    @classmethod
    def parse(cls, payload: bytes) -> Claims:
        """The claims that a token's payload holds.

        Raises:
            LaunchRefused: it is no JSON object, or names something twice, which programs would read differently.
        """
        try:
            members = json.loads(payload, object_pairs_hook=_unique, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise LaunchRefused(Cause.PAYLOAD, "The token's content is not a JSON object as it should be.") from error
        if not isinstance(members, dict):
            raise LaunchRefused(Cause.PAYLOAD, f"The token's content is {type(members).__name__}, not an object.")
        return cls(members)

    def __contains__(self, name: str) -> bool:
        return self._members.get(name) is not None

    def raw(self, name: str) -> Any:
        """The member as it is; `None` where it is missing or null."""
        return self._members.get(name)

    def wrong(self, name: str, due: str) -> LaunchRefused:
        """The refusal of a member that is not what is `due`."""
        return LaunchRefused(
            Cause.CLAIM_TYPE, f"The claim {self._path}{name} is {quoted(self._members.get(name))}, not {due}."
        )

    def string(self, name: str, missing: Cause | None = None) -> str:
        """A string of at most `MAX_TEXT` characters; one that is missing is refused for the reason `missing`, else it is ""."""
        value = self._required(name, missing)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise self.wrong(name, f"a string of at most {MAX_TEXT} characters")
        if not value and missing:
            raise LaunchRefused(missing, f"The claim {self._path}{name} is empty.")
        return value

    def shown(self, name: str) -> str:
        """A string that people read: of any length, cut; "" where it is missing."""
        value = self._members.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(name, "a string")
        return value[:_MAX_SHOWN]

    def time(self, name: str, missing: Cause | None = None) -> float | None:
        """Seconds since 1970; `None` where it is missing and may be."""
        value = self._required(name, missing)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            raise self.wrong(name, "a time in seconds")
        return float(value)

    def flag(self, name: str) -> bool:
        """True or false; some platforms send it as a word. False where it is missing."""
        value = self._members.get(name)
        if value in ("true", "false"):
            return bool(value == "true")
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return bool(value)

    def strings(self, name: str, missing: Cause | None = None) -> tuple[str, ...]:
        """A list of strings; empty where it is missing and may be."""
        value = self._required(name, missing)
        if value is None:
            return ()
        if (
            not isinstance(value, list)
            or len(value) > _MAX_ENTRIES
            or not all(isinstance(entry, str) and len(entry) <= MAX_TEXT for entry in value)
        ):
            raise self.wrong(name, "a list of strings")
        return tuple(value)

    def object(self, name: str, missing: Cause | None = None) -> Claims | None:
        """An object; `None` where it is missing and may be."""
        value = self._required(name, missing)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "an object")
        return Claims(value, f"{self._path}{name}.")

    def texts(self, name: str) -> dict[str, str]:
        """An object of strings, as custom parameters are; numbers and the like, which Canvas sends, become strings."""
        value = self._members.get(name)
        if value is None:
            return {}
        if (
            not isinstance(value, dict)
            or len(value) > _MAX_ENTRIES
            or not all(entry is None or isinstance(entry, str | int | float) for entry in value.values())
        ):
            raise self.wrong(name, "an object of strings")
        return {key: _text(entry) for key, entry in value.items()}

    def _required(self, name: str, missing: Cause | None) -> Any:
        value = self._members.get(name)
        if value is None and missing:
            raise LaunchRefused(missing, f"The claim {self._path}{name} is missing.")
        return value


def _text(value: str | int | float | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:MAX_TEXT]


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value) and abs(value) < 1e12
    except OverflowError:
        return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(name)
