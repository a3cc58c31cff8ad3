"""From the queue to the mark: one job in this process with a warm engine, and real worker processes that are ended and killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from autograder.course import Course
from autograder.errors import CourseError, UsageError, WallError
from autograder.records import OUR_FAULT, TOO_CLOSE, Outcome, Status
from autograder.serve import queue
from autograder.serve.attempts import report_of, standing_of
from autograder.serve.grading import Grading, Task
from autograder.serve.tables import Activity, Attempt, Audit, Kind, Purpose, State, Verdict, Worker
from autograder.serve.worker import main

from .clock import Now
from .conftest import TINY, TINY_GRADER, Bench, write_course
from .serving import Office, new_database, until, worker

HALF = {"mse": "def mse(a, b):\n    return 0.0\n"}
SLOW = "import time\ntime.sleep(600)"
BROKEN = TINY_GRADER + '\nraise RuntimeError("the author mistyped")\n'


@pytest.fixture
def office(tmp_path: Path, tiny_course: Course) -> Iterator[Office]:
    with new_database(tmp_path) as database:
        yield Office(tmp_path, tiny_course, database, "90_tiny")


@pytest.fixture
def grade(office: Office, tiny: Bench, using: Callable[[Bench, Course], Bench]) -> Callable[[], None]:
    """Claims the next job and grades it here, with the office's course on warm processes."""
    using(tiny, office.course)
    grading = Grading(tiny.engine, office.database, office.uploads, "w1", office.clock)

    def once() -> None:
        with office.database.begin() as session:
            (job,) = queue.claim(session, "w1", 1, office.clock())
            task = Task.of(job)
        grading.run(task)

    return once


def test_a_verdict_gives_the_attempt_its_mark_and_leaves_a_note(office: Office, grade: Callable[[], None]) -> None:
    number = office.hand_in("ana", office.notebook(HALF))
    grade()
    with office.database.read() as session:
        attempt = session.get_one(Attempt, number)
        report = report_of(attempt, cells=True)
        assert report is not None
        assert (attempt.status, attempt.score, attempt.max_score) == ("graded", 4.0, 10.0)
        assert (report.student, report.score, bool(report.cells)) == ("Ana", 4.0, True)
        mark = standing_of(session, attempt.activity, attempt.person_id).mark
        assert mark is not None
        assert (mark.score, mark.final) == (4.0, True)
        assert session.scalars(select(Audit.action).order_by(Audit.id.desc())).first() == "attempt.graded"
    job = office.job(number)
    assert job.state == State.DONE
    assert job.seconds is not None
    assert job.seconds > 0


def test_equal_files_of_two_students_are_graded_once_and_a_saved_solution_makes_old_verdicts_old(
    office: Office, grade: Callable[[], None]
) -> None:
    data = office.notebook()
    first, second = office.hand_in("ana", data), office.hand_in("bruno", data)
    grade()
    grade()
    assert office.verdicts() == 1
    assert office.job(second).seconds is None
    assert office.attempt(second).score == office.attempt(first).score == 10.0
    # The author makes the first check worth more.
    grader = office.course.assignment(office.name).grader
    notebook = office.course.assignment(office.name).notebook
    grader.write_text(TINY_GRADER.replace('points=4, task="mse"', 'points=8, task="mse"'))
    notebook.write_text(TINY.replace("points=6", "points=10"))
    third = office.hand_in("chidi", data)
    grade()
    assert office.job(third).seconds is not None
    assert (office.attempt(third).score, office.attempt(third).max_score) == (14.0, 14.0)


def test_a_regrade_waits_for_a_teacher_and_changes_nothing(office: Office, grade: Callable[[], None]) -> None:
    number = office.hand_in("ana", office.notebook(HALF))
    grade()
    grader = office.course.assignment(office.name).grader
    grader.write_text(TINY_GRADER.replace("[41539, 3, 6]), 4.0", "[41539, 3, 6]), 0.0"))
    with office.database.begin() as session:
        queue.enqueue(session, session.get_one(Attempt, number), office.clock(), purpose=Purpose.REGRADE)
    before = office.attempt(number)
    grade()
    job, after = office.job(number), office.attempt(number)
    assert (after.verdict_key, after.score) == (before.verdict_key, 4.0)
    assert job.verdict_key not in (None, before.verdict_key)
    with office.database.read() as session:
        assert session.get_one(Verdict, job.verdict_key).score == 8.0


def test_a_fault_of_ours_is_tried_again_then_left_to_a_person_and_never_kept_for_others(
    office: Office, grade: Callable[[], None]
) -> None:
    office.course.assignment(office.name).grader.write_text(BROKEN)
    data = office.notebook()
    number = office.hand_in("ana", data)
    for _ in range(2):
        grade()
        assert office.job(number).state == State.QUEUED
        assert office.attempt(number).status is None
        office.clock.now = office.job(number).available_at
    grade()
    attempt = office.attempt(number)
    assert (attempt.status, attempt.score, office.job(number).state) == ("needs_review", 0.0, State.DONE)
    second = office.hand_in("bruno", data)
    office.course.assignment(office.name).grader.write_text(TINY_GRADER)
    grade()
    assert office.attempt(second).score == 10.0


def test_only_a_result_too_close_to_its_limit_is_kept_where_something_is_unjudged(
    office: Office, grade: Callable[[], None], tiny: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tiny.engine.grade(office.notebook(), office.name)
    for person, message, kept in (("ana", OUR_FAULT, 0), ("bruno", TOO_CLOSE, 1)):
        open_ = replace(whole.checks[0], outcome=Outcome.UNJUDGED, message=message)
        report = replace(whole, status=Status.NEEDS_REVIEW, checks=(open_, *whole.checks[1:]))
        with monkeypatch.context() as patch:
            patch.setattr(tiny.engine, "grade", lambda *_, report=report: report)
            office.hand_in(person, office.notebook(extra=f"# {person}"))
            grade()
        assert office.verdicts() == kept


def test_what_ended_three_workers_is_not_run_again_and_costs_no_mark(office: Office, grade: Callable[[], None]) -> None:
    number = office.hand_in("ana", office.notebook(extra=SLOW))
    for name in ("a", "b", "c"):
        with office.database.begin() as session:
            assert len(queue.claim(session, name, 1, office.clock())) == 1
            queue.abandon(session, name, office.clock())
    started = time.monotonic()
    grade()
    assert time.monotonic() - started < 5
    with office.database.read() as session:
        attempt = session.get_one(Attempt, number)
        report = report_of(attempt)
        assert report is not None
        assert (attempt.status, attempt.max_score) == ("needs_review", 10.0)
        assert report.faults == ("its worker ended 3 times",)
        mark = standing_of(session, attempt.activity, attempt.person_id).mark
        assert mark is not None
        assert not mark.final


def test_a_notebook_of_something_else_is_a_rejected_attempt(office: Office, grade: Callable[[], None]) -> None:
    number = office.hand_in("ana", b"not a notebook")
    grade()
    assert (office.attempt(number).status, office.job(number).state) == ("rejected", State.DONE)


def test_a_damaged_upload_is_our_fault(office: Office, grade: Callable[[], None]) -> None:
    number = office.hand_in("ana", office.notebook())
    office.uploads.path(office.attempt(number).sha256).write_bytes(b"{}")
    for _ in range(3):
        grade()
        office.clock.now = office.job(number).available_at
    assert office.attempt(number).status == "needs_review"


def test_where_the_course_or_a_wall_is_wrong_the_job_waits_without_blame(
    office: Office, grade: Callable[[], None], tiny: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.hand_in("ana", office.notebook())
    source = office.course.assignment(office.name).notebook
    source.write_text(TINY.replace("### END SOLUTION", "", 1))
    with pytest.raises(CourseError):
        grade()
    source.unlink()
    office.clock.move(minutes=2)
    with pytest.raises(CourseError):
        grade()
    source.write_text(TINY)
    office.clock.move(minutes=2)

    def walled(*_: object) -> None:
        raise WallError("Landlock is missing")

    with monkeypatch.context() as patch:
        patch.setattr(tiny.engine, "grade", walled)
        with pytest.raises(WallError):
            grade()
    job = office.job(number)
    assert (job.state, job.tries, office.attempt(number).status) == (State.QUEUED, 0, None)
    assert job.available_at > office.clock()
    office.clock.move(minutes=2)
    grade()
    assert office.attempt(number).score == 10.0


def test_an_assignment_that_the_course_lacks_is_no_fault_of_the_student(
    office: Office, grade: Callable[[], None]
) -> None:
    with office.database.begin() as session:
        session.get_one(Activity, office.activity).name = "91_gone"
    office.hand_in("ana", b"{}")
    with pytest.raises(UsageError, match="91_gone"):
        grade()


def test_what_is_brought_after_the_lease_was_lost_is_dropped(office: Office, tiny: Bench, using: Callable) -> None:
    using(tiny, office.course)
    number = office.hand_in("ana", office.notebook())
    with office.database.begin() as session:
        (job,) = queue.claim(session, "w1", 1, office.clock())
        task = Task.of(job)
        queue.abandon(session, "w1", office.clock())
        queue.claim(session, "w2", 1, office.clock())
    Grading(tiny.engine, office.database, office.uploads, "w1", office.clock).run(task)
    assert (office.attempt(number).status, office.job(number).worker) == (None, "w2")
    assert office.verdicts() == 0


# --- processes -------------------------------------------------------------------------------------------------------


def running(office: Office, attempt: int) -> bool:
    return office.job(attempt).state == State.RUNNING


def test_a_killed_workers_job_is_taken_again_and_a_worker_told_to_end_gives_its_job_back(tmp_path: Path) -> None:
    course = Course.load(write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER))
    with new_database(tmp_path) as database:
        office = Office(tmp_path, course, database, "90_tiny", Now())
        slow = office.hand_in("ana", office.notebook(extra=SLOW))
        with worker(office, "--jobs", "1", "--name", "first") as process:
            until(lambda: running(office, slow))
            process.send_signal(signal.SIGKILL)
            process.wait()
        with database.begin() as session:
            assert queue.abandon(session, "first", office.clock()) == 1
        with worker(office, "--jobs", "1", "--name", "second") as process:
            until(lambda: office.job(slow).worker == "second")
            assert office.job(slow).tries == 2
            process.terminate()
            assert process.wait(timeout=40) == 0
        job = office.job(slow)
        assert (job.state, job.worker, job.tries) == (State.QUEUED, None, 1)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Worker).where(Worker.name == "second")) == 0


def test_a_worker_process_grades_what_it_can_and_says_what_it_cannot(tmp_path: Path) -> None:
    course = Course.load(write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER))
    with new_database(tmp_path) as database:
        office = Office(tmp_path, course, database, "90_tiny", Now())
        with database.begin() as session:
            section = session.get_one(Activity, office.activity).section
            other = Activity(section=section, link_id="l2", kind=Kind.ASSIGNMENT, name="92_lost", title="Two")
            session.add(other)
            session.flush()
            lost = other.id
        stuck = office.hand_in("bruno", office.notebook(), lost)
        right = office.hand_in("ana", office.notebook())
        with worker(office, "--jobs", "2"):
            until(lambda: office.attempt(right).status == "graded")
            assert office.attempt(right).score == 10.0

            def told() -> str:
                with database.read() as session:
                    row = session.scalars(select(Worker)).one()
                    assert row.jobs == 2
                    return row.problem

            until(lambda: "92_lost" in told())
            assert office.job(stuck).state == State.QUEUED


def test_a_worker_alone_refuses_a_database_that_was_never_brought_up_to_date(
    tmp_path: Path, tiny_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_DATA", str(tmp_path))
    monkeypatch.delenv("AUTOGRADER_DATABASE", raising=False)
    with pytest.raises(UsageError, match="autograder serve"):
        main(["--course", str(tiny_course.root)])
