"""For whoever runs the service: `/healthz`, `/readyz` and `/metrics`. They know no person and are not for browsers.

- `/healthz`: 200 while this process answers; a restart helps where it does not.
- `/readyz`: 200 while the database answers with this version's tables and a worker is alive that can grade; else 503, and what
  lacks.
- `/metrics`: to this computer only, or to whoever brings `Authorization: Bearer TOKEN` with the token in the file that
  `AUTOGRADER_METRICS_TOKEN_FILE` names. Behind a reverse proxy that sends no `X-Forwarded-For` everybody seems to be this
  computer, so set a token there. To anybody else it does not exist.
"""

from __future__ import annotations

import hmac
import ipaddress

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from autograder.serve import queue
from autograder.serve.tables import Worker
from autograder.serve.web.service import Service


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _ready(request: Request) -> Response:
    found = await run_in_threadpool(readiness, request.app.state.service)
    return JSONResponse(found, 200 if all(found.values()) else 503)


async def _metrics(request: Request) -> Response:
    service: Service = request.app.state.service
    if not _may_measure(request, service.settings.metrics_token):
        raise HTTPException(404)
    text = await run_in_threadpool(request.app.state.metrics.exposition)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


ROUTES = (Route("/healthz", _health), Route("/readyz", _ready), Route("/metrics", _metrics))
"""For Starlette; these ask for no person, and the first not even for the database."""


def readiness(service: Service) -> dict[str, bool]:
    """What the service needs to be of use, each with whether it is there."""
    found = {"database": False, "migrations": False, "worker": False}
    try:
        found["migrations"] = service.database.current()
        found["database"] = True
        with service.database.read() as db:
            able = select(Worker.name).where(Worker.seen_at > service.clock() - queue.ALIVE, Worker.problem == "")
            found["worker"] = db.scalars(able.limit(1)).first() is not None
    except DBAPIError:
        # Said by what stays false.
        pass
    return found


def _may_measure(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
