"""`autograder serve`: the service for an LMS."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.options import course_option, jobs_option, sandbox_option


@click.command()
@click.option(
    "--dev", is_flag=True, help="No LMS: a page to sign in as anybody, on loopback only, with a made-up class."
)
@click.option(
    "--demo", is_flag=True, help="Like --dev, and the class has handed in: its marks come as they are graded."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@jobs_option
@sandbox_option
@course_option
def serve(
    dev: bool, demo: bool, host: str, port: int, jobs: int | None, no_sandbox: bool, course_dir: Path | None
) -> None:
    """Let students hand in from their LMS (LTI 1.3) and send marks back there; pages and grading, until Ctrl-C.

    AUTOGRADER_URL is the https address that browsers use; AUTOGRADER_DATA the folder of uploads, keys and database;
    AUTOGRADER_DATABASE another database (postgresql://…); AUTOGRADER_WORKERS how many workers grade here; AUTOGRADER_ZONE the
    time zone of dates, like Europe/Madrid; AUTOGRADER_PROXIES the reverse proxies to be believed. docs/deploy.md has them all.
    """
    from autograder.course import Course
    from autograder.serve.launcher import run
    from autograder.serve.settings import Settings

    course = Course.load(course_dir)
    settings = Settings.read(course.root, host=host, port=port, dev=dev or demo, sandbox=not no_sandbox, jobs=jobs)
    run(course, settings, host, port, demo=demo)
