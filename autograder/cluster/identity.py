"""What has to be equal on two machines so that both give the same verdicts, and how they differ, in words."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograder.course import DATA_VARIABLE
from autograder.data import digest
from autograder.fingerprint import surroundings

_TOLD = 4
"""Differences that a sentence names."""


@dataclass(frozen=True)
class Identity:
    """One machine, as far as it decides verdicts."""

    surroundings: Mapping[str, Any]
    """See `fingerprint.surroundings`."""
    full: str | None
    """Hash of the full data sets; `None` where there are none."""

    @classmethod
    def here(cls, *, sandbox: bool) -> Identity:
        """This machine's."""
        return cls(surroundings(sandbox=sandbox), digest("full") if os.environ.get(DATA_VARIABLE) else None)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Identity:
        """The inverse of `dataclasses.asdict`.

        Raises:
            KeyError, TypeError: it is of no engine that this one knows.
        """
        return cls(dict(data["surroundings"]), data["full"])

    @cached_property
    def kind(self) -> str:
        """The Dask resource that workers like this one offer, so that a scheduler gives tasks to no others."""
        content = json.dumps(self.surroundings, sort_keys=True).encode()
        return f"autograder-{hashlib.sha256(content).hexdigest()[:16]}"

    @property
    def store(self) -> str | None:
        """The same for its full data sets."""
        return f"data-{self.full[:16]}" if self.full else None

    def differences(self, other: Identity) -> list[str]:
        """In what `other` differs, each as "numpy 2.1.0 there, 2.2.0 here"."""
        ours, theirs = (_flat(each.surroundings) for each in (self, other))
        names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
        found = [f"{name} {_word(theirs.get(name))} there, {_word(ours.get(name))} here" for name in names]
        return found if len(found) <= _TOLD else [*found[: _TOLD - 1], f"{len(found) - _TOLD + 1} more"]


def _flat(surroundings: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in surroundings.items() if name != "packages"}, **surroundings["packages"]}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)[:12]
