"""Every request counted, timed and written to the log: by the template of its address, so that no token and no name gets there."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from autograder.serve.metrics import Metrics

_log = logging.getLogger("autograder.serve.access")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static/{name}"})
"""Asked every few seconds by machines, or beside every page; counted, but only logged when they fail."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


class Traffic:
    """ASGI middleware, around everything else.

    Args:
        templates: paths as they are declared, by what answers there.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, templates: Mapping[Any, str]) -> None:
        self._app = app
        self._metrics = metrics
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 500
        # Whoever lets a person in leaves their number here.
        state = scope.setdefault("state", {})

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.began()
        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.monotonic() - started
            # Whatever was asked for at a wrong address, or by a made-up method, is one line in the metrics.
            template = self._templates.get(scope.get("endpoint"), "-")
            method = scope["method"] if scope["method"] in _METHODS else "-"
            self._metrics.answered(method, template, status, seconds)
            if template not in _QUIET or status >= 500:
                told = {"method": method, "path": template, "status": status, "ms": round(1000 * seconds, 1)}
                told |= {"person": state["person"]} if "person" in state else {}
                _log.info("%s %s %s", method, template, status, extra=told)
