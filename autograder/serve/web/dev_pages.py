"""`serve --dev`: signing in as anybody of a made-up class, in place of an LMS."""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import Response

from autograder.serve.tables import Membership, Person
from autograder.serve.web import sessions
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, get, post


@get("/dev", Access.PUBLIC)
def people(visit: Visit) -> Response:
    """Who there is to be."""
    query = select(Membership).join(Person).where(Person.platform_id.is_(None)).order_by(Person.id)
    return visit.page("dev", members=visit.db.scalars(query).all())


@post("/dev", Access.PUBLIC, guarded=False)
def enter(visit: Visit) -> Response:
    """Be that person. Another site could do this to a browser, and would have signed it in to a made-up class."""
    number = str(visit.form.get("person", ""))
    person = visit.db.get(Person, int(number)) if number.isdecimal() else None
    if person is None or person.platform_id is not None:
        raise Refusal(404, NOT_FOUND)
    token = sessions.sign_in(visit.db, person, visit.service.clock())
    response = visit.redirect("/")
    response.headers.append("Set-Cookie", sessions.set_cookie(visit.service.settings, token))
    return response


ADDRESSES = (people, enter)
