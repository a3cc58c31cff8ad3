"""How far attempts are that somebody watches, all of them in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from autograder.serve.tables import Job, Purpose, State


@dataclass(frozen=True)
class Progress:
    """Where one attempt is on its way to its first verdict."""

    state: State
    ahead: int = 0
    """Jobs that are taken before it, those that run included; 0 once it runs."""
    since: datetime | None = None
    """When it began to run."""


DONE = Progress(State.DONE)


def progress(session: Session, attempts: Collection[int]) -> dict[int, Progress]:
    """Where these attempts (by id) are. One for which nothing is to be done any more is done."""
    # Queued regrades come after everybody who waits, and there may be thousands of them.
    query = select(Job.attempt_id, Job.purpose, Job.state, Job.started_at).where(
        Job.state != State.DONE, or_(Job.purpose == Purpose.GRADE, Job.state == State.RUNNING)
    )
    jobs = session.execute(query.order_by(Job.queued_at, Job.id)).all()
    before = sum(job.state == State.RUNNING for job in jobs)
    found = dict.fromkeys(attempts, DONE)
    for job in jobs:
        mine = job.purpose == Purpose.GRADE and job.attempt_id in found
        if job.state == State.RUNNING:
            if mine:
                found[job.attempt_id] = Progress(State.RUNNING, since=job.started_at)
        else:
            if mine:
                found[job.attempt_id] = Progress(State.QUEUED, before)
            before += 1
    return found
