"""A service without its pages for tests: a database, an upload store, a class.

The database is a new SQLite file. Where `AUTOGRADER_TEST_DATABASE` names one of PostgreSQL, each test gets
a new one there, so its user must be allowed to make them.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from sqlalchemy import text

from autograder.authoring import read_template
from autograder.course import Course
from autograder.serve.attempts import hand_in
from autograder.serve.database import Database
from autograder.serve.settings import Settings
from autograder.serve.tables import Activity, Attempt, Job, Kind, Membership, Person, Role, Section, Verdict
from autograder.serve.uploads import Uploads

from .clock import Clock


@cache
def _empty() -> bytes:
    """A SQLite file with all tables and nothing in them; migrating takes longer than most tests."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        database.migrate()
        database.close()
        return Path(folder, "empty.db").read_bytes()


@contextmanager
def new_database(folder: Path) -> Iterator[Database]:
    """A database of its own, with all tables."""
    server = os.environ.get("AUTOGRADER_TEST_DATABASE")
    if not server:
        (folder / "service.db").write_bytes(_empty())
        database = Database(f"sqlite:///{folder / 'service.db'}")
        yield database
        database.close()
        return
    name = f"autograder_{secrets.token_hex(6)}"
    outside = Database(server)
    with outside.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            database = Database(outside.url.set(database=name).render_as_string(hide_password=False))
            database.migrate()
            yield database
            database.close()
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    outside.close()


@dataclass
class Office:
    """A class that hands in without a browser."""

    folder: Path
    course: Course
    database: Database
    name: str
    """Of the assignment."""
    clock: Clock = field(default_factory=Clock)
    people: dict[str, int] = field(default_factory=dict)
    activity: int = 0

    def __post_init__(self) -> None:
        with self.database.begin() as session:
            section = Section(context_id="c1", title="Class")
            activity = Activity(section=section, link_id="l1", kind=Kind.ASSIGNMENT, name=self.name, title="One")
            session.add(activity)
            session.flush()
            self.activity = activity.id
        for name in ("ana", "bruno", "chidi"):
            self.enrol(name)
        self.enrol("emmy", Role.TEACHER)

    @property
    def settings(self) -> Settings:
        url = self.database.url.render_as_string(hide_password=False)
        return Settings(self.course.root, self.folder, url, "http://127.0.0.1:8000", jobs=2)

    @property
    def uploads(self) -> Uploads:
        return Uploads(self.settings.uploads)

    def enrol(self, name: str, role: Role = Role.STUDENT) -> None:
        with self.database.begin() as session:
            section = session.get_one(Activity, self.activity).section
            person = Person(platform_id=section.platform_id, subject=name, name=name.title())
            session.add(Membership(section=section, person=person, role=role))
            session.flush()
            self.people[name] = person.id

    def notebook(self, answers: dict[str, str] | None = None, extra: str | None = None) -> bytes:
        """The reference with some tasks answered otherwise, and perhaps a last cell of the student's own."""
        made = read_template(self.course.assignment(self.name), "en").reference(answers or {})
        if extra is not None:
            made.cells.append(nbformat.v4.new_code_cell(extra))
        for number, cell in enumerate(made.cells):
            cell["id"] = cell.get("id") or f"cell-{number}"
        return nbformat.writes(made).encode()

    def hand_in(self, person: str, data: bytes, activity: int | None = None) -> int:
        """The id of the attempt, which waits in the queue then."""

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        sha, _ = asyncio.run(self.uploads.keep(chunks()))
        with self.database.begin() as session:
            where = session.get_one(Activity, activity or self.activity)
            whom = session.get_one(Person, self.people[person])
            made = hand_in(session, where, whom, sha256=sha, file_name="a.ipynb", now=self.clock())
            return made.id

    def attempt(self, number: int) -> Attempt:
        with self.database.read() as session:
            return session.get_one(Attempt, number)

    def job(self, attempt: int) -> Job:
        """The newest job of an attempt."""
        with self.database.read() as session:
            return session.query(Job).filter_by(attempt_id=attempt).order_by(Job.id.desc()).first()  # type: ignore[return-value]

    def verdicts(self) -> int:
        with self.database.read() as session:
            return session.query(Verdict).count()


@contextmanager
def worker(office: Office, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own on the office's database; ended in the end."""
    environment = {**os.environ, "AUTOGRADER_DATA": str(office.folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["AUTOGRADER_DATABASE"] = office.settings.database
    command = [sys.executable, "-m", "autograder.serve.worker", "--course", str(office.course.root), *arguments]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)
