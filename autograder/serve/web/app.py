"""The ASGI application: all addresses, the policy that every answer carries, and pages for what goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from autograder.serve.metrics import Metrics
from autograder.serve.web import (
    activity_pages,
    attempt_pages,
    course_pages,
    dev_pages,
    handing_in,
    home,
    lti_pages,
    ops_pages,
    quiz_pages,
    teacher_pages,
)
from autograder.serve.web.hub import Hub
from autograder.serve.web.limits import Limits
from autograder.serve.web.policy import Policy
from autograder.serve.web.rendering import BASE_CSS, STATIC, Rendering, preferred
from autograder.serve.web.routes import NOT_FOUND, Address, Refusal, routes
from autograder.serve.web.service import Service
from autograder.serve.web.traffic import Traffic


def addresses(service: Service) -> Sequence[Address]:
    """Everything that can be asked of this service."""
    found = [
        *home.ADDRESSES,
        *activity_pages.ADDRESSES,
        *handing_in.ADDRESSES,
        *quiz_pages.ADDRESSES,
        *attempt_pages.ADDRESSES,
        *teacher_pages.ADDRESSES,
        *course_pages.ADDRESSES,
        *lti_pages.ADDRESSES,
    ]
    if service.settings.dev:
        found += dev_pages.ADDRESSES
    return found


def application(service: Service) -> Starlette:
    """The service for an ASGI server."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        service.database.close()

    metrics = Metrics(service.database, service.clock)
    known = [Route("/static/{name}", _static), *ops_pages.ROUTES, *routes(addresses(service))]
    templates = {route.endpoint: route.path for route in known}
    app = Starlette(
        routes=known,
        middleware=[Middleware(Traffic, metrics=metrics, templates=templates), Middleware(Policy, service=service)],
        exception_handlers={Refusal: _refused, HTTPException: _wrong},
        lifespan=lifespan,
    )
    # That redirect would go to whatever host the request names.
    app.router.redirect_slashes = False
    app.state.service, app.state.metrics = service, metrics
    app.state.hub, app.state.limits = Hub(service.database), Limits()
    return app


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    known = {path.name: path for path in (*STATIC.iterdir(), BASE_CSS)}
    if name not in known:
        raise HTTPException(404)
    return FileResponse(known[name], headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _rendering(request: Request) -> Rendering:
    service: Service = request.app.state.service
    return Rendering(service, preferred(request, service.course.language))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    response = _rendering(request).refusal(error.status, error.text)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _wrong(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _rendering(request).refusal(error.status_code, NOT_FOUND)
