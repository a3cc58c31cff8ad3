"""`autograder serve`: brings the database up to date and answers browsers until it is told to end."""

from __future__ import annotations

import sys

from autograder.course import Course
from autograder.serve.database import Database
from autograder.serve.dev import seed
from autograder.serve.settings import Settings
from autograder.serve.web.app import application
from autograder.serve.web.service import Service


def run(course: Course, settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted.

    Raises:
        UsageError: database or folder cannot be used.
    """
    import uvicorn

    database = Database(settings.database)
    database.migrate()
    service = Service(settings, database, course)
    if settings.dev:
        with database.begin() as session:
            seed(session, course, service.clock())
    print(f"Serving {course.id} at {settings.base_url}", file=sys.stderr)
    uvicorn.run(
        application(service),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        # Pages that watch an attempt would keep it from ending; they connect again.
        timeout_graceful_shutdown=10,
    )
