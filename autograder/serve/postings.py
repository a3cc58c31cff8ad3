"""What the LMS should show of each student: decided here, without asking the LMS, in the transaction of what changed the mark.

`serve.postman` sends it. A row is made when there is first something to send, and is never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Session

from autograder.lti.grades import SCORE
from autograder.records import Status
from autograder.serve.attempts import audit
from autograder.serve.standing import standing
from autograder.serve.tables import (
    Activity,
    Attempt,
    Extension,
    Membership,
    Person,
    Posting,
    PostState,
    Reason,
    Role,
)
from autograder.text import Language, Text

LEASE = timedelta(minutes=5)
"""For which a postman holds a row: longer than its few requests may take together."""
REASONS: Mapping[Reason, Text] = {
    Reason.REVIEW: Text(
        "La última entrega espera a que la mire una persona; hasta entonces no se envía nada.",
        "The last attempt waits for a person to look at it; nothing is sent until then.",
    ),
    Reason.BY_HAND: Text(
        "La nota de la plataforma se ha cambiado a mano. ¿Debe sustituirla la de aquí?",
        "The mark in the LMS was changed by hand. Should ours take its place?",
    ),
    Reason.NEWER: Text(
        "La plataforma tiene una nota más reciente. ¿Debe sustituirla la de aquí?",
        "The LMS has a newer mark. Should ours take its place?",
    ),
    Reason.NO_COLUMN: Text(
        "La actividad no tiene columna en el libro de calificaciones y aquí no se puede crear: actívala en la plataforma y "
        "abre la actividad desde allí.",
        "The activity has no column in the gradebook, and it cannot be made from here: turn on grading in the LMS and open the "
        "activity from there.",
    ),
    Reason.REFUSED: Text(
        "La plataforma rechaza la nota. Comprueba que el estudiante sigue inscrito y vuelve a enviarla.",
        "The LMS refuses the mark. Check that the student is still enrolled, and send it again.",
    ),
    Reason.UNREACHABLE: Text(
        "La plataforma lleva días sin responder. Vuelve a enviarla cuando funcione.",
        "The LMS has not answered for days. Send it again when it works.",
    ),
}
"""What a teacher reads beside a mark that is held or has failed."""


@dataclass(frozen=True)
class Wanted:
    """What the LMS should show; as points before the LMS scales them to its column."""

    attempt: int
    score: float
    max_score: float
    deducted: float


def wanted(activity: Activity, extension: Extension | None, attempts: Sequence[Attempt]) -> Wanted | Reason | None:
    """What should be posted of one person, whose `attempts` are all; pure.

    Returns:
        `Reason.REVIEW` while a person has to decide; `None` where there is no mark: nothing judged, nothing but a teacher's own
        tries, nothing but files that were no notebook.
    """
    mark = standing(activity, extension, [each for each in attempts if not each.trial]).mark
    if mark is None or mark.max_score <= 0:
        return None
    if not mark.final:
        return Reason.REVIEW
    if mark.attempt.status == Status.REJECTED and mark.attempt.decided_score is None:
        return None
    return Wanted(mark.attempt.id, mark.score, mark.max_score, mark.deducted)


def update(session: Session, activity: Activity, person_id: int, now: datetime) -> None:
    """Bring one student's row to what the LMS should show; to be called whenever their mark may have changed, before the commit.

    An activity for whose marks the LMS gave us no right has no rows. Nothing is sent here.
    """
    if activity.section.platform_id is None or SCORE not in activity.scopes.split():
        return
    decision = _decide(session, activity, person_id)
    row = session.get(Posting, (activity.id, person_id), with_for_update={"of": Posting}, populate_existing=True)
    if decision is None or (row is None and isinstance(decision, Reason)):
        return
    if isinstance(decision, Reason):
        assert row is not None
        if row.reason != decision:
            row.version += 1
            _hold(row, PostState.HELD, decision, "")
    elif row is None:
        row = Posting(activity_id=activity.id, person_id=person_id, version=0, score=0.0, max_score=0.0)
        _want(row, decision, now)
        session.add(row)
    elif (row.score, row.max_score, row.deducted) != (decision.score, decision.max_score, decision.deducted):
        _want(row, decision, now)
    elif row.reason == Reason.REVIEW:
        # Reviewed, and the mark is the one from before.
        if (row.sent_score, row.sent_max) == (row.score, row.max_score):
            row.state, row.reason, row.attempt_id = PostState.SENT, "", decision.attempt
        else:
            _want(row, decision, now)
    session.flush()


def release(session: Session, posting: Posting, teacher: Person, now: datetime, *, overwrite: bool = False) -> bool:
    """Send what is held or has failed after all, since a teacher says so; whether it will be.

    It stays held while the verdict itself waits for a person.

    Args:
        overwrite: replace whatever mark the LMS shows now.
    """
    decision = _decide(session, posting.activity, posting.person_id)
    session.refresh(posting, with_for_update={"of": Posting})
    if not isinstance(decision, Wanted) or posting.state in (PostState.SENT, PostState.SENDING):
        return False
    _want(posting, decision, now)
    posting.overwrite = overwrite
    detail = f"person {posting.person_id}: {decision.score:g}{' over whatever is there' if overwrite else ''}"
    audit(session, "mark.released", now, person=teacher, activity=posting.activity, detail=detail)
    session.flush()
    return True


def leave(session: Session, posting: Posting, teacher: Person, now: datetime) -> bool:
    """Leave the LMS's mark as it is, since a teacher says so, until ours changes; whether anything was held."""
    session.refresh(posting, with_for_update={"of": Posting})
    if posting.state not in (PostState.HELD, PostState.FAILED) or posting.reason == Reason.REVIEW:
        return False
    posting.state, posting.reason, posting.problem = PostState.SENT, "", ""
    detail = f"person {posting.person_id}"
    audit(session, "mark.left", now, person=teacher, activity=posting.activity, detail=detail)
    session.flush()
    return True


def column_found(session: Session, activity: Activity, now: datetime) -> None:
    """Send what waited for a column of the gradebook, and everything that went to another one; after a launch has changed it."""
    theirs = (Posting.activity_id == activity.id, Posting.reason != Reason.REVIEW)
    for row in session.scalars(select(Posting).where(*theirs).with_for_update(of=Posting)):
        moved = row.sent_to is not None and row.sent_to != activity.line_item_url
        if moved or row.state in (PostState.HELD, PostState.FAILED):
            row.version += 1
            _wait(row, now)


def claim(session: Session, worker: str, now: datetime) -> Posting | None:
    """Take the row that has waited longest for `worker`, or one whose postman died; no other postman holds it then."""
    due = (Posting.state == PostState.WAITING) & (Posting.next_try_at <= now)
    abandoned = (Posting.state == PostState.SENDING) & (Posting.leased_until < now)
    query = select(Posting).where(or_(due, abandoned)).order_by(Posting.next_try_at).limit(1)
    row = session.scalars(query.with_for_update(skip_locked=True, of=Posting)).one_or_none()
    if row is not None:
        row.state, row.worker, row.leased_until = PostState.SENDING, worker, now + LEASE
        row.tries += 1
    return row


def waits(session: Session, now: datetime) -> bool:
    """Whether there is anything to claim: a look that takes no lock."""
    due = (Posting.state == PostState.WAITING) & (Posting.next_try_at <= now)
    abandoned = (Posting.state == PostState.SENDING) & (Posting.leased_until < now)
    return session.scalar(select(Posting.version).where(or_(due, abandoned)).limit(1)) is not None


def abandon(session: Session, beginning: str, now: datetime) -> None:
    """Free what is held by postmen whose names begin so, since they are known to be dead."""
    theirs = (Posting.worker.startswith(beginning, autoescape=True), Posting.state == PostState.SENDING)
    session.execute(sql_update(Posting).where(*theirs).values(leased_until=now - LEASE))


def hold(row: Posting, state: PostState, reason: Reason, problem: str) -> None:
    """Leave a claimed row to a person."""
    _hold(row, state, reason, problem)
    row.worker, row.leased_until = None, None


def comment(row: Posting, language: Language, link: str) -> str:
    """What the student reads beside the mark in the LMS: the mark, what lateness cost, where the feedback is."""
    mark = Text(f"{row.score:g} de {row.max_score:g} puntos.", f"{row.score:g} of {row.max_score:g} points.")
    late = Text(
        f" {row.deducted:g} puntos menos por el retraso.", f" {row.deducted:g} points were taken off for lateness."
    )
    where = Text(f" Comentarios: {link}", f" Feedback: {link}")
    parts = (mark, late, where) if row.deducted else (mark, where)
    return "".join(part.to(language) for part in parts)


def _decide(session: Session, activity: Activity, person_id: int) -> Wanted | Reason | None:
    session.flush()
    # Where the database takes no lock for a whole transaction, two verdicts at once must both be seen by the second.
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    membership = session.get(Membership, (activity.section_id, person_id))
    if membership is not None and membership.role == Role.TEACHER:
        return None
    mine = (Attempt.activity_id == activity.id, Attempt.person_id == person_id)
    attempts = session.scalars(select(Attempt).where(*mine).execution_options(populate_existing=True)).all()
    return wanted(activity, session.get(Extension, (activity.id, person_id)), attempts)


def _want(row: Posting, decision: Wanted, now: datetime) -> None:
    row.version += 1
    row.attempt_id, row.score, row.max_score = decision.attempt, decision.score, decision.max_score
    row.deducted, row.overwrite = decision.deducted, False
    _wait(row, now)


def _wait(row: Posting, now: datetime) -> None:
    # Whoever is sending an older version notices by its number, and what it notes is not lost.
    if row.state != PostState.SENDING:
        row.state = PostState.WAITING
    row.reason, row.problem, row.tries, row.waiting_since, row.next_try_at = "", "", 0, now, now


def _hold(row: Posting, state: PostState, reason: Reason, problem: str) -> None:
    row.state, row.reason, row.problem, row.overwrite = state, reason, problem, False
