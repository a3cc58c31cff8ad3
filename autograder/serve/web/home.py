"""The first page, and what is the same for everybody: language, signing out."""

from __future__ import annotations

from sqlalchemy import Select, select
from starlette.responses import Response

from autograder.serve.tables import Activity, Membership
from autograder.serve.web import sessions
from autograder.serve.web.routes import Access, Visit, get, post
from autograder.text import LANGUAGES


@get("/", Access.PUBLIC)
def home(visit: Visit) -> Response:
    """The sections of whoever is signed in, with their activities."""
    if visit.person is None:
        return visit.redirect("/dev") if visit.service.settings.dev else visit.page("welcome")
    mine = select(Membership).where(Membership.person_id == visit.person.id, Membership.active)
    sections = [
        (each.section, each.role, visit.db.scalars(_activities(each.section_id)).all())
        for each in visit.db.scalars(mine)
    ]
    return visit.page("home", sections=sections)


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


def _activities(section_id: int) -> Select[Activity]:
    return select(Activity).where(Activity.section_id == section_id).order_by(Activity.name, Activity.kind, Activity.id)


def _local(path: str) -> str:
    """`path` if it is one of ours; nobody is sent elsewhere by a form."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


ADDRESSES = (home, language, sign_out)
