"""Where an LMS meets us: logins, launches, choosing content, registration. The protocol itself is `autograder.lti`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import jwt
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from autograder import lti
from autograder.serve import launches, registry
from autograder.serve.attempts import audit
from autograder.serve.tables import Kind, Platform, Section
from autograder.serve.web import sessions
from autograder.serve.web.limits import ARRIVALS, REGISTRATIONS
from autograder.serve.web.policy import POLICY, origin_of
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, get, post, read_form
from autograder.serve.web.teacher_words import TEACHER
from autograder.text import Text

_log = logging.getLogger("autograder.serve.lti")
_CHOICE_SECONDS = 3600
_TOO_LATE = Text(
    es="La elección tardó demasiado o no es tuya. Abre otra vez «Seleccionar contenido» en tu curso.",
    en="The choice took too long, or is not yours. Open “Select content” in your course again.",
)
_NOT_INVITED = Text(
    es="Esta dirección de registro ya se usó, ha caducado o está incompleta. Pide una nueva a quien lleva el servicio "
    "(autograder platforms invite).",
    en="This registration address was used, has expired or is incomplete. Ask whoever runs the service for a new one "
    "(autograder platforms invite).",
)


@get(lti.LOGIN, Access.PUBLIC, streams=True)
async def login(visit: Visit) -> Response:
    """Somebody comes from an LMS; they are sent back there to say who they are."""
    return await _begin(visit, dict(visit.request.query_params))


@post(lti.LOGIN, Access.PUBLIC, streams=True, guarded=False)
async def login_by_form(visit: Visit) -> Response:
    """The same, as most platforms send it."""
    return await _begin(visit, await _fields(visit))


@post(lti.LAUNCH, Access.PUBLIC, streams=True, guarded=False)
async def launch(visit: Visit) -> Response:
    """Somebody arrives, with the LMS's word for who they are."""
    visit.request.app.state.limits.spend_from(visit.request, ARRIVALS, "launch")
    form = await _fields(visit)
    return await run_in_threadpool(_launch, visit, form)


@get(lti.JWKS, Access.PUBLIC)
def keys(visit: Visit) -> Response:
    """The keys by which an LMS knows that a message is ours."""
    return JSONResponse(visit.service.tool_keys().jwks(), headers={"Cache-Control": "public, max-age=300"})


@post("/lti/choose", Access.SIGNED_IN)
def choose(visit: Visit) -> Response:
    """The content that a teacher has chosen goes to the LMS."""
    asked = _asked(visit)
    language = visit.language
    items = []
    for value in visit.form.getlist("choice"):
        kind, _, name = str(value).partition(":")
        if (kind, name) not in {(each, known) for each, known, _ in _offers(visit)}:
            raise Refusal(404, NOT_FOUND)
        title = visit.service.assignment_title(name, language, quiz=kind == Kind.QUIZ)
        points = visit.service.points(kind, name)
        column = lti.Column(points, resource_id=f"{kind}-{name}") if points else None
        items.append(lti.Item(title=title, url=visit.service.tool.launch_url, custom={kind: name}, column=column))
    try:
        answer = lti.respond(asked, items, keys=visit.service.tool_keys(), now=visit.service.clock())
    except lti.LaunchRefused as error:
        raise Refusal(400, error.text) from error
    response = visit.page("chosen", url=answer.url, jwt=answer.jwt)
    origin = origin_of(answer.url)
    ancestors = " ".join(["'self'", *sorted({origin_of(asked.platform.issuer), origin})])
    policy = POLICY.replace("{ancestors}", ancestors).replace("form-action 'self'", f"form-action {origin}")
    response.headers["Content-Security-Policy"] = policy
    return response


@get("/lti/register", Access.PUBLIC, streams=True)
async def register(visit: Visit) -> Response:
    """An LMS whose administrator was invited registers itself (dynamic registration)."""
    visit.request.app.state.limits.spend_from(visit.request, REGISTRATIONS, "registration")
    return await run_in_threadpool(_register, visit, dict(visit.request.query_params))


@post("/activities/{activity:id}/roster", Access.TEACHER, streams=True, token_in_body=True)
async def roster(visit: Visit) -> Response:
    """Bring the class to what the LMS says."""
    visit.check_csrf((await _fields(visit)).get("csrf", ""))
    return await run_in_threadpool(_roster, visit)


async def _begin(visit: Visit, parameters: Mapping[str, str]) -> Response:
    visit.request.app.state.limits.spend_from(visit.request, ARRIVALS, "login")
    service = visit.service
    try:
        begun = await run_in_threadpool(
            lti.begin,
            parameters,
            cookie=visit.request.cookies.get(lti.BROWSER_COOKIE),
            tool=service.tool,
            platforms=registry.Platforms(service.database),
            logins=registry.Logins(service.database),
            now=service.clock(),
        )
    except lti.LtiError as error:
        return _refused(visit, error)
    if isinstance(begun, lti.Begun):
        return RedirectResponse(begun.url, 302)
    response = RedirectResponse(f"{lti.LOGIN}?{begun.query}", 303)
    rules = f"Path=/; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age={lti.BROWSER_COOKIE_AGE}"
    response.headers.append("Set-Cookie", f"{lti.BROWSER_COOKIE}={begun.value}; {rules}")
    return response


def _launch(visit: Visit, form: Mapping[str, str]) -> Response:
    service = visit.service
    try:
        found = lti.accept(
            form,
            cookie=visit.request.cookies.get(lti.BROWSER_COOKIE),
            tool=service.tool,
            platforms=registry.Platforms(service.database),
            logins=registry.Logins(service.database),
            nonces=registry.Nonces(service.database),
            key_sets=service.key_sets,
            now=service.clock(),
            allow_http=service.web.allow_http,
        )
    except lti.LtiError as error:
        return _refused(visit, error)
    try:
        if found.message is lti.Message.DEEP_LINKING:
            return _offer(visit, found)
        with service.database.begin() as db:
            person, activity = launches.arrive(db, found, service.course, service.banks, service.clock())
            token = sessions.sign_in(db, person, service.clock(), return_url=found.return_url or None)
            path = f"/activities/{activity.id}"
    except launches.NoRole as error:
        _log.warning("a launch was refused", extra={"cause": "no-role", "issuer": found.platform.issuer})
        raise Refusal(403, launches.NO_ROLE) from error
    _log.info("a launch was accepted", extra={"issuer": found.platform.issuer, "role": found.role})
    response = visit.redirect(path)
    response.headers.append("Set-Cookie", sessions.set_cookie(service.settings, token))
    return response


def _offer(visit: Visit, found: lti.Launch) -> Response:
    """The page on which a teacher chooses. What the LMS asked for travels with it, signed."""
    service, settings = visit.service, found.deep_linking
    assert settings is not None
    with service.database.begin() as db:
        person = launches.come_in(db, found, service.clock())
        row = registry.row_of(db, found.platform)
        token = sessions.sign_in(db, person, service.clock(), return_url=found.return_url or None)
        asked = {
            "person": person.id,
            "platform": row.id,
            "deployment": found.deployment_id,
            "return_url": settings.return_url,
            "multiple": settings.accept_multiple,
            "column": settings.accept_line_item,
            "data": settings.data,
            "exp": service.clock().timestamp() + _CHOICE_SECONDS,
        }
        visit.db, visit.person, visit.token = db, person, token
        response = visit.page(
            "choose",
            asked=jwt.encode(asked, service.secret, "HS256"),
            multiple=settings.accept_multiple,
            offers=_offers(visit),
        )
    response.headers.append("Set-Cookie", sessions.set_cookie(service.settings, token))
    return response


def _asked(visit: Visit) -> lti.Launch:
    """What the LMS asked for, from the form."""
    try:
        asked = jwt.decode(
            str(visit.form.get("asked", "")),
            visit.service.secret,
            ["HS256"],
            options={"require": ["exp"], "verify_exp": False},
        )
    except jwt.InvalidTokenError as error:
        raise Refusal(403, _TOO_LATE) from error
    row = visit.db.get(Platform, asked["platform"])
    if asked["person"] != visit.someone.id or asked["exp"] < visit.service.clock().timestamp() or row is None:
        raise Refusal(403, _TOO_LATE)
    settings = lti.DeepLinkingSettings(
        return_url=asked["return_url"],
        accept_multiple=asked["multiple"],
        accept_line_item=asked["column"],
        data=asked["data"],
    )
    return lti.Launch(
        platform=registry.as_record(row),
        deployment_id=asked["deployment"],
        subject=visit.someone.subject,
        name=visit.someone.name,
        email="",
        locale="",
        role=lti.Role.TEACHER,
        roles=(),
        message=lti.Message.DEEP_LINKING,
        target=visit.service.tool.launch_url,
        context=lti.Context(),
        link=None,
        custom={},
        grades=None,
        roster=None,
        deep_linking=settings,
        return_url="",
        document_target="",
    )


def _register(visit: Visit, parameters: Mapping[str, str]) -> Response:
    service = visit.service
    invitation = parameters.get("invite", "")
    with service.database.read() as db:
        if not registry.is_invited(db, invitation, service.clock()):
            _log.warning("a registration was refused", extra={"cause": "not-invited"})
            raise Refusal(403, _NOT_INVITED)
    frame = origin_of(parameters.get("openid_configuration", ""))
    try:
        found = lti.register(parameters, tool=service.tool, web=service.web)
    except lti.LtiError as error:
        response = _refused(visit, error)
    else:
        response = _keep(visit, found, invitation)
    # The page stands in a frame of an LMS that was not known a moment ago.
    if frame:
        response.headers["Content-Security-Policy"] = POLICY.replace("{ancestors}", f"'self' {frame}")
    return response


def _keep(visit: Visit, found: lti.Registered, invitation: str) -> Response:
    now = visit.service.clock()
    with visit.service.database.begin() as db:
        # Two at once with one invitation: the second is turned away here.
        if not registry.use_invitation(db, invitation, now):
            raise Refusal(403, _NOT_INVITED)
        row = registry.add(db, found.platform, now)
        registry.note_deployment(db, row, found.deployment_id, now)
    _log.info("a platform was registered", extra={"issuer": found.platform.issuer, "client": found.platform.client_id})
    return visit.page("registered", platform=found.platform)


def _roster(visit: Visit) -> Response:
    service, section_id = visit.service, visit.here.section_id
    with service.database.read() as db:
        section = db.get_one(Section, section_id)
        row = db.get(Platform, section.platform_id) if section.platform_id else None
        if row is None or not section.roster_url:
            raise Refusal(409, TEACHER["no_roster"])
        platform, url = registry.as_record(row), section.roster_url
    try:
        found = lti.read_roster(service.platform_service, platform, url)
    except lti.ServiceError as error:
        _log.warning("a roster could not be read: %s", error, extra={"cause": error.cause, "issuer": platform.issuer})
        raise Refusal(502, TEACHER["sync_failed"]) from error
    now = service.clock()
    with service.database.begin() as db:
        count = launches.bring_roster(db, db.get_one(Section, section_id), found, now)
        audit(db, "roster.fetched", now, person=visit.person, activity=visit.here, detail=str(count))
    return visit.redirect(f"/activities/{visit.here.id}/class")


def _offers(visit: Visit) -> Sequence[tuple[Kind, str, str]]:
    return visit.service.offers(visit.language)


def _refused(visit: Visit, error: lti.LtiError) -> Response:
    """The page that helps, and the line in the log that names the cause."""
    _log.warning("refused: %s", error, extra={"cause": error.cause, "path": visit.request.url.path})
    status = 503 if isinstance(error, lti.TryLater) else 502 if isinstance(error, lti.ServiceError) else 400
    again = getattr(error, "again", None)
    return visit.page(
        "refusal", status, text=error.text, again=f"{lti.LOGIN}?{again}" if again else "", code=error.cause
    )


async def _fields(visit: Visit) -> Mapping[str, str]:
    form = await read_form(visit.request)
    return {name: value for name, value in form.items() if isinstance(value, str)}


ADDRESSES = (login, login_by_form, launch, keys, choose, register, roster)
