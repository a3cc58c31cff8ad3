"""Who may reach what: every address is declared with its access, and this module alone lets anybody through.

To whom a thing is not open, it does not exist: the answer is the one for a wrong address.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from autograder.serve.tables import Activity, Attempt, Membership, Person, Role
from autograder.serve.web import sessions
from autograder.serve.web.rendering import Rendering, preferred
from autograder.serve.web.service import Service
from autograder.text import Language, Text

_log = logging.getLogger("autograder.serve")


class _Id(Convertor[int]):
    """The number of a row, as `{name:id}` in a path; what no database would take leads nowhere."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("id", _Id())
_MAX_FORM = 64 << 10
"""Bytes of a form; notebooks come another way."""
_MAX_FIELDS = 400
_FORM_SECONDS = 30.0
"""For all of a form to arrive."""


class Access(StrEnum):
    """Whom an address is open to."""

    PUBLIC = "public"
    """Anybody, signed in or not."""
    SIGNED_IN = "signed_in"
    MEMBER = "member"
    """Students and teachers of the section of the address's `activity`."""
    TEACHER = "teacher"
    """Teachers of the section of the address's `activity` or `attempt`."""
    OWNER = "owner"
    """Whoever made the address's `attempt`, and teachers of its section."""


class Refusal(Exception):
    """The request is answered by a page that says what is wrong and what to do."""

    def __init__(self, status: int, text: Text, *, retry_after: int | None = None) -> None:
        super().__init__(text.en)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        """Seconds, told as `Retry-After`."""


NOT_FOUND = Text(
    es="Aquí no hay nada que puedas ver. Vuelve al curso en tu plataforma y abre la actividad desde allí.",
    en="There is nothing here that you can see. Go back to the course in your LMS and open the activity from there.",
)
SIGN_IN = Text(
    es="Tu sesión ha terminado o tu navegador no la conserva. Abre la actividad otra vez desde tu plataforma.",
    en="Your session has ended, or your browser does not keep it. Open the activity again from your LMS.",
)
FORGED = Text(
    es="El formulario no viene de esta página o es demasiado antiguo; no se ha cambiado nada. Recarga la página y repite.",
    en="The form does not come from this page or is too old; nothing was changed. Reload the page and do it again.",
)
OUR_FAULT = Text(
    es="Algo ha fallado por nuestra parte; no se ha perdido nada de lo que entregaste. Vuelve a intentarlo en un momento.",
    en="Something failed on our side; nothing that you handed in is lost. Try again in a moment.",
)
TOO_MUCH = Text(
    es="El formulario es demasiado grande; no se ha cambiado nada. Acórtalo y envíalo otra vez.",
    en="The form is too large; nothing was changed. Shorten it and send it again.",
)


@dataclass
class Visit:
    """One request by one person, who has been let through."""

    request: Request
    service: Service
    db: Session
    """One transaction, ended after the answer was made: for `get` it reads only."""
    language: Language
    person: Person | None = None
    role: Role | None = None
    """In the section of `activity`."""
    activity: Activity | None = None
    attempt: Attempt | None = None
    form: FormData = field(default_factory=FormData)
    token: str = ""
    """Of the session, from the cookie."""
    return_url: str | None = None

    @property
    def someone(self) -> Person:
        """The person, where the access says that there is one."""
        assert self.person is not None
        return self.person

    @property
    def here(self) -> Activity:
        """The activity, where the address names one."""
        assert self.activity is not None
        return self.activity

    @property
    def handed_in(self) -> Attempt:
        """The attempt, where the address names one."""
        assert self.attempt is not None
        return self.attempt

    @property
    def csrf(self) -> str:
        """What forms on this page carry as `csrf`."""
        return sessions.csrf_token(self.service.secret, self.token)

    def check_csrf(self, given: str) -> None:
        """Let only forms of this session through.

        Raises:
            Refusal: `given` is not what our page put into the form.
        """
        if not self.token or not sessions.is_csrf_token(self.service.secret, self.token, given):
            raise Refusal(403, FORGED)

    def page(self, name: str, status: int = 200, **values: Any) -> Response:
        """The template `name` for this person."""
        return Rendering(self.service, self.language).page(name, status, visit=self, **values)

    def redirect(self, path: str) -> Response:
        """To another of our pages, after a form was taken."""
        return RedirectResponse(path, status_code=303)


Endpoint = Callable[[Visit], Response]
Stream = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Address:
    """One method of one path, and whom it is open to."""

    method: str
    path: str
    access: Access
    endpoint: Endpoint | Stream
    streams: bool = False
    """Whether the endpoint is a coroutine that reads the body or writes the answer itself; its `Visit.db` is closed by then."""
    guarded: bool = True
    """Whether a form must carry our CSRF token; only what other sites are meant to send is not."""
    token_in_body: bool = False
    """Whether the endpoint reads the token out of a stream, and calls `Visit.check_csrf` itself before it does anything."""

    def route(self) -> Route:
        """For Starlette."""

        async def answer(request: Request) -> Response:
            try:
                return await _answer(self, request)
            except (Refusal, HTTPException):
                raise
            except Exception as error:
                # Here and not around all: so the answer carries the policy too, and the server has nothing to log again.
                _log.error("a page failed", exc_info=error, extra={"path": self.path})
                raise Refusal(500, OUR_FAULT) from error

        return Route(self.path, answer, methods=[self.method])


def get(path: str, access: Access, *, streams: bool = False) -> Callable[[Any], Address]:
    """Declare a page: a function of a `Visit`, run in a thread with a transaction that only reads."""
    return lambda endpoint: Address("GET", path, access, endpoint, streams)


def post(
    path: str, access: Access, *, streams: bool = False, guarded: bool = True, token_in_body: bool = False
) -> Callable[[Any], Address]:
    """Declare what takes a form: a function of a `Visit`, run in a thread with one transaction that is kept if it returns."""
    return lambda endpoint: Address("POST", path, access, endpoint, streams, guarded, token_in_body)


async def _answer(address: Address, request: Request) -> Response:
    service: Service = request.app.state.service
    form = FormData()
    if address.method == "POST":
        _same_origin(address, request, service)
        if not address.streams:
            form = await read_form(request)
    if address.streams:
        visit = await run_in_threadpool(_let_in, address, request, service)
        if not address.token_in_body:
            _check_csrf(address, visit, request.headers.get("x-csrf", ""))
        return await address.endpoint(visit)  # type: ignore[misc]
    return await run_in_threadpool(_run, address, request, service, form)


def _run(address: Address, request: Request, service: Service, form: FormData) -> Response:
    opened = service.database.begin if address.method == "POST" else service.database.read
    with opened() as db:
        visit = _visit(address, request, service, db)
        visit.form = form
        _check_csrf(address, visit, str(form.get("csrf", "")))
        return address.endpoint(visit)  # type: ignore[return-value]


def _let_in(address: Address, request: Request, service: Service) -> Visit:
    with service.database.read() as db:
        return _visit(address, request, service, db)


def _visit(address: Address, request: Request, service: Service, db: Session) -> Visit:
    """Who is there, and whether the address is open to them.

    Raises:
        Refusal: it is not.
    """
    token = request.cookies.get(sessions.cookie_name(service.settings))
    session = sessions.find(db, token, service.clock())
    visit = Visit(request, service, db, preferred(request, service.course.language))
    if session is not None:
        visit.person, visit.token, visit.return_url = session.person, token or "", session.return_url
        request.state.person = session.person.id
        visit.language = preferred(request, service.course.language, session.person)
    if address.access is Access.PUBLIC:
        return visit
    if visit.person is None:
        raise Refusal(401, SIGN_IN)
    _find(visit)
    open_to = {
        Access.SIGNED_IN: True,
        Access.MEMBER: visit.activity is not None and visit.role is not None,
        Access.TEACHER: visit.activity is not None and visit.role is Role.TEACHER,
        Access.OWNER: visit.attempt is not None
        and (visit.role is Role.TEACHER or (visit.role is not None and visit.attempt.person_id == visit.person.id)),
    }
    if not open_to[address.access]:
        raise Refusal(404, NOT_FOUND)
    return visit


def _find(visit: Visit) -> None:
    """What the address names, and what the person is there."""
    names = visit.request.path_params
    if "attempt" in names:
        query = select(Attempt).where(Attempt.token == names["attempt"])
        visit.attempt = visit.db.scalars(query).one_or_none()
        visit.activity = visit.attempt.activity if visit.attempt else None
    elif "activity" in names:
        visit.activity = visit.db.get(Activity, names["activity"])
    if visit.activity is not None:
        membership = visit.db.get(Membership, (visit.activity.section_id, visit.someone.id))
        if membership is not None and membership.active:
            visit.role = Role(membership.role)


async def read_form(request: Request) -> FormData:
    """The fields of a form; never files, and never more than `_MAX_FORM` bytes are read.

    Raises:
        Refusal: it is too large, or no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data", ""):
        raise Refusal(415, FORGED)
    size = 0
    body = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MAX_FORM:
                    raise Refusal(413, TOO_MUCH)
                body += chunk
    except TimeoutError as error:
        raise Refusal(408, FORGED) from error
    # Starlette reads a form from the body that it has been given.
    request._body = bytes(body)
    try:
        form = await request.form(max_files=0, max_fields=_MAX_FIELDS, max_part_size=_MAX_FORM)
        for _, value in form.multi_items():
            str(value).encode()
    except (UnicodeError, LookupError, MultiPartException) as error:
        raise Refusal(400, FORGED) from error
    return form


def _same_origin(address: Address, request: Request, service: Service) -> None:
    origin = request.headers.get("origin")
    if not address.guarded or origin is None:
        return
    parts = urlsplit(service.settings.base_url)
    ours = {f"{parts.scheme}://{parts.netloc}"}
    if service.settings.dev:
        # The same computer has several names.
        ours.add(f"http://{request.headers.get('host', '')}")
    if origin not in ours:
        raise Refusal(403, FORGED)


def _check_csrf(address: Address, visit: Visit, given: str) -> None:
    if address.method == "POST" and address.guarded:
        visit.check_csrf(given)


def routes(addresses: Sequence[Address]) -> list[Route]:
    """For Starlette, in the order given."""
    return [address.route() for address in addresses]
