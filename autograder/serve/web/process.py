"""The process that answers browsers: a child of `autograder serve`, which hands it the listening socket."""

from __future__ import annotations

import socket
import sys

from autograder.course import Course
from autograder.serve import lifeline, logs
from autograder.serve.database import Database
from autograder.serve.web.app import application
from autograder.serve.web.service import Service

_END_SECONDS = 5
"""What open connections get when the service ends; live pages would never end by themselves."""


def main() -> None:
    """Serve on the socket with the number that is the last argument, until told to end."""
    import uvicorn

    logs.configure("web")
    settings = lifeline.inherited()
    service = Service(settings, Database(settings.database), Course.load(settings.course_root))
    server = uvicorn.Server(
        uvicorn.Config(
            application(service),
            log_config=None,
            access_log=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            server_header=False,
            timeout_graceful_shutdown=_END_SECONDS,
        )
    )

    def end() -> None:
        server.should_exit = True

    lifeline.watch(end, _END_SECONDS + 2)
    server.run(sockets=[socket.socket(fileno=int(sys.argv[-1]))])


if __name__ == "__main__":
    main()
