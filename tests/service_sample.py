"""A service over a little course with two classes, for tests: who there is, and a browser for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from autograder.course import Course
from autograder.records import Report
from autograder.serve.attempts import apply_verdict, hand_in, keep_verdict
from autograder.serve.database import Database
from autograder.serve.settings import Settings
from autograder.serve.tables import Activity, Attempt, Kind, Membership, Person, Role, Section
from autograder.serve.web import application, sessions
from autograder.serve.web.service import Service

from .clock import Clock

BASE = "https://grade.example.org"


class Sample:
    """The service with its people.

    Two classes, `here` and `elsewhere`, have one activity each, `activity` and `other`. In the first are `teacher`, `ana`, `bruno`
    and `gone`, who has left it; in the second `stranger` and `colleague`, who teaches there.
    """

    def __init__(self, course: Course, folder: Path, *, dev: bool = False) -> None:
        self.clock = Clock()
        folder.mkdir(mode=0o700)
        settings = Settings(course.root, folder, f"sqlite:///{folder / 'service.db'}", BASE, dev=dev)
        self.database = Database(settings.database)
        self.database.migrate()
        self.service = Service(settings, self.database, course, self.clock)
        self.people: dict[str, int] = {}
        with self.database.begin() as session:
            here, elsewhere = (
                Section(context_id="here", title="Here"),
                Section(context_id="elsewhere", title="Elsewhere"),
            )
            for section, name, role, active in (
                (here, "teacher", Role.TEACHER, True),
                (here, "ana", Role.STUDENT, True),
                (here, "bruno", Role.STUDENT, True),
                (here, "gone", Role.STUDENT, False),
                (elsewhere, "stranger", Role.STUDENT, True),
                (elsewhere, "colleague", Role.TEACHER, True),
            ):
                person = Person(subject=name, name=name.title())
                session.add(Membership(section=section, person=person, role=role, active=active))
                session.flush()
                self.people[name] = person.id
            made = [
                Activity(section=section, link_id="1", kind=Kind.ASSIGNMENT, name=course.names[0], title="")
                for section in (here, elsewhere)
            ]
            session.add_all(made)
            session.flush()
            self.activity, self.other = (each.id for each in made)

    def browser(self, name: str | None = None, language: str = "en") -> TestClient:
        """A browser, signed in as `name`; it follows no redirects."""
        client = TestClient(
            application(self.service),
            base_url=BASE,
            follow_redirects=False,
            headers={"Accept-Language": language},
            raise_server_exceptions=True,
        )
        if name is not None:
            with self.database.begin() as session:
                person = session.get_one(Person, self.people[name])
                token = sessions.sign_in(session, person, self.clock())
            client.cookies.set(sessions.cookie_name(self.service.settings), token)
        return client

    def csrf(self, browser: TestClient) -> str:
        """What forms of this browser carry."""
        token = browser.cookies[sessions.cookie_name(self.service.settings)]
        return sessions.csrf_token(self.service.secret, token)

    def hand_in(self, name: str, data: bytes, report: Report | None = None, key: str = "") -> str:
        """Hand a notebook in, and with `report` let it be its verdict; the attempt's token."""
        sha256, _ = asyncio.run(self.service.uploads.keep(_once(data)))
        with self.database.begin() as session:
            activity, person = session.get_one(Activity, self.activity), session.get_one(Person, self.people[name])
            attempt = hand_in(session, activity, person, sha256=sha256, file_name="mine.ipynb", now=self.clock())
            if report is not None:
                apply_verdict(session, attempt, keep_verdict(session, key or sha256, report, self.clock()))
            session.flush()
            return attempt.token

    @contextmanager
    def attempt(self, token: str) -> Iterator[Attempt]:
        """The row of an attempt."""
        with self.database.read() as session:
            yield session.query(Attempt).filter_by(token=token).one()

    def close(self) -> None:
        """Give back the database."""
        self.database.close()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
