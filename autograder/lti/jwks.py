"""The public keys of platforms, kept for a while, and fetched again when a launch names one that is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.lti.causes import Cause
from autograder.lti.errors import LaunchRefused, ServiceError, TryLater, quoted
from autograder.lti.http import Web

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_MAX_KEYS = 100
_RETRY = 5.0
"""Seconds until a platform that did not answer is asked again."""
_MIN_BITS, _MAX_BITS = 2048, 8192


@dataclass(frozen=True)
class _KeySet:
    keys: dict[str, dict[str, Any]]
    fetched: float


class KeySets:
    """The key sets of all platforms. Thread-safe; of launches that come at once, one fetches and the others wait.

    Args:
        web: the way out.
        fresh: seconds for which a key set is used without asking again; what the platform withdraws is gone by then.
        stale: seconds for which it is still used while the platform does not answer.
        pause: seconds between two fetches of the same set, so that a flood of forged launches costs the platform nothing.
        clock: seconds, never going back.
    """

    def __init__(
        self,
        web: Web,
        *,
        fresh: float = 3600.0,
        stale: float = 24 * 3600.0,
        pause: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._fresh, self._stale, self._pause = fresh, stale, pause
        self._clock = clock
        self._sets: dict[str, _KeySet] = {}
        self._next: dict[str, float] = {}
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def key(self, url: str, kid: str) -> RSAPublicKey:
        """The RSA key that the key set at `url` has under the name `kid`.

        Raises:
            LaunchRefused: there is none, also after another look, or it is no RSA key of 2048 bits or more for signatures.
            TryLater: no key set is at hand, and it could not be fetched.
        """
        with self._guard:
            lock = self._locks.setdefault(url, threading.Lock())
        with lock:
            known = self._current(url, kid)
        if kid not in known.keys:
            raise LaunchRefused(Cause.KEY_UNKNOWN, f"The key {quoted(kid)} is not among those at {quoted(url)}.")
        return _public_key(known.keys[kid], kid)

    def _current(self, url: str, kid: str) -> _KeySet:
        known, now = self._sets.get(url), self._clock()
        if known is not None and kid in known.keys and now - known.fetched < self._fresh:
            return known
        if now >= self._next.get(url, now):
            self._next[url] = now + self._pause
            try:
                known = self._sets[url] = _KeySet(self._fetch(url), now)
            except ServiceError as error:
                self._next[url] = now + min(self._pause, _RETRY)
                if known is None or now - known.fetched >= self._stale:
                    # Neither the student nor the message is at fault, so this is not a refusal.
                    raise TryLater(f"The platform's keys could not be fetched: {error}") from error
        if known is None or now - known.fetched >= self._stale:
            raise TryLater(f"The platform's keys at {quoted(url)} could not be fetched a moment ago.", _RETRY)
        return known

    def _fetch(self, url: str) -> dict[str, dict[str, Any]]:
        what = "fetching keys"
        content = self._web.get(url).expected(what).json(what)
        found = content.get("keys") if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise TryLater(f"{quoted(url)} answered no key set.")
        keys = [key for key in found[:_MAX_KEYS] if isinstance(key, dict) and isinstance(key.get("kid"), str)]
        return {key["kid"]: key for key in keys}


def _public_key(jwk: dict[str, Any], kid: str) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt.algorithms import RSAAlgorithm
    from jwt.exceptions import PyJWTError

    def unfit(why: str) -> LaunchRefused:
        return LaunchRefused(Cause.KEY_UNFIT, f"The platform's key {quoted(kid)} cannot be used: {why}.")

    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        raise unfit("it is not for RS256 signatures")
    size = len(jwk["n"]) * 6 if isinstance(jwk.get("n"), str) else 0
    if size > _MAX_BITS + 16:
        raise unfit(f"it has more than {_MAX_BITS} bits")
    try:
        # Only the public members, so that a platform that publishes its private ones is no special case.
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise unfit("it is damaged") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _MIN_BITS:
        raise unfit(f"it has fewer than {_MIN_BITS} bits")
    return key
