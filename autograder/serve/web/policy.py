"""What every answer tells the browser: load nothing from elsewhere, run our files only, be framed by nobody but the LMS."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders

from autograder.lti.addresses import parsed
from autograder.serve.tables import Platform

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from autograder.serve.web.service import Service

_PLACE = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_KEPT_SECONDS = 5.0
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as a policy names a place; empty where it is no address, or none fit to stand there."""
    parts = parsed(url)
    return f"{parts.scheme}://{parts.netloc}" if parts and _PLACE.fullmatch(parts.netloc) else ""


class Policy:
    """ASGI middleware. An answer that sets a policy of its own keeps it; `{ancestors}` in it is filled in too."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._known = (float("-inf"), "'self'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if time.monotonic() - self._known[0] > _KEPT_SECONDS:
            # Set first, so that only one of many requests at once asks.
            self._known = (time.monotonic(), self._known[1])
            with suppress(DBAPIError):
                # Where the database is away, the platforms are those known before.
                self._known = (time.monotonic(), await run_in_threadpool(self._read))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("Content-Security-Policy", POLICY)
                headers["Content-Security-Policy"] = policy.replace("{ancestors}", self._known[1])
                headers.setdefault("X-Content-Type-Options", "nosniff")
                # With "no-referrer", browsers send our own forms with `Origin: null`, like a stranger's.
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
                if self._service.settings.secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, with_headers)

    def _read(self) -> str:
        """The origins of the registered platforms, in a thread: the database must not keep other requests waiting."""
        origins = set(filter(None, map(origin_of, self._issuers())))
        return " ".join(["'self'", *sorted(origins)])

    def _issuers(self) -> list[str]:
        with self._service.database.read() as db:
            rows = db.execute(select(Platform.issuer, Platform.auth_login_url))
            return [url for row in rows for url in row]
