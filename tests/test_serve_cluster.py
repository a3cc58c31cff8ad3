"""A service whose queue is graded on a cluster: a real scheduler, a real machine of it, and the service's own worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.serve.tables import State, Worker

from .clock import Now
from .cluster import Cluster
from .conftest import TINY, TINY_GRADER, write_course
from .serving import Office, new_database, until, worker


def test_the_queue_is_graded_on_a_cluster_by_the_course_as_it_is_then_and_waits_when_the_cluster_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course.load(write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER))
    with new_database(tmp_path) as database, Cluster(tmp_path) as cluster:
        (machine,) = cluster.join("--jobs", "1")
        monkeypatch.setenv("AUTOGRADER_DASK", cluster.address)
        office = Office(tmp_path, course, database, "90_tiny", Now())
        first = office.hand_in("ana", office.notebook())
        with worker(office, "--jobs", "2"):
            until(lambda: office.attempt(first).status == "graded")
            assert office.attempt(first).score == 10.0
            assert "graded" in machine.said
            grader = course.assignment("90_tiny").grader
            grader.write_text(grader.read_text().replace("np.zeros(4)), 1.0)", "np.zeros(4)), 2.0)"))
            second = office.hand_in("bruno", office.notebook())
            until(lambda: office.attempt(second).status == "graded")
            assert office.attempt(second).score < 10.0
            cluster.scheduler.kill()
            third = office.hand_in("chidi", office.notebook(extra="1 + 1"))

            def problem() -> str:
                with database.read() as session:
                    return session.scalars(select(Worker.problem)).one()

            until(lambda: "scheduler" in problem().lower())
            job = office.job(third)
            assert (job.state, job.tries) == (State.QUEUED, 0)
