"""Handing in, and what follows from a verdict: each one transaction, so that no mark is without its attempt or the reverse."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.records import CellRun, Report, Status
from autograder.serve import queue
from autograder.serve.standing import Standing, closes_at, standing
from autograder.serve.tables import Activity, Attempt, Audit, Extension, Job, Membership, Person, Role, Verdict
from autograder.text import Text


class Refused(Exception):
    """Nothing more is taken of this person here; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


CLOSED = Text(
    es="Esta actividad ya está cerrada y no admite más entregas; escribe a tu docente si crees que es un error.",
    en="This activity is closed and takes nothing more; write to your teacher if you think that this is a mistake.",
)
NO_ATTEMPTS_LEFT = Text(
    es="Ya has usado todos los intentos de esta actividad; los anteriores siguen contando.",
    en="You have used all attempts at this activity; the earlier ones still count.",
)


def hand_in(
    session: Session,
    activity: Activity,
    person: Person,
    *,
    sha256: str,
    file_name: str,
    now: datetime,
    form_key: str = "",
) -> Attempt:
    """Note a notebook that lies in the upload store, and queue it. When the transaction ends, nothing of it can be lost.

    Args:
        form_key: of the display of the form that sent it. Equal bytes from the same display are the attempt that they
            were before: somebody clicked twice, or sent again what was not answered.

    Raises:
        Refused: it is too late, or no attempt is left.
    """
    lock(session, person)
    if (before := sent_before(session, activity.id, person.id, form_key, sha256)) is not None:
        return before
    attempt = _new(session, activity, person, now)
    attempt.sha256, attempt.file_name, attempt.form_key = sha256, file_name, form_key
    queue.enqueue(session, attempt, now)
    session.flush()
    audit(session, "attempt.handed_in", now, person=person, activity=activity, detail=f"{attempt.number} {sha256}")
    return attempt


def hand_in_quiz(
    session: Session, activity: Activity, person: Person, *, answers: str, score: float, max_score: float, now: datetime
) -> Attempt:
    """Note the answers to a quiz, marked already.

    Raises:
        Refused: it is too late, or no attempt is left.
    """
    attempt = _new(session, activity, person, now)
    attempt.answers, attempt.status, attempt.score, attempt.max_score = answers, "graded", score, max_score
    session.flush()
    audit(session, "attempt.quiz", now, person=person, activity=activity, detail=f"{attempt.number} {score:g}")
    return attempt


def sent_before(
    session: Session, activity_id: int, person_id: int, form_key: str, sha256: str | None = None
) -> Attempt | None:
    """The attempt that the same display of the form made already; with `sha256`, only if it brought the same bytes."""
    if not form_key:
        return None
    query = select(Attempt).where(
        Attempt.activity_id == activity_id, Attempt.person_id == person_id, Attempt.form_key == form_key
    )
    if sha256 is not None:
        query = query.where(Attempt.sha256 == sha256)
    return session.scalars(query.order_by(Attempt.number)).first()


def admit(session: Session, activity: Activity, person: Person, now: datetime) -> bool:
    """Whether what this person hands in now is only a try of a teacher's.

    Raises:
        Refused: nothing more is taken of them: it is too late, or no attempt is left.
    """
    membership = session.get(Membership, (activity.section_id, person.id))
    if membership is not None and membership.role == Role.TEACHER:
        return True
    closing = closes_at(activity, session.get(Extension, (activity.id, person.id)))
    if closing is not None and now >= closing:
        raise Refused(CLOSED)
    if attempts_left(activity, attempts_of(session, activity.id, person.id)) == 0:
        raise Refused(NO_ATTEMPTS_LEFT)
    return False


def attempts_left(activity: Activity, attempts: Sequence[Attempt]) -> int | None:
    """How many more somebody has whose `attempts` these are; `None` for any number. A rejected file uses none up."""
    if activity.max_attempts is None:
        return None
    return max(0, activity.max_attempts - sum(each.status != Status.REJECTED for each in attempts))


def keep_verdict(session: Session, key: str, report: Report, now: datetime) -> Verdict:
    """Keep a verdict under its fingerprint, without the student's name; the one that was there already, if any."""
    verdict = session.get(Verdict, key)
    if verdict is None:
        verdict = packed(key, report, now)
        session.add(verdict)
    return verdict


def packed(key: str, report: Report, now: datetime) -> Verdict:
    """A verdict that no session knows yet. Figures make it large, so it is made before a transaction begins."""
    bare = asdict(replace(report, student="", cells=()))
    return Verdict(
        key=key,
        report=_packed(bare),
        cells=_packed([asdict(run) for run in report.cells]),
        status=report.status.value,
        score=report.score,
        max_score=report.max_score,
        graded_at=now,
    )


def report_of(attempt: Attempt, *, cells: bool = False) -> Report | None:
    """The report on an attempt under its student's name; `None` while there is none, and for quizzes."""
    if attempt.verdict is None:
        return None
    report = Report.from_dict(json.loads(zlib.decompress(attempt.verdict.report))).named(attempt.person.name)
    if not cells:
        return report
    runs = tuple(CellRun.from_dict(run) for run in json.loads(zlib.decompress(attempt.verdict.cells)))
    return replace(report, cells=runs)


def apply_verdict(session: Session, attempt: Attempt, verdict: Verdict) -> None:
    """Make a verdict the attempt's own. A person's decision on it stays."""
    attempt.verdict_key, attempt.verdict = verdict.key, verdict
    attempt.status, attempt.score, attempt.max_score = verdict.status, verdict.score, verdict.max_score
    session.flush()


def standing_of(session: Session, activity: Activity, person_id: int) -> Standing:
    """The mark of one person for one activity."""
    return standing(
        activity, session.get(Extension, (activity.id, person_id)), attempts_of(session, activity.id, person_id)
    )


def standings_of(session: Session, activities: Sequence[Activity], person_id: int) -> dict[int, Standing]:
    """The marks of one person for many activities, by the activity's id, in two queries."""
    ids = [activity.id for activity in activities]
    mine: dict[int, list[Attempt]] = {each: [] for each in ids}
    for attempt in session.scalars(select(Attempt).where(Attempt.activity_id.in_(ids), Attempt.person_id == person_id)):
        mine[attempt.activity_id].append(attempt)
    extensions = extensions_of(session, activities, person_id)
    return {each.id: standing(each, extensions.get(each.id), mine[each.id]) for each in activities}


def extensions_of(session: Session, activities: Sequence[Activity], person_id: int) -> dict[int, Extension]:
    """What one person was given of own due dates, by the activity's id."""
    ids = [activity.id for activity in activities]
    query = select(Extension).where(Extension.activity_id.in_(ids), Extension.person_id == person_id)
    return {each.activity_id: each for each in session.scalars(query)}


def attempts_of(session: Session, activity_id: int, person_id: int) -> Sequence[Attempt]:
    """Everything that one person handed in for one activity, the newest first."""
    query = select(Attempt).where(Attempt.activity_id == activity_id, Attempt.person_id == person_id)
    return session.scalars(query.order_by(Attempt.number.desc())).all()


def job_of(session: Session, attempt: Attempt) -> Job | None:
    """The job that grades an attempt for the first time; `None` for a quiz."""
    query = select(Job).where(Job.attempt_id == attempt.id, Job.regrade_id.is_(None)).order_by(Job.id.desc())
    return session.scalars(query).first()


def audit(
    session: Session,
    action: str,
    now: datetime,
    *,
    person: Person | None = None,
    activity: Activity | None = None,
    detail: str = "",
) -> None:
    """Note who did what, as part of the transaction that does it."""
    session.add(
        Audit(
            at=now,
            action=action,
            person_id=person.id if person else None,
            activity_id=activity.id if activity else None,
            detail=detail,
        )
    )


def next_number(session: Session, activity_id: int, person_id: int) -> int:
    """Which number the next attempt has."""
    mine = (Attempt.activity_id == activity_id, Attempt.person_id == person_id)
    return (session.scalar(select(func.max(Attempt.number)).where(*mine)) or 0) + 1


def lock(session: Session, person: Person) -> None:
    """Where the database takes no lock for a whole transaction, two uploads at once must not get the same number."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())


def _new(session: Session, activity: Activity, person: Person, now: datetime) -> Attempt:
    lock(session, person)
    trial = admit(session, activity, person, now)
    number = next_number(session, activity.id, person.id)
    attempt = Attempt(activity=activity, person=person, number=number, handed_in_at=now, trial=trial)
    session.add(attempt)
    return attempt


def _packed(content: object) -> bytes:
    return zlib.compress(json.dumps(content).encode(), 6)
