"""The first half of a launch: the platform asks us to begin, and the browser is sent there to be recognised.

A browser carries one random cookie; with every login the hash of it is kept under a `state` that is used once. So a launch
is accepted only in the browser that began it, which is what keeps others from logging somebody in under a name of theirs.

Platforms show tools in a frame, where some browsers keep no cookies of another site. Whether they do is found out before the
browser is sent on (`SetCookie`), because the hint that a platform sends along may work only once (Moodle's does). Where
they do not, the page offers the same login in a window of its own, where the cookie is kept.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from autograder.lti.addresses import below
from autograder.lti.causes import Cause
from autograder.lti.errors import LoginRefused, quoted
from autograder.lti.platforms import Platform, PlatformBook, Tool

BROWSER_COOKIE = "__Host-lti-browser"
"""Name of the cookie; set it with `Secure; HttpOnly; SameSite=None; Partitioned; Path=/` and this age."""
BROWSER_COOKIE_AGE = 24 * 3600
"""Seconds."""
LOGIN_SECONDS = 600
"""For which a login begun may end in a launch: time to type a password at the platform."""
_CHECK = "cookie_check"
_MAX_PARAMETER = 4096
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_REQUIRED = ("iss", "login_hint", "target_link_uri")
_KNOWN = (*_REQUIRED, "client_id", "lti_message_hint", "lti_deployment_id", "lti_storage_target")


@dataclass(frozen=True)
class PendingLogin:
    """What is kept, under its `state`, of a login that began."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    """Must stand in the launch."""
    browser_sha256: str = field(repr=False)
    """Of the cookie's value, in hex; the value itself is known to the browser alone."""
    again: str
    """The query with which the same login can be begun anew."""
    expires: datetime
    """With its time zone; the launch must come before."""


class LoginStore(Protocol):
    """Logins under way, kept by the caller where all its processes see them."""

    def put(self, state: str, login: PendingLogin) -> None:
        """Keep `login` until it expires, at least."""
        ...

    def take(self, state: str) -> PendingLogin | None:
        """Remove the login of this `state` and return it; `None` where there is none.

        Atomic: of any number of callers at once, in whatever process, one gets it.
        """
        ...


@dataclass(frozen=True)
class Begun:
    """Redirect the browser to the platform (302)."""

    url: str


@dataclass(frozen=True)
class SetCookie:
    """Set the cookie `BROWSER_COOKIE`, and redirect to our own login address with this query (303)."""

    value: str = field(repr=False)
    query: str


def begin(
    parameters: Mapping[str, str],
    *,
    cookie: str | None,
    tool: Tool,
    platforms: PlatformBook,
    logins: LoginStore,
    now: datetime,
) -> Begun | SetCookie:
    """Answer a platform that wants to begin a login, by GET or POST.

    Args:
        parameters: of the query or the form.
        cookie: what the browser sent as `BROWSER_COOKIE`.
        now: with its time zone.

    Raises:
        LoginRefused: something is missing, nobody we know asks, or the browser keeps no cookies.
    """
    _check(parameters)
    platform = _platform(parameters, platforms)
    target = parameters["target_link_uri"]
    if not below(target, tool.base_url):
        raise LoginRefused(
            Cause.TARGET_ELSEWHERE, f"The login wants to reach {quoted(target)}, which is not below {tool.base_url}."
        )
    again = urlencode({name: parameters[name] for name in _KNOWN if name in parameters})
    if cookie is None or not _COOKIE.fullmatch(cookie):
        if _CHECK in parameters:
            raise LoginRefused(
                Cause.COOKIES_BLOCKED,
                f"The browser did not keep the cookie for a login from {quoted(platform.issuer)}.",
                again,
            )
        return SetCookie(secrets.token_urlsafe(32), f"{again}&{_CHECK}=1")
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    logins.put(
        state,
        PendingLogin(
            issuer=platform.issuer,
            client_id=platform.client_id,
            nonce=nonce,
            browser_sha256=browser_hash(cookie),
            again=again,
            expires=now + timedelta(seconds=LOGIN_SECONDS),
        ),
    )
    return Begun(_authentication_url(platform, parameters, tool, state, nonce))


def browser_hash(cookie: str) -> str:
    """What is kept of the browser's cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def _check(parameters: Mapping[str, str]) -> None:
    missing = [name for name in _REQUIRED if not parameters.get(name)]
    if missing:
        raise LoginRefused(Cause.LOGIN_PARAMETERS, f"A login came without {', '.join(missing)}.")
    for name in _KNOWN:
        if len(parameters.get(name, "")) > _MAX_PARAMETER:
            raise LoginRefused(
                Cause.LOGIN_PARAMETERS, f"The parameter {name} of a login has over {_MAX_PARAMETER} characters."
            )


def _platform(parameters: Mapping[str, str], platforms: PlatformBook) -> Platform:
    issuer, client_id = parameters["iss"], parameters.get("client_id") or None
    found = platforms.find(issuer, client_id)
    who = f"{quoted(issuer)} with the client {quoted(client_id)}"
    if not found:
        raise LoginRefused(Cause.PLATFORM_UNKNOWN, f"A login came from {who}, which is not registered.")
    if len(found) > 1:
        raise LoginRefused(Cause.PLATFORM_AMBIGUOUS, f"A login came from {who}, which {len(found)} registrations fit.")
    return found[0]


def _authentication_url(platform: Platform, parameters: Mapping[str, str], tool: Tool, state: str, nonce: str) -> str:
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": tool.launch_url,
        "login_hint": parameters["login_hint"],
        "state": state,
        "nonce": nonce,
    }
    if parameters.get("lti_message_hint"):
        asked["lti_message_hint"] = parameters["lti_message_hint"]
    parts = urlsplit(platform.auth_login_url)
    query = f"{parts.query}&{urlencode(asked)}" if parts.query else urlencode(asked)
    return urlunsplit(parts._replace(query=query, fragment=""))
