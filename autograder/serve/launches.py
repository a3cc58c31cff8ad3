"""From a launch that was accepted to the rows it is about: the person, the class, the activity. One transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder import lti
from autograder.course import Course
from autograder.serve import postings, registry
from autograder.serve.attempts import audit
from autograder.serve.tables import Activity, Kind, Membership, Person, Platform, Role, Section
from autograder.text import LANGUAGES, Text

NO_ROLE = Text(
    es="Tu plataforma no dice que seas estudiante ni docente de este curso, así que aquí no hay nada para ti. Pide a tu docente "
    "que te inscriba.",
    en="Your LMS does not say that you are a student or a teacher of this course, so there is nothing here for you. Ask your "
    "teacher to enrol you.",
)
_ROLES = {lti.Role.STUDENT: Role.STUDENT, lti.Role.TEACHER: Role.TEACHER}
_LONGEST = 255


class NoRole(Exception):
    """Whoever came is neither student nor teacher."""


def arrive(
    session: Session, launch: lti.Launch, course: Course, banks: Iterable[str], now: datetime
) -> tuple[Person, Activity]:
    """Who came, and to which activity; both are made at their first launch and brought up to date at every other.

    Args:
        banks: names of the quiz banks that there are.

    Raises:
        NoRole: the platform says neither student nor teacher; nothing is kept.
    """
    person, section = _come_in(session, launch, now)
    assert launch.link is not None
    link_id = launch.link.id[:_LONGEST]
    found = select(Activity).where(Activity.section_id == section.id, Activity.link_id == link_id)
    activity = session.scalars(found).one_or_none()
    if activity is None:
        activity = Activity(section=section, link_id=link_id, kind=Kind.ASSIGNMENT)
        session.add(activity)
    if not activity.name:
        _choose(activity, launch.custom, course, banks)
    activity.title = launch.link.title
    _take_endpoint(session, activity, launch.grades, now)
    session.flush()
    audit(session, "launch", now, person=person, activity=activity, detail=launch.role)
    return person, activity


def come_in(session: Session, launch: lti.Launch, now: datetime) -> Person:
    """Who came to choose content; only teachers may.

    Raises:
        NoRole: they are no teacher.
    """
    if launch.role is not lti.Role.TEACHER:
        raise NoRole
    return _come_in(session, launch, now)[0]


def bring_roster(session: Session, section: Section, roster: lti.Roster, now: datetime) -> int:
    """Bring a section's members to what the LMS says; how many there are. Whoever left keeps their attempts."""
    platform_id = section.platform_id
    assert platform_id is not None
    known = {
        each.person.subject: each
        for each in session.scalars(select(Membership).where(Membership.section_id == section.id))
    }
    listed = set()
    for member in roster.members:
        if member.role not in _ROLES:
            continue
        listed.add(member.subject)
        person = _person(session, platform_id, member.subject, member.name)
        membership = known.get(member.subject)
        if membership is None:
            session.add(Membership(section=section, person=person, role=_ROLES[member.role], active=member.active))
        else:
            membership.role, membership.active = _ROLES[member.role], member.active
    for subject, membership in known.items():
        if subject not in listed:
            membership.active = False
    section.roster_synced_at = now
    session.flush()
    return len(listed)


def _come_in(session: Session, launch: lti.Launch, now: datetime) -> tuple[Person, Section]:
    if launch.role not in _ROLES:
        raise NoRole
    row = registry.row_of(session, launch.platform)
    registry.note_deployment(session, row, launch.deployment_id, now)
    person = _person(session, row.id, launch.subject, launch.name)
    if person.language is None and launch.locale[:2].lower() in LANGUAGES:
        person.language = launch.locale[:2].lower()
    section = _section(session, row, launch)
    membership = session.get(Membership, (section.id, person.id))
    if membership is None:
        session.add(Membership(section=section, person=person, role=_ROLES[launch.role]))
    else:
        membership.role, membership.active = _ROLES[launch.role], True
    session.flush()
    return person, section


def _person(session: Session, platform_id: int, subject: str, name: str) -> Person:
    query = select(Person).where(Person.platform_id == platform_id, Person.subject == subject)
    person = session.scalars(query).one_or_none()
    if person is None:
        person = Person(platform_id=platform_id, subject=subject, name=name)
        session.add(person)
        session.flush()
    # A platform that keeps names to itself sends none; one that was known stays.
    person.name = name or person.name
    return person


def _section(session: Session, row: Platform, launch: lti.Launch) -> Section:
    # Outside any course a link is a class of its own.
    context = (launch.context.id or f"link {launch.link.id if launch.link else ''}")[:_LONGEST]
    query = select(Section).where(Section.platform_id == row.id, Section.context_id == context)
    section = session.scalars(query).one_or_none()
    if section is None:
        section = Section(platform_id=row.id, context_id=context)
        session.add(section)
    section.title = launch.context.title or launch.context.label or section.title or ""
    section.roster_url = launch.roster.url if launch.roster else section.roster_url
    session.flush()
    return section


def _choose(activity: Activity, wanted: Mapping[str, str], course: Course, banks: Iterable[str]) -> None:
    """What the link was made for, if it says so; otherwise a teacher chooses."""
    if wanted.get("assignment") in course.names:
        activity.kind, activity.name = Kind.ASSIGNMENT, wanted["assignment"]
        activity.due_at = course.assignment(activity.name).settings.due
    elif wanted.get("quiz") in set(banks):
        activity.kind, activity.name = Kind.QUIZ, wanted["quiz"]


def _take_endpoint(session: Session, activity: Activity, grades: lti.GradesEndpoint | None, now: datetime) -> None:
    """Where marks go from now on."""
    if grades is None:
        return
    before = activity.line_item_url, activity.line_items_url, activity.scopes
    activity.line_item_url = grades.line_item or activity.line_item_url
    activity.line_items_url = grades.line_items or activity.line_items_url
    activity.scopes = " ".join(sorted(grades.scopes))
    if activity.id is not None and before != (activity.line_item_url, activity.line_items_url, activity.scopes):
        postings.column_found(session, activity, now)
