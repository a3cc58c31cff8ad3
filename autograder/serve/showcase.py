"""`serve --demo`: the class of `autograder demo` hands in, so that a teacher who tries the service sees it fill up."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.authoring import imported
from autograder.course import Course
from autograder.demo import Expected, make_class
from autograder.serve.attempts import hand_in
from autograder.serve.database import Database
from autograder.serve.tables import Activity, Attempt, Kind, Membership, Person, Role, Section
from autograder.serve.uploads import Uploads

_SLOW = frozenset({"keras", "tensorflow", "jax", "torch", "keras_tuner"})
"""Whoever tries things out does not want to wait for trainings: assignments with these stay empty."""
_APART = timedelta(minutes=7)


def hand_in_class(database: Database, uploads: Uploads, course: Course, section: Section, now: datetime) -> int:
    """Hand in for everybody once: nothing is done where the section has attempts already. How many attempts were made.

    All of them, or none, are there afterwards.

    Raises:
        CourseError: the course's sources are wrong.
    """
    with database.read() as session:
        if _has_attempts(session, section):
            return 0
    with tempfile.TemporaryDirectory() as folder:
        made = [each for each in make_class(course, Path(folder)) if _is_quick(course, each.assignment)]
        kept = [
            asyncio.run(uploads.keep(_once(Path(folder, each.student, each.assignment, f"{each.assignment}.ipynb"))))[0]
            for each in made
        ]
    with database.begin() as session:
        if _has_attempts(session, section):
            return 0
        first = now - _APART * len(made)
        for number, (each, sha256) in enumerate(zip(made, kept, strict=True)):
            activity, person = _activity(session, section, each), _person(session, section, each.student)
            moment = first + _APART * number
            hand_in(session, activity, person, sha256=sha256, file_name=f"{each.assignment}.ipynb", now=moment)
    return len(made)


def _has_attempts(session: Session, section: Section) -> bool:
    query = select(Attempt.id).join(Activity).where(Activity.section_id == section.id).limit(1)
    return session.scalars(query).first() is not None


def _is_quick(course: Course, name: str) -> bool:
    return not any(each.partition(".")[0] in _SLOW for each in imported(course.assignment(name)))


def _activity(session: Session, section: Section, each: Expected) -> Activity:
    wanted = (Activity.section_id == section.id, Activity.kind == Kind.ASSIGNMENT, Activity.name == each.assignment)
    return session.scalars(select(Activity).where(*wanted)).one()


def _person(session: Session, section: Section, subject: str) -> Person:
    query = select(Person).where(Person.platform_id.is_(None), Person.subject == subject)
    person = session.scalars(query).one_or_none()
    if person is None:
        person = Person(subject=subject, name=subject.title())
        session.add(Membership(section=session.merge(section, load=False), person=person, role=Role.STUDENT))
        session.flush()
    return person


async def _once(path: Path) -> AsyncIterator[bytes]:
    yield path.read_bytes()
