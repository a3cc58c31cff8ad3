"""What a teacher does: marks by hand, more time for one student, grading again. Each function belongs into one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from autograder.records import Status
from autograder.serve import postings, queue
from autograder.serve.attempts import apply_verdict, audit
from autograder.serve.standing import Standing, standing
from autograder.serve.tables import (
    Activity,
    Attempt,
    Extension,
    Job,
    Kind,
    Membership,
    Person,
    Posting,
    Purpose,
    Regrade,
    Role,
    State,
    Verdict,
)


@dataclass(frozen=True)
class Pupil:
    """One student of a class with what they have done."""

    person: Person
    active: bool
    """Whether the roster still lists them."""
    attempts: Sequence[Attempt]
    """The newest first."""
    standing: Standing
    extension: Extension | None
    posting: Posting | None


@dataclass(frozen=True)
class Change:
    """What accepting a regrade would do to one attempt."""

    attempt: Attempt
    verdict: Verdict

    @property
    def gain(self) -> float:
        """Points won; negative for lost ones."""
        return round(self.verdict.score - (self.attempt.score or 0.0), 2)


@dataclass(frozen=True)
class Progress:
    """How far a regrade is."""

    regrade: Regrade
    total: int
    done: int
    changes: Sequence[Change]
    """Those who lose most first; none for attempts whose mark and status stay."""

    @property
    def ready(self) -> bool:
        """Whether a teacher can decide now."""
        return self.done == self.total and self.regrade.settled_at is None


def pupils(session: Session, activity: Activity) -> list[Pupil]:
    """The students of the activity's section, those who left only if they handed something in; sorted by name.

    A handful of queries, however large the class.
    """
    members = select(Membership).where(Membership.section_id == activity.section_id, Membership.role == Role.STUDENT)
    attempts: dict[int, list[Attempt]] = {}
    newest_first = select(Attempt).where(Attempt.activity_id == activity.id, ~Attempt.trial)
    for attempt in session.scalars(newest_first.order_by(Attempt.number.desc())):
        attempts.setdefault(attempt.person_id, []).append(attempt)
    extensions = {
        each.person_id: each for each in session.scalars(select(Extension).where(Extension.activity_id == activity.id))
    }
    posted = {
        each.person_id: each for each in session.scalars(select(Posting).where(Posting.activity_id == activity.id))
    }
    found = [
        Pupil(
            person=member.person,
            active=member.active,
            attempts=attempts.get(member.person_id, ()),
            standing=standing(activity, extensions.get(member.person_id), attempts.get(member.person_id, ())),
            extension=extensions.get(member.person_id),
            posting=posted.get(member.person_id),
        )
        for member in session.scalars(members)
        if member.active or member.person_id in attempts
    ]
    return sorted(found, key=lambda each: (each.person.name.casefold(), each.person.id))


def has_attempts(session: Session, activity: Activity) -> bool:
    """Whether anybody has handed anything in."""
    return session.scalars(select(Attempt.id).where(Attempt.activity_id == activity.id).limit(1)).first() is not None


def to_review(session: Session, activity: Activity) -> Sequence[Attempt]:
    """Attempts that only a person can settle, the oldest first."""
    waiting = (Attempt.activity_id == activity.id, Attempt.decided_score.is_(None), ~Attempt.trial)
    query = select(Attempt).where(*waiting, Attempt.status == Status.NEEDS_REVIEW)
    return session.scalars(query.order_by(Attempt.handed_in_at, Attempt.id)).all()


def decide(
    session: Session, attempt: Attempt, score: float | None, comment: str, teacher: Person, now: datetime
) -> None:
    """Put a person's mark in place of the verdict's, or take it back with `None`.

    Raises:
        ValueError: the mark lies outside what the activity gives, or nothing has been judged yet.
    """
    if score is not None and (attempt.max_score is None or not 0 <= score <= attempt.max_score):
        raise ValueError(f"{score} is not within 0 and {attempt.max_score}")
    before = attempt.decided_score
    attempt.decided_score = score
    attempt.decided_comment = comment if score is not None else ""
    attempt.decided_by = teacher.id if score is not None else None
    attempt.decided_at = now if score is not None else None
    detail = f"{attempt.person_id} {attempt.number} {before} -> {score}"
    audit(session, "attempt.decided", now, person=teacher, activity=attempt.activity, detail=detail)
    session.flush()
    if not attempt.trial:
        postings.update(session, attempt.activity, attempt.person_id, now)


def extend(
    session: Session,
    activity: Activity,
    person_id: int,
    due_at: datetime | None,
    reason: str,
    teacher: Person,
    now: datetime,
) -> None:
    """Give one student their own due date, or take it back with `None`."""
    known = session.get(Extension, (activity.id, person_id))
    if due_at is None:
        if known is not None:
            session.delete(known)
    elif known is None:
        session.add(Extension(activity_id=activity.id, person_id=person_id, due_at=due_at, reason=reason))
    else:
        known.due_at, known.reason = due_at, reason
    audit(session, "extension.set", now, person=teacher, activity=activity, detail=f"{person_id} {due_at}")
    session.flush()
    postings.update(session, activity, person_id, now)


def rules_changed(session: Session, activity: Activity, teacher: Person, now: datetime) -> None:
    """Bring all marks up to date after dates or rules of an activity have changed."""
    audit(session, "activity.changed", now, person=teacher, activity=activity)
    session.flush()
    handed_in = select(Attempt.person_id).where(Attempt.activity_id == activity.id, ~Attempt.trial).distinct()
    for person_id in session.scalars(handed_in).all():
        postings.update(session, activity, person_id, now)


def regrade(session: Session, activity: Activity, teacher: Person, now: datetime) -> Regrade | None:
    """Ask for every notebook of an activity to be graded again; nothing changes for anybody until it is accepted.

    `None` where there is nothing to grade, or an earlier regrade is not settled.
    """
    # Two teachers who ask at once get one regrade.
    session.execute(select(Activity.id).where(Activity.id == activity.id).with_for_update())
    if activity.kind != Kind.ASSIGNMENT or open_regrade(session, activity) is not None:
        return None
    query = select(Attempt).where(Attempt.activity_id == activity.id, Attempt.verdict_key.is_not(None), ~Attempt.trial)
    attempts = session.scalars(query.order_by(Attempt.id)).all()
    if not attempts:
        return None
    asked = Regrade(activity_id=activity.id, asked_by=teacher.id, asked_at=now)
    session.add(asked)
    session.flush()
    for attempt in attempts:
        queue.enqueue(session, attempt, now, purpose=Purpose.REGRADE, regrade=asked.id)
    audit(session, "regrade.asked", now, person=teacher, activity=activity, detail=f"{asked.id} {len(attempts)}")
    return asked


def open_regrade(session: Session, activity: Activity) -> Regrade | None:
    """The regrade that nobody has settled yet."""
    query = select(Regrade).where(Regrade.activity_id == activity.id, Regrade.settled_at.is_(None))
    return session.scalars(query).first()


def progress(session: Session, asked: Regrade) -> Progress:
    """How far a regrade is, and what it would change as far as is known."""
    counts = select(func.count(), func.count().filter(Job.state == State.DONE)).where(Job.regrade_id == asked.id)
    total, done = session.execute(counts).one()
    changes = sorted(_changes(session, asked), key=lambda each: (each.gain, each.attempt.person.name, each.attempt.id))
    return Progress(asked, total, done, changes)


def settle(session: Session, asked: Regrade, activity: Activity, accept: bool, teacher: Person, now: datetime) -> None:
    """Accept a finished regrade, or drop it; marks that a person gave stay either way.

    Raises:
        ValueError: it is settled already, or accepted before everything is graded.
    """
    session.execute(select(Regrade.id).where(Regrade.id == asked.id).with_for_update())
    session.refresh(asked)
    found = progress(session, asked)
    if asked.settled_at is not None or (accept and not found.ready):
        raise ValueError("this regrade cannot be settled")
    if accept:
        for change in found.changes:
            apply_verdict(session, change.attempt, change.verdict)
        for person_id in {change.attempt.person_id for change in found.changes}:
            postings.update(session, activity, person_id, now)
    else:
        unfinished = select(Job).where(Job.regrade_id == asked.id, Job.state == State.QUEUED)
        for job in session.scalars(unfinished):
            session.delete(job)
    asked.settled_at, asked.accepted = now, accept
    what = "regrade.accepted" if accept else "regrade.dropped"
    audit(session, what, now, person=teacher, activity=activity, detail=f"{asked.id} {len(found.changes)}")


def _changes(session: Session, asked: Regrade) -> Iterator[Change]:
    """Attempts whose new verdict is not worth the same.

    Handed in again or decided by a person meanwhile, an attempt is still compared with the verdict that it has now.
    """
    query = (
        select(Attempt, Verdict)
        .join(Job, Job.attempt_id == Attempt.id)
        .join(Verdict, Verdict.key == Job.verdict_key)
        .where(Job.regrade_id == asked.id, Job.state == State.DONE)
    )
    for attempt, verdict in session.execute(query):
        if (attempt.score, attempt.status) != (verdict.score, verdict.status):
            yield Change(attempt, verdict)
