"""The durable queue: who gets which job, and what becomes of those whose worker dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.serve import queue
from autograder.serve.tables import Attempt, Job, Purpose, State

from .serving import Office, new_database


@pytest.fixture
def office(tmp_path: Path, tiny_course: Course) -> Iterator[Office]:
    with new_database(tmp_path) as database:
        yield Office(tmp_path, tiny_course, database, "90_tiny")


def claimed(office: Office, worker: str, count: int = 9, *, idle: bool = True) -> list[int]:
    """The attempts whose jobs `worker` gets."""
    with office.database.begin() as session:
        return [job.attempt_id for job in queue.claim(session, worker, count, office.clock(), idle=idle)]


def released(office: Office, attempt: int, **how: object) -> None:
    with office.database.begin() as session:
        job = session.scalars(select(Job).where(Job.attempt_id == attempt)).one()
        queue.release(job, office.clock(), **how)  # type: ignore[arg-type]


def test_no_job_is_claimed_twice_however_many_workers_ask_at_once(office: Office) -> None:
    wanted = {office.hand_in("ana", b"%d" % number) for number in range(30)}
    got: list[int] = []
    start = threading.Barrier(6)

    def work(name: str) -> None:
        start.wait()
        while found := claimed(office, name, 2):
            got.extend(found)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Where rows that another holds are skipped, somebody may see an empty queue a moment before the last is taken.
    got += claimed(office, "last")
    assert sorted(got) == sorted(wanted)


def test_a_lease_that_is_renewed_keeps_its_job(office: Office) -> None:
    attempt = office.hand_in("ana", b"1")
    claimed(office, "w1")
    for _ in range(4):
        office.clock.move(seconds=40)
        with office.database.begin() as session:
            assert queue.renew(session, "w1", office.clock(), [office.job(attempt).id]) == [office.job(attempt).id]
        assert claimed(office, "w2") == []


def test_a_job_whose_lease_ended_is_taken_by_another_and_the_first_can_settle_nothing(office: Office) -> None:
    attempt = office.hand_in("ana", b"1")
    claimed(office, "w1")
    office.clock.move(seconds=61)
    assert claimed(office, "w2") == [attempt]
    with office.database.begin() as session:
        job = office.job(attempt).id
        assert queue.held(session, job, "w1") is None
        assert queue.renew(session, "w1", office.clock(), [job]) == []
        assert queue.held(session, job, "w2") is not None


def test_jobs_of_a_worker_known_to_be_dead_come_free_at_once(office: Office) -> None:
    attempt = office.hand_in("ana", b"1")
    claimed(office, "host/1-aa")
    with office.database.begin() as session:
        assert queue.abandon(session, "hostile/", office.clock()) == 0
        assert queue.abandon(session, "host/", office.clock()) == 1
    assert claimed(office, "w2") == [attempt]


def test_somebody_who_waits_comes_before_a_regrade_that_was_asked_for_earlier(office: Office) -> None:
    old = office.hand_in("ana", b"1")
    claimed(office, "w1")
    with office.database.begin() as session:
        attempt = session.get_one(Attempt, old)
        queue.enqueue(session, attempt, office.clock(), purpose=Purpose.REGRADE)
    office.clock.move(seconds=5)
    new = office.hand_in("bruno", b"2")
    assert claimed(office, "w2", 1) == [new]
    assert claimed(office, "w2", 1) == [old]


def test_after_a_fault_a_job_waits_longer_every_time_and_without_blame_not_at_all(office: Office) -> None:
    attempt = office.hand_in("ana", b"1")
    waited = []
    for _ in range(3):
        assert claimed(office, "w1") == [attempt]
        released(office, attempt)
        waited.append(office.job(attempt).available_at - office.clock())
        assert claimed(office, "w1") == []
        office.clock.now = office.job(attempt).available_at
    assert waited == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=90)]
    assert claimed(office, "w1") == [attempt]
    released(office, attempt, blame=False)
    assert office.job(attempt).tries == 3
    assert claimed(office, "w1") == [attempt]
    released(office, attempt, blame=False, wait=timedelta(minutes=1))
    assert claimed(office, "w1") == []


def test_a_job_that_was_taken_before_is_given_alone_and_only_to_a_worker_that_is_idle(office: Office) -> None:
    suspect, other = office.hand_in("ana", b"1"), office.hand_in("bruno", b"2")
    claimed(office, "w1", 1)
    with office.database.begin() as session:
        queue.abandon(session, "w1", office.clock())
    assert claimed(office, "w2", idle=False) == []
    assert claimed(office, "w2") == [suspect]
    assert claimed(office, "w3") == [other]


def test_the_place_in_the_queue_counts_what_comes_before(office: Office) -> None:
    attempts = []
    for name in ("ana", "bruno", "chidi"):
        attempts.append(office.hand_in(name, name.encode()))
        office.clock.move(seconds=1)
    claimed(office, "w1", 1)
    with office.database.read() as session:
        jobs = [session.scalars(select(Job).where(Job.attempt_id == attempt)).one() for attempt in attempts]
        assert [queue.ahead(session, job) for job in jobs] == [0, 1, 2]
        assert queue.depth(session) == {State.QUEUED: 2, State.RUNNING: 1}
        assert queue.waits(session, office.clock())
