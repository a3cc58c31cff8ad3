"""Calls to a platform's services, each with an access token for just what it does."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from autograder.lti.addresses import same_origin
from autograder.lti.causes import Cause
from autograder.lti.errors import Rejected, quoted
from autograder.lti.http import Reply, Web
from autograder.lti.keys import ToolKeys
from autograder.lti.platforms import Platform

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 60
"""For which our request for a token is valid."""
_EARLY = 60.0
"""Seconds before its end from which a token is not used any more."""
MAX_PAGES = 500
_MAX_LIFE = 24 * 3600.0
_WHAT = "asking for an access token"


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    until: float


class Service:
    """Calls to platforms. Thread-safe; one per process, since it keeps the tokens.

    Args:
        web: the way out.
        keys: gives the keys to sign with, asked for every new token; `lambda: ToolKeys.load(path)` follows a rotation.
        wall: seconds since 1970, for the claims.
        clock: seconds, never going back, for the age of tokens.
    """

    def __init__(
        self,
        web: Web,
        keys: Callable[[], ToolKeys],
        *,
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.web = web
        self._keys = keys
        self._wall, self._clock = wall, clock
        self._tokens: dict[tuple[str, str, str], _Token] = {}
        self._guard = threading.Lock()

    def get(self, platform: Platform, scope: str, url: str, *, accept: str) -> Reply:
        """Read `url` with the right that `scope` names; whatever its status. Errors as for `Web.get`, and for `token`."""
        return self._with_token(platform, scope, lambda bearer: self.web.get(url, headers={**bearer, "accept": accept}))

    def pages(self, platform: Platform, scope: str, url: str, *, accept: str, what: str) -> Iterator[tuple[Reply, Any]]:
        """The pages of a list from `url` on, each with its JSON, as long as the platform names a next one.

        Raises:
            TryLater: the platform could not be asked, so the list is not whole.
            Rejected: it refuses, goes on after `MAX_PAGES`, comes back to a page, or names one elsewhere (our token goes along).
        """
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            if following in seen or len(seen) == MAX_PAGES or not same_origin(url, following):
                raise Rejected(
                    Cause.SERVICE_ANSWER,
                    f"{what}: the page after {len(seen)} is {quoted(following)}: a repetition, one too many, or elsewhere.",
                )
            seen.add(following)
            reply = self.get(platform, scope, following, accept=accept).expected(what)
            yield reply, reply.json(what)
            following = reply.next_url

    def post(self, platform: Platform, scope: str, url: str, content: bytes, *, kind: str, accept: str = "") -> Reply:
        """Send `content` of the media type `kind` to `url`; whatever the status of the reply. Errors as for `get`."""
        headers = {"content-type": kind, "accept": accept or kind}
        return self._with_token(
            platform, scope, lambda bearer: self.web.post(url, content, headers={**bearer, **headers})
        )

    def token(self, platform: Platform, scope: str) -> str:
        """An access token of the platform for `scope`, several of them with spaces between; kept until shortly before its end.

        Raises:
            TryLater: the platform could not be asked.
            Rejected: it gives none, or one that does not cover the scope.
        """
        key = (platform.issuer, platform.client_id, scope)
        with self._guard:
            known = self._tokens.get(key)
        if known is not None and self._clock() < known.until:
            return known.value
        asked = self._clock()
        fresh = self._ask(platform, scope, asked)
        with self._guard:
            self._tokens[key] = fresh
        return fresh.value

    def _with_token(self, platform: Platform, scope: str, call: Callable[[Mapping[str, str]], Reply]) -> Reply:
        reply = call({"authorization": f"Bearer {self.token(platform, scope)}"})
        if reply.status == 401:
            # The platform forgot its tokens, as after a restart; a new one tells that from a lack of rights.
            with self._guard:
                self._tokens.pop((platform.issuer, platform.client_id, scope), None)
            reply = call({"authorization": f"Bearer {self.token(platform, scope)}"})
        return reply

    def _ask(self, platform: Platform, scope: str, asked: float) -> _Token:
        moment = int(self._wall())
        assertion = self._keys().sign(
            {
                "iss": platform.client_id,
                "sub": platform.client_id,
                "aud": platform.audience,
                "iat": moment,
                "exp": moment + _SECONDS,
                "jti": secrets.token_urlsafe(24),
            }
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
            "scope": scope,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = self.web.post(platform.auth_token_url, urlencode(form).encode(), headers=headers)
        return self._read(reply.expected(_WHAT).json(_WHAT), platform, scope, asked)

    def _read(self, content: Any, platform: Platform, scope: str, asked: float) -> _Token:
        def wrong(why: str) -> Rejected:
            return Rejected(Cause.SERVICE_ANSWER, f"{_WHAT}: {quoted(platform.auth_token_url)} {why}.")

        if not isinstance(content, dict):
            raise wrong("answered no object")
        value, life, granted = content.get("access_token"), content.get("expires_in", 3600), content.get("scope")
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
            raise wrong("answered no access token")
        if str(content.get("token_type", "bearer")).lower() != "bearer":
            raise wrong("answered a token that is no bearer token")
        if isinstance(granted, str) and granted and set(scope.split()) - set(granted.split()):
            lacking = " ".join(sorted(set(scope.split()) - set(granted.split())))
            raise Rejected(
                Cause.SERVICE_REFUSED, f"{_WHAT}: {quoted(platform.issuer)} does not grant {quoted(lacking)}."
            )
        try:
            seconds = min(float(life), _MAX_LIFE)
        except (TypeError, ValueError, OverflowError) as error:
            raise wrong("answered a token without a sensible age") from error
        return _Token(value, asked + max(seconds - _EARLY, 0.0))
