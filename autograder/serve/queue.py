"""The durable queue of gradings, in the database. A job is held by a lease: whoever dies, it comes free and is taken again.

Every function works inside a session of the caller's, who decides what belongs to one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import Case, Select, case, func, or_, select, update
from sqlalchemy.orm import Session

from autograder.serve.tables import Attempt, Job, Purpose, State

LEASE = timedelta(seconds=60)
"""A worker renews well before; after its death its jobs wait this long at most."""
MAX_TRIES = 3
"""Times that a job is taken before its attempt is left to a person: something about it ends workers."""
ALIVE = timedelta(seconds=45)
"""A worker that was heard of within this time is alive."""
_BACK_OFF = timedelta(seconds=30)


def enqueue(
    session: Session, attempt: Attempt, now: datetime, *, purpose: Purpose = Purpose.GRADE, regrade: int | None = None
) -> Job:
    """Ask for an attempt to be graded."""
    job = Job(attempt=attempt, purpose=purpose, regrade_id=regrade, queued_at=now, available_at=now)
    session.add(job)
    return job


def waits(session: Session, now: datetime) -> bool:
    """Whether there is anything to claim: a look that takes no lock."""
    return session.scalars(_next(now).limit(1)).first() is not None


def claim(session: Session, worker: str, count: int, now: datetime, *, idle: bool = True) -> Sequence[Job]:
    """Take up to `count` jobs for `worker`, students who wait before regrades, first come first served.

    Jobs whose worker has not renewed its lease are taken too. Two workers never hold the same job. One that was taken before, and
    so may have ended its worker, is given alone and only to a worker that does nothing else: what it does costs no neighbour
    a try. Such a job has more than one try; nothing is to be taken beside it.

    Args:
        idle: whether `worker` grades nothing at the moment.
    """
    found = session.scalars(_next(now).limit(count).with_for_update(skip_locked=True, of=Job)).all()
    jobs = list(takewhile(lambda job: job.tries == 0, found)) or (found[:1] if idle else [])
    for job in jobs:
        job.state, job.worker, job.leased_until = State.RUNNING, worker, now + LEASE
        job.started_at, job.tries = now, job.tries + 1
    return jobs


def renew(session: Session, worker: str, now: datetime, jobs: Collection[int]) -> list[int]:
    """Keep those of `jobs` that `worker` still holds for another while; their ids."""
    mine = (Job.worker == worker, Job.state == State.RUNNING, Job.id.in_(jobs))
    session.execute(update(Job).where(*mine).values(leased_until=now + LEASE))
    return list(session.scalars(select(Job.id).where(*mine)))


def abandon(session: Session, beginning: str, now: datetime) -> int:
    """Free what is held by workers whose names begin so, since they are known to be dead; how many jobs that were."""
    theirs = (Job.worker.startswith(beginning, autoescape=True), Job.state == State.RUNNING)
    freed = session.execute(update(Job).where(*theirs).values(leased_until=now - LEASE).returning(Job.id))
    return len(freed.all())


def held(session: Session, job_id: int, worker: str) -> Job | None:
    """The job, if `worker` still holds it; what a worker that was given up for dead brings later is dropped."""
    query = select(Job).where(Job.id == job_id, Job.worker == worker, Job.state == State.RUNNING)
    return session.scalars(query.with_for_update(of=Job)).one_or_none()


def finish(job: Job, verdict_key: str, now: datetime, seconds: float | None = None) -> None:
    """Note the verdict that a held job came to, and what grading it took."""
    job.state, job.verdict_key, job.finished_at, job.leased_until = State.DONE, verdict_key, now, None
    job.seconds = seconds


def release(job: Job, now: datetime, *, blame: bool = True, wait: timedelta = timedelta(0)) -> None:
    """Give a held job back, to be tried again later.

    Args:
        blame: whether this time counts; not when the worker itself is ending, or can grade nothing.
        wait: how long nobody is to take it; with blame it is longer every time.
    """
    job.state, job.worker, job.leased_until = State.QUEUED, None, None
    if blame:
        wait = max(wait, _BACK_OFF * job.tries)
    else:
        job.tries -= 1
    job.available_at = now + wait


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
