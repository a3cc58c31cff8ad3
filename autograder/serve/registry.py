"""The LMSs that are registered, and what is kept between the two halves of a login: LTI's small stores, in the database."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from autograder import lti
from autograder.serve.database import Database
from autograder.serve.tables import Attempt, Deployment, Invitation, Login, Nonce, Person, Platform

INVITATION_AGE = timedelta(days=7)


@dataclass(frozen=True)
class Listed:
    """A registered platform, and how much came from it."""

    platform: Platform
    deployments: Sequence[str]
    people: int
    attempts: int


class Platforms:
    """`lti.PlatformBook` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, issuer: str, client_id: str | None) -> Sequence[lti.Platform]:
        """The registrations with exactly this issuer and client; all of the issuer's where `client_id` is `None`."""
        query = select(Platform).where(Platform.issuer == issuer)
        if client_id is not None:
            query = query.where(Platform.client_id == client_id)
        with self._database.read() as session:
            return [as_record(row) for row in session.scalars(query)]


class Logins:
    """`lti.LoginStore` on the database; of a state only its hash is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, state: str, login: lti.PendingLogin) -> None:
        """Keep `login` until it expires."""
        content = json.dumps(asdict(login) | {"expires": login.expires.isoformat()})
        with self._database.begin() as session:
            session.execute(delete(Login).where(Login.expires_at < login.expires - timedelta(days=1)))
            session.add(Login(state_hash=_hash(state), content=content, expires_at=login.expires))

    def take(self, state: str) -> lti.PendingLogin | None:
        """Remove the login of this `state` and return it; of several takers at once one gets it."""
        query = delete(Login).where(Login.state_hash == _hash(state)).returning(Login.content)
        with self._database.begin() as session:
            content = session.execute(query).scalar_one_or_none()
        if content is None:
            return None
        found = json.loads(content)
        return lti.PendingLogin(**found | {"expires": datetime.fromisoformat(found["expires"])})


class Nonces:
    """`lti.NonceStore` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, issuer: str, nonce: str, until: datetime) -> bool:
        """Note the nonce of an issuer, and say whether this was the first time."""
        try:
            with self._database.begin() as session:
                session.execute(delete(Nonce).where(Nonce.expires_at < until - timedelta(days=1)))
                session.add(Nonce(nonce_hash=_hash(f"{issuer}\n{nonce}"), expires_at=until))
        except IntegrityError:
            return False
        return True


def as_record(row: Platform) -> lti.Platform:
    """A registered platform as the protocol's functions want it."""
    return lti.Platform(
        issuer=row.issuer,
        client_id=row.client_id,
        auth_login_url=row.auth_login_url,
        auth_token_url=row.auth_token_url,
        jwks_url=row.jwks_url,
        token_audience=row.token_audience or "",
        name=row.name,
        product=row.product,
    )


def row_of(session: Session, platform: lti.Platform) -> Platform:
    """The row of a registered platform."""
    query = select(Platform).where(Platform.issuer == platform.issuer, Platform.client_id == platform.client_id)
    return session.scalars(query).one()


def add(session: Session, platform: lti.Platform, now: datetime) -> Platform:
    """Register a platform; a registration with the same issuer and client is brought up to date."""
    query = select(Platform).where(Platform.issuer == platform.issuer, Platform.client_id == platform.client_id)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        row = Platform(issuer=platform.issuer, client_id=platform.client_id, added_at=now)
        session.add(row)
    row.auth_login_url, row.auth_token_url = platform.auth_login_url, platform.auth_token_url
    row.jwks_url, row.token_audience = platform.jwks_url, platform.token_audience or None
    row.name, row.product = platform.name, platform.product
    session.flush()
    return row


def listing(session: Session) -> list[Listed]:
    """All registered platforms in the order of their numbers."""
    people = select(Person.platform_id, func.count()).group_by(Person.platform_id)
    attempts = select(Person.platform_id, func.count()).join(Attempt, Attempt.person_id == Person.id)
    counts = [
        {row[0]: row[1] for row in session.execute(query)} for query in (people, attempts.group_by(Person.platform_id))
    ]
    deployed: dict[int, list[str]] = {}
    for each in session.scalars(select(Deployment).order_by(Deployment.first_seen_at, Deployment.deployment_id)):
        deployed.setdefault(each.platform_id, []).append(each.deployment_id)
    return [
        Listed(row, deployed.get(row.id, ()), counts[0].get(row.id, 0), counts[1].get(row.id, 0))
        for row in session.scalars(select(Platform).order_by(Platform.id))
    ]


def note_deployment(session: Session, row: Platform, deployment_id: str, now: datetime) -> None:
    """Keep a deployment at its first launch, so that an administrator can see them all."""
    if deployment_id and session.get(Deployment, (row.id, deployment_id)) is None:
        session.add(Deployment(platform_id=row.id, deployment_id=deployment_id, first_seen_at=now))


def invite(session: Session, now: datetime) -> str:
    """A secret with which one platform may register itself, once, within a week."""
    token = secrets.token_urlsafe(24)
    session.add(Invitation(token_hash=_hash(token), expires_at=now + INVITATION_AGE))
    return token


def is_invited(session: Session, token: str, now: datetime) -> bool:
    """Whether an invitation is good; it stays good."""
    query = select(Invitation.token_hash).where(*_good(token, now))
    return session.execute(query).first() is not None


def use_invitation(session: Session, token: str, now: datetime) -> bool:
    """Use an invitation up; whether it was still good. Of two that come at once, one is let in."""
    used = session.execute(update(Invitation).where(*_good(token, now)).values(used_at=now))
    return used.rowcount == 1  # type: ignore[attr-defined]


def _good(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.token_hash == _hash(token), Invitation.used_at.is_(None), Invitation.expires_at > now


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
