"""The members of a course, read from the platform page by page (Names and Role Provisioning Services 2.0)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.lti.causes import Cause
from autograder.lti.errors import Rejected, quoted
from autograder.lti.platforms import Platform
from autograder.lti.roles import Role, read_role
from autograder.lti.tokens import Service

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MAX_MEMBERS = 20_000
_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_WHAT = "reading the roster"
_MAX_TEXT = 1000


@dataclass(frozen=True)
class Member:
    """One person of a course. Strings are empty where the platform says nothing."""

    subject: str
    """The same as in this person's launches."""
    name: str
    email: str
    role: Role
    active: bool
    """False for who was suspended or has left."""


@dataclass(frozen=True)
class Roster:
    """A course and its members, in the platform's order."""

    context_id: str
    context_title: str
    members: tuple[Member, ...] = field(repr=False)


def read_roster(service: Service, platform: Platform, url: str) -> Roster:
    """All members of the course whose membership address is `url`.

    Raises:
        TryLater: the platform could not be asked; nothing is known then, also if some pages came.
        Rejected: it refuses, answers something else, or never comes to an end, of its pages or at `MAX_MEMBERS` members.
    """
    members: dict[str, Member] = {}
    context: dict[str, Any] = {}
    for reply, content in service.pages(platform, SCOPE, url, accept=_TYPE, what=_WHAT):
        if not isinstance(content, dict) or not isinstance(content.get("members"), list):
            raise _wrong(reply.url, "answered no list of members")
        context = context or (content["context"] if isinstance(content.get("context"), dict) else {})
        for entry in content["members"]:
            member = _member(entry, reply.url)
            members[member.subject] = member
        if len(members) > MAX_MEMBERS:
            raise _wrong(reply.url, f"has more than {MAX_MEMBERS} members")
    return Roster(_text(context, "id"), _text(context, "title"), tuple(members.values()))


def _member(entry: Any, url: str) -> Member:
    subject = entry.get("user_id") if isinstance(entry, dict) else None
    if not isinstance(subject, str) or not subject or len(subject) > _MAX_TEXT:
        raise _wrong(url, f"has a member without an id: {quoted(entry)}")
    roles = entry.get("roles")
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    parts = (_text(entry, "given_name"), _text(entry, "family_name"))
    return Member(
        subject=subject,
        name=_text(entry, "name") or " ".join(part for part in parts if part),
        email=_text(entry, "email"),
        role=read_role(named),
        # Active unless said otherwise, in whatever case; `status` may be left out.
        active=entry.get("status") is None or str(entry["status"]).lower() == "active",
    )


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _wrong(url: str, why: str) -> Rejected:
    return Rejected(Cause.SERVICE_ANSWER, f"{_WHAT}: {quoted(url)} {why}.")
