"""A made-up class for `serve --dev`: one section with every assignment and every quiz, a teacher and a few students."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.quiz import banks
from autograder.serve.tables import Activity, Kind, Membership, Person, Role, Section

PEOPLE = (
    ("teacher", "Emmy Noether", Role.TEACHER),
    ("ana", "Ana Núñez", Role.STUDENT),
    ("bruno", "Bruno Ibáñez", Role.STUDENT),
    ("chidi", "Chidi Okafor", Role.STUDENT),
)
_WEEK = timedelta(days=7)


def seed(session: Session, course: Course, now: datetime) -> Section:
    """Make the class, or complete it where the course has grown; what is there already is left as it is."""
    section = session.scalars(select(Section).where(Section.platform_id.is_(None), Section.context_id == "dev")).first()
    if section is None:
        section = Section(context_id="dev", title=course.id)
        session.add(section)
        for subject, name, role in PEOPLE:
            session.add(Membership(section=section, person=Person(subject=subject, name=name), role=role))
        session.flush()
    there = set(session.scalars(select(Activity.link_id).where(Activity.section_id == section.id)))
    wanted = [(Kind.ASSIGNMENT, name) for name in course.names]
    wanted += [(Kind.QUIZ, bank.name) for bank in banks(course, ())]
    for number, (kind, name) in enumerate(wanted):
        if f"{kind}-{name}" not in there:
            due = now + _WEEK * (1 + number % max(1, len(course.names)))
            session.add(Activity(section=section, link_id=f"{kind}-{name}", kind=kind, name=name, due_at=due))
    return section
