"""The first page, and what is the same for everybody: language, signing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from starlette.responses import Response

from autograder.serve import attempts
from autograder.serve.standing import Mark, due_at
from autograder.serve.tables import Activity, Membership, Role
from autograder.serve.web import sessions
from autograder.serve.web.routes import Access, Visit, get, post
from autograder.text import LANGUAGES


@get("/", Access.PUBLIC)
def home(visit: Visit) -> Response:
    """The sections of whoever is signed in, with their activities; beside those of a student, date and mark."""
    if visit.person is None:
        return visit.redirect("/dev") if visit.service.settings.dev else visit.page("welcome")
    mine = select(Membership).where(Membership.person_id == visit.person.id, Membership.active)
    sections = [
        (each.section, each.role, visit.db.scalars(_activities(each.section_id)).all())
        for each in visit.db.scalars(mine)
    ]
    own: dict[int, _Mine] = {}
    for _, role, activities in sections:
        if role == Role.STUDENT:
            own |= _mine(visit, activities)
    return visit.page("home", sections=sections, mine=own)


@post("/language", Access.SIGNED_IN)
def language(visit: Visit) -> Response:
    """Keep the language that somebody chose, for all their visits."""
    wanted = visit.form.get("language")
    if wanted in LANGUAGES:
        visit.someone.language = str(wanted)
    return visit.redirect(_local(str(visit.form.get("next", "/"))))


@post("/sign-out", Access.SIGNED_IN)
def sign_out(visit: Visit) -> Response:
    """End the session."""
    sessions.sign_out(visit.db, visit.token)
    response = visit.redirect("/")
    response.headers.append("Set-Cookie", sessions.clear_cookie(visit.service.settings))
    return response


@dataclass(frozen=True)
class _Mine:
    """What one activity is to a student."""

    due: datetime | None
    mark: Mark | None
    waiting: int


def _mine(visit: Visit, activities: Sequence[Activity]) -> dict[int, _Mine]:
    person = visit.someone.id
    extensions = attempts.extensions_of(visit.db, activities, person)
    standings = attempts.standings_of(visit.db, activities, person)
    return {
        each.id: _Mine(due_at(each, extensions.get(each.id)), standings[each.id].mark, standings[each.id].waiting)
        for each in activities
    }


def _activities(section_id: int) -> Select[Activity]:
    return select(Activity).where(Activity.section_id == section_id).order_by(Activity.name, Activity.kind, Activity.id)


def _local(path: str) -> str:
    """`path` if it is one of ours; nobody is sent elsewhere by a form."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


ADDRESSES = (home, language, sign_out)
