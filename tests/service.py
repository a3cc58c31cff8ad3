"""A service with a little class in it, for tests: real pages over real HTTP, on a database of its own."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn
from sqlalchemy import select

from autograder.course import Course
from autograder.fingerprint import Fingerprints
from autograder.records import Report
from autograder.serve import attempts, queue
from autograder.serve.database import Database
from autograder.serve.settings import Settings
from autograder.serve.tables import Activity, Attempt, Kind, Membership, Person, Role, Section
from autograder.serve.web import application
from autograder.serve.web.service import Service

from .clock import START, Clock


@dataclass
class Running:
    """A service that listens on loopback."""

    service: Service
    clock: Clock
    url: str
    app: Any
    activity: int
    """Of the assignment."""
    quiz: int
    _clients: list[httpx.Client] = field(default_factory=list)

    def browser(self, who: str, language: str = "en", **headers: str) -> httpx.Client:
        """Somebody who is signed in; without redirects, so that a test sees them."""
        client = httpx.Client(base_url=self.url, headers={"Accept-Language": language, **headers}, timeout=30)
        self._clients.append(client)
        with self.service.database.read() as db:
            person = db.scalars(select(Person).where(Person.subject == who)).one()
        assert client.post("/dev", data={"person": str(person.id)}).status_code == 303
        return client

    def person(self, who: str) -> int:
        """Their number."""
        with self.service.database.read() as db:
            return db.scalars(select(Person.id).where(Person.subject == who)).one()

    def change(self, activity: int, **values: Any) -> None:
        """Set fields of an activity."""
        with self.service.database.begin() as db:
            for name, value in values.items():
                setattr(db.get_one(Activity, activity), name, value)

    def attempts(self, who: str, activity: int | None = None) -> list[Attempt]:
        """What somebody has handed in, the newest first."""
        with self.service.database.read() as db:
            return list(attempts.attempts_of(db, activity or self.activity, self.person(who)))

    def judge(self, report: Report) -> None:
        """Take the next job as a worker does, and bring back `report`."""
        now = self.clock()
        with self.service.database.begin() as db:
            (job,) = queue.claim(db, "w", 1, now)
        with self.service.database.begin() as db:
            held = queue.held(db, job.id, "w")
            assert held is not None
            data = self.service.uploads.read(held.attempt.sha256)
            key = Fingerprints(self.service.course).of(data, held.attempt.activity.name)
            verdict = attempts.keep_verdict(db, key, report, now)
            queue.finish(held, verdict.key, now)
            attempts.apply_verdict(db, held.attempt, verdict)

    def close(self) -> None:
        """End all browsers."""
        for client in self._clients:
            client.close()


@contextmanager
def serving(course: Course, folder: Path, clock: Clock) -> Iterator[Running]:
    """The service of `course` with a section of Emmy (teacher), Ana and Bruno, an assignment and its quiz, until the block ends."""
    folder.mkdir(parents=True)
    settings = Settings(
        course_root=course.root,
        data=folder,
        database=f"sqlite:///{folder / 'service.db'}",
        base_url="http://127.0.0.1:1",
        dev=True,
    )
    database = Database(settings.database)
    database.migrate()
    service = Service(settings, database, course, clock)
    with database.begin() as db:
        activity, quiz = _people(db, course)
    app = application(service)
    with _listening(app) as url:
        running = Running(service, clock, url, app, activity, quiz)
        try:
            yield running
        finally:
            running.close()


def _people(db: Any, course: Course) -> tuple[int, int]:
    section = Section(context_id="c1", title="Deep learning")
    for subject, name, role in (
        ("emmy", "Emmy Noether", Role.TEACHER),
        ("ana", "Ana Núñez", Role.STUDENT),
        ("bruno", "Bruno Ibáñez", Role.STUDENT),
    ):
        db.add(Membership(section=section, person=Person(subject=subject, name=name), role=role))
    made = [
        Activity(section=section, link_id=f"{kind}", kind=kind, name=course.names[0], due_at=START + timedelta(days=7))
        for kind in (Kind.ASSIGNMENT, Kind.QUIZ)
    ]
    db.add_all(made)
    db.flush()
    return made[0].id, made[1].id


@contextmanager
def _listening(app: Any) -> Iterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=2, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', html)
    assert found, name
    return found[1]


def send(
    client: httpx.Client,
    activity: int,
    content: bytes,
    *,
    name: str = "ana.ipynb",
    key: str | None = None,
    js: bool = False,
) -> httpx.Response:
    """Hand in as the page's form does, or as its script does."""
    page = client.get(f"/activities/{activity}").text
    fields = {"csrf": hidden(page, "csrf"), "key": key or hidden(page, "key")}
    headers = {"X-CSRF": fields.pop("csrf"), "Accept": "application/json"} if js else {}
    return client.post(f"/activities/{activity}", data=fields, files={"file": (name, content)}, headers=headers)
