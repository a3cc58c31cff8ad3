"""A tool as the LTI tests need one: records in memory, keys in a file, and launches that can be spoilt one thing at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from autograder.lti import (
    Begun,
    KeySets,
    Launch,
    PendingLogin,
    Platform,
    Service,
    SetCookie,
    Tool,
    ToolKeys,
    Web,
    accept,
    begin,
)
from autograder.text import Text

from .lti_platform import LtiPlatform

BASE = "https://grade.example.edu"
TOOL = Tool(BASE, Text("Prácticas", "Exercises"), Text("Se corrigen solas.", "They mark themselves."))


class Book(list[Platform]):
    """The registered platforms."""

    def find(self, issuer: str, client_id: str | None) -> Sequence[Platform]:
        return [one for one in self if one.issuer == issuer and client_id in (None, one.client_id)]


class Logins(dict[str, PendingLogin]):
    """Logins under way; one operation of a dict is atomic."""

    def put(self, state: str, login: PendingLogin) -> None:
        self[state] = login

    def take(self, state: str) -> PendingLogin | None:
        return self.pop(state, None)


class Nonces(dict[tuple[str, str], datetime]):
    """Nonces that were used."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()

    def use(self, issuer: str, nonce: str, until: datetime) -> bool:
        with self._guard:
            return self.setdefault((issuer, nonce), until) is until


def record(platform: LtiPlatform, **changes: Any) -> Platform:
    """The platform as its administrator types it in."""
    known = {
        "issuer": platform.url,
        "client_id": "tool-1",
        "auth_login_url": platform.auth_url,
        "auth_token_url": platform.token_url,
        "jwks_url": platform.jwks_url,
    }
    return Platform(**{**known, **changes})


class Desk:
    """A tool that is registered with `platform`, and a browser with its cookie."""

    def __init__(self, platform: LtiPlatform, keys: Path) -> None:
        self.platform = platform
        self.key_file = keys
        platform.add_tool(BASE, jwks=ToolKeys.load(keys).jwks())
        self.web = Web(allow_http=True)
        self.key_sets = KeySets(self.web)
        self.book = Book([record(platform)])
        self.logins = Logins()
        self.nonces = Nonces()

    @property
    def known(self) -> Platform:
        """The platform's record."""
        return self.book[0]

    def service(self) -> Service:
        """A way to call the platform, without any token yet."""
        return Service(self.web, lambda: ToolKeys.load(self.key_file))

    def begin(
        self, parameters: Mapping[str, str], cookie: str | None = None, now: datetime | None = None
    ) -> Begun | SetCookie:
        """The answer to a login."""
        return begin(
            parameters,
            cookie=cookie,
            tool=TOOL,
            platforms=self.book,
            logins=self.logins,
            now=now or datetime.now(UTC),
        )

    def accept(self, form: Mapping[str, str], cookie: str | None, now: datetime | None = None) -> Launch:
        """The answer to a launch."""
        return accept(
            form,
            cookie=cookie,
            tool=TOOL,
            platforms=self.book,
            logins=self.logins,
            nonces=self.nonces,
            key_sets=self.key_sets,
            now=now or datetime.now(UTC),
            allow_http=True,
        )

    def attempt(self, person: str = "ana", deep: bool = False) -> Attempt:
        """A login that began, and the launch that would end it well."""
        parameters = self.platform.login_parameters(person, deep=deep)
        first = self.begin(parameters)
        assert isinstance(first, SetCookie)
        begun = self.begin(dict(parse_qsl(first.query)), first.value)
        assert isinstance(begun, Begun)
        asked = dict(parse_qsl(urlsplit(begun.url).query))
        kid = list(self.platform.keys)[-1]
        claims = self.platform.claims(asked["nonce"], person, deep=deep)
        return Attempt(self, begun.url, asked["state"], first.value, claims, {"kid": kid}, self.platform.keys[kid])


@dataclass
class Attempt:
    """One launch, before it is sent; every part can be changed."""

    desk: Desk
    url: str
    """Where the browser was sent."""
    state: str | None
    cookie: str | None
    claims: dict[str, Any]
    headers: dict[str, Any]
    key: Any
    algorithm: str = "RS256"
    token: str | None = None
    """Instead of what is signed of the others."""
    fields: dict[str, str] = field(default_factory=dict)
    """More fields of the form."""
    later: timedelta = timedelta(0)
    """How much later it arrives."""

    def form(self) -> dict[str, str]:
        """What the browser sends."""
        token = self.token
        if token is None:
            # Not `jwt.encode`, which refuses some of what a forger would send.
            token = jwt.PyJWS().encode(json.dumps(self.claims).encode(), self.key, self.algorithm, self.headers)
        form = {"id_token": token} | ({"state": self.state} if self.state is not None else {})
        return form | self.fields

    def send(self) -> Launch:
        """Let it arrive."""
        return self.desk.accept(self.form(), self.cookie, datetime.now(UTC) + self.later)
