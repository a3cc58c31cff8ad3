"""The suite put to this engine: every case graded on one warm engine, behind real walls, two at a time as a class is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from autograder import feedback
from autograder.course import Course, Limits
from autograder.engine import Engine
from autograder.records import Report, Status

from ..conftest import TINY, TINY_GRADER, write_course
from .case import POINTS, Case, Seen, Surroundings

NAME = "90_tiny"
LIMITS = Limits(cell_seconds=3, check_seconds=1, memory=1 << 30, processes=64, file_size=64 << 20)


def tiny_course(root: Path) -> Course:
    """A course of one assignment below `root`, with limits short enough for a suite."""
    return replace(Course.load(write_course(root, NAME, TINY, TINY_GRADER)), limits=LIMITS)


def surround(cases: Sequence[Case], root: Path) -> dict[str, Surroundings]:
    """A spot and a secret for each case below `root`, through which everybody may pass."""
    found = {}
    os.chmod(root, 0o755)
    for case in cases:
        folder = root / case.id
        spot, secret = folder / "spot", folder / "sibling.txt"
        spot.mkdir(parents=True)
        spot.chmod(0o777)
        found[case.id] = Surroundings(spot, secret)
        secret.write_text(found[case.id].content)
        secret.chmod(0o644)
    return found


def grade(course: Course, cases: Sequence[Case], places: Mapping[str, Surroundings]) -> dict[str, Seen]:
    """What came of each case, by its id."""
    with Engine(course) as engine, ThreadPoolExecutor(2) as executor:
        engine.warm(course.names)
        released = engine.template(NAME, "en").notebook()

        def one(case: Case) -> Seen:
            return as_seen(engine.grade(case.notebook(released, places[case.id]), NAME, case.id))

        return dict(zip((case.id for case in cases), executor.map(one, cases), strict=True))


def as_seen(report: Report) -> Seen:
    """Points task by task, as the peers give them: all of a task or none."""
    earned = sum(
        points
        for task, points in POINTS.items()
        if all(check.points for check in report.checks if check.task == task) and report.checks
    )
    printed = "\n".join(output.data for run in report.cells for output in run.outputs)
    score = None if report.status is Status.NEEDS_REVIEW else earned
    return Seen(score, printed + feedback.page(report, "en"), report.status is Status.REJECTED)


def running() -> list[str]:
    """The command lines of all processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found
