"""The durable queue of gradings, in the database. A job is held by a lease: whoever dies, it comes free and is taken again.

Every function works inside a session of the caller's, who decides what belongs to one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Case, Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from autograder.serve.tables import Attempt, Job, Purpose, State

LEASE = timedelta(seconds=60)
"""A worker renews well before; after its death its jobs wait this long at most."""
MAX_TRIES = 3
"""Times that a job is taken before its attempt is left to a person: something about it ends workers."""
_BACK_OFF = timedelta(seconds=30)


def enqueue(
    session: Session, attempt: Attempt, now: datetime, *, purpose: Purpose = Purpose.GRADE, regrade: int | None = None
) -> Job:
    """Ask for an attempt to be graded."""
    job = Job(attempt=attempt, purpose=purpose, regrade_id=regrade, queued_at=now, available_at=now)
    session.add(job)
    return job


def claim(session: Session, worker: str, count: int, now: datetime) -> Sequence[Job]:
    """Take up to `count` jobs for `worker`, students who wait before regrades, first come first served.

    Jobs whose worker has not renewed its lease are taken too. Two workers never hold the same job.
    """
    jobs = session.scalars(_next(now).limit(count).with_for_update(skip_locked=True, of=Job)).all()
    for job in jobs:
        job.state, job.worker, job.leased_until = State.RUNNING, worker, now + LEASE
        job.started_at, job.tries = now, job.tries + 1
    return jobs


def renew(session: Session, worker: str, now: datetime) -> list[int]:
    """Keep what `worker` holds for another while; the ids of the jobs that are still its own."""
    held = (Job.worker == worker, Job.state == State.RUNNING)
    session.execute(update(Job).where(*held).values(leased_until=now + LEASE))
    return list(session.scalars(select(Job.id).where(*held)))


def held(session: Session, job_id: int, worker: str) -> Job | None:
    """The job, if `worker` still holds it; what a worker that was given up for dead brings later is dropped."""
    query = select(Job).where(Job.id == job_id, Job.worker == worker, Job.state == State.RUNNING)
    return session.scalars(query.with_for_update(of=Job)).one_or_none()


def finish(job: Job, verdict_key: str, now: datetime) -> None:
    """Note the verdict that a held job came to."""
    job.state, job.verdict_key, job.finished_at, job.leased_until = State.DONE, verdict_key, now, None


def release(job: Job, now: datetime, *, blame: bool = True) -> None:
    """Give a held job back, to be tried again later.

    Args:
        blame: whether this time counts; not when the worker itself is ending.
    """
    job.state, job.worker, job.leased_until = State.QUEUED, None, None
    if blame:
        job.available_at = now + _BACK_OFF * job.tries
    else:
        job.tries -= 1


def ahead(session: Session, job: Job) -> int:
    """How many jobs will be taken before this one, those that run now included; 0 once it runs."""
    if job.state != State.QUEUED:
        return 0
    before = or_(
        Job.state == State.RUNNING,
        (Job.state == State.QUEUED) & (_rank() == 0) & ((Job.queued_at < job.queued_at) | _same_moment(job)),
    )
    return session.scalar(select(func.count()).select_from(Job).where(before)) or 0


def depth(session: Session) -> dict[State, int]:
    """Jobs that are queued and that run."""
    query = select(Job.state, func.count()).where(Job.state != State.DONE).group_by(Job.state)
    found = dict(session.execute(query).all())
    return {state: found.get(state, 0) for state in (State.QUEUED, State.RUNNING)}


def _next(now: datetime) -> Select[Job]:
    free = (Job.state == State.QUEUED) & (Job.available_at <= now)
    abandoned = (Job.state == State.RUNNING) & (Job.leased_until < now)
    return select(Job).where(or_(free, abandoned)).order_by(_rank(), Job.queued_at, Job.id)


def _rank() -> Case[int]:
    """Somebody waits for a first grading; nobody waits for a regrade."""
    return case((Job.purpose == Purpose.GRADE, 0), else_=1)


def _same_moment(job: Job) -> object:
    return (Job.queued_at == job.queued_at) & (Job.id < job.id)
