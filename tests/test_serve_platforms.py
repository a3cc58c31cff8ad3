"""`autograder platforms`: invitations, registration by hand, and nobody's work deleted by the way; and the demo's class."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from autograder import lti
from autograder.cli import cli
from autograder.course import Course
from autograder.errors import UsageError
from autograder.serve import registry
from autograder.serve.database import Database
from autograder.serve.dev import seed
from autograder.serve.showcase import hand_in_class
from autograder.serve.tables import Attempt, Job, Person, Platform, State
from autograder.serve.uploads import Uploads

HAND = (
    *("add", "--issuer", "https://lms.example.org", "--client-id", "tool-7", "--name", "Campus"),
    *("--login-url", "https://lms.example.org/auth", "--token-url", "https://lms.example.org/token"),
)
JWKS = ("--jwks-url", "https://lms.example.org/jwks")
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
Command = Callable[..., Result]


@pytest.fixture
def command(tiny_course: Course, tmp_path: Path) -> Command:
    """Runs `autograder platforms …` on an installation of its own."""
    environment = {"AUTOGRADER_DATA": str(tmp_path / "service"), "AUTOGRADER_URL": "https://grade.example.org/"}

    def run(*arguments: str, **more: str | None) -> Result:
        called = ["platforms", *arguments, "--course", str(tiny_course.root)]
        return CliRunner().invoke(cli, called, env={**environment, **more})

    return run


@pytest.fixture
def database(command: Command, tmp_path: Path) -> Database:
    """Of that installation, with one platform."""
    assert command(*HAND, *JWKS).exit_code == 0
    return Database(f"sqlite:///{tmp_path / 'service' / 'service.db'}")


def test_an_invitation_is_an_address_below_the_services_own(command: Command) -> None:
    done = command("invite")
    assert done.stdout.startswith("https://grade.example.org/lti/register?invite=")
    assert len(done.stdout.splitlines()) == 1, "it is to be pasted"
    assert "7 days" in done.stderr


def test_without_the_services_address_it_says_that_the_link_works_here_only(command: Command) -> None:
    done = command("invite", "--port", "8123", AUTOGRADER_URL=None)
    assert done.stdout.startswith("http://127.0.0.1:8123/lti/register?invite=")
    assert "AUTOGRADER_URL" in done.stderr


def test_a_platform_added_by_hand_is_listed_and_told_what_it_needs_of_us(command: Command, database: Database) -> None:
    again = command(*HAND, *JWKS, "--token-audience", "https://lms.example.org")
    for path in ("/lti/launch", "/lti/login", "/lti/jwks"):
        assert f"https://grade.example.org{path}" in again.stdout
    listed = command("list").stdout
    assert listed.count("issuer https://lms.example.org, client tool-7") == 1, "the second was the first, changed"
    assert "Campus" in listed
    with database.read() as session:
        row = session.scalars(select(Platform)).one()
        assert registry.as_record(row).audience == "https://lms.example.org"


@pytest.mark.parametrize(
    "url", ["http://lms.example.org/jwks", "lms.example.org", "https://name:word@lms.example.org/"]
)
def test_an_address_that_is_no_https_address_is_refused_by_its_option(command: Command, url: str) -> None:
    done = command(*HAND, "--jwks-url", url)
    assert isinstance(done.exception, UsageError)
    assert "--jwks-url" in str(done.exception)
    assert "No LMS is registered" in command("list").stdout


def test_an_empty_name_is_refused(command: Command) -> None:
    done = command(*HAND, *JWKS, "--client-id", " ")
    assert isinstance(done.exception, UsageError)


def test_removing_a_platform_keeps_what_its_people_handed_in_unless_told_otherwise(
    command: Command, database: Database
) -> None:
    assert "7" in str(command("remove", "7").exception)
    with database.begin() as session:
        session.add(Person(platform_id=1, subject="ana", name="Ana"))
    refused = command("remove", "1")
    assert isinstance(refused.exception, UsageError)
    assert "1 people" in str(refused.exception)
    assert "--with-work" in str(refused.exception)
    assert command("remove", "1", "--with-work").exit_code == 0
    with database.read() as session:
        assert session.scalars(select(Person)).all() == []
    assert "No LMS is registered" in command("list").stdout


def test_a_rotated_key_signs_from_now_on_and_the_older_stays_published(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "service" / "lti-keys.pem"
    command("rotate-key")
    before = lti.ToolKeys.load(path).keys[-1].kid
    said = command("rotate-key").stdout
    keys = lti.ToolKeys.load(path).keys
    assert keys[-1].kid in said
    assert keys[-1].kid != before
    assert before in [key.kid for key in keys]


def test_the_demos_class_hands_in_once_and_waits_for_workers(tiny_course: Course, tmp_path: Path) -> None:
    database, uploads = Database(f"sqlite:///{tmp_path / 'service.db'}"), Uploads(tmp_path / "uploads")
    database.migrate()
    with database.begin() as session:
        section = seed(session, tiny_course, NOW)
    count = hand_in_class(database, uploads, tiny_course, section, NOW)
    assert count > 8
    assert hand_in_class(database, uploads, tiny_course, section, NOW) == 0
    with database.read() as session:
        jobs = session.scalars(select(Job)).all()
        assert [job.state for job in jobs] == [State.QUEUED] * count
        attempts = session.scalars(select(Attempt)).all()
        assert all(attempt.handed_in_at < NOW for attempt in attempts)
        assert {attempt.activity.name for attempt in attempts} == set(tiny_course.names)
        assert all(uploads.read(attempt.sha256) for attempt in attempts)
    database.close()
