"""Who is behind a request: a random token in a cookie, whose hash is in the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from autograder.serve.settings import Settings
from autograder.serve.tables import BrowserSession, Person

AGE = timedelta(hours=8)


def cookie_name(settings: Settings) -> str:
    """`__Host-` keeps other sites of the same domain from setting it; browsers take that over https only."""
    return "__Host-session" if settings.secure else "session"


def sign_in(session: Session, person: Person, now: datetime, *, return_url: str | None = None) -> str:
    """Begin a session; the token for the cookie. Sessions that have run out are swept."""
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at < now))
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        token_hash=_hash(token), person=person, created_at=now, expires_at=now + AGE, return_url=return_url
    )
    session.add(row)
    return token


def sign_out(session: Session, token: str) -> None:
    """End a session."""
    session.execute(delete(BrowserSession).where(BrowserSession.token_hash == _hash(token)))


def find(session: Session, token: str | None, now: datetime) -> BrowserSession | None:
    """The session of a cookie; `None` when there is none, or it has run out."""
    if not token:
        return None
    query = select(BrowserSession).where(BrowserSession.token_hash == _hash(token), BrowserSession.expires_at > now)
    return session.scalars(query).one_or_none()


def set_cookie(settings: Settings, token: str) -> str:
    """The header that gives a browser its token.

    In an LMS's frame we are a third party: only `SameSite=None` travels there, and only `Partitioned` (kept apart per LMS) survives
    where browsers block third parties' cookies.
    """
    rules = "SameSite=None; Secure; Partitioned" if settings.secure else "SameSite=Lax"
    return f"{cookie_name(settings)}={token}; Path=/; HttpOnly; Max-Age={int(AGE.total_seconds())}; {rules}"


def clear_cookie(settings: Settings) -> str:
    """The header that takes it away."""
    rules = "SameSite=None; Secure; Partitioned" if settings.secure else "SameSite=Lax"
    return f"{cookie_name(settings)}=; Path=/; HttpOnly; Max-Age=0; {rules}"


def csrf_token(secret: bytes, token: str) -> str:
    """What forms of this session carry, so that another site cannot send one in its name."""
    return hmac.new(secret, b"csrf " + token.encode(), hashlib.sha256).hexdigest()


def is_csrf_token(secret: bytes, token: str, given: str) -> bool:
    """Whether `given` is this session's."""
    return hmac.compare_digest(csrf_token(secret, token).encode(), given.encode(errors="replace"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
