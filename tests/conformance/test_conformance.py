"""The conformance suite, put to this engine: no case may gain, lose, read, write, outlive or stop anything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder import feedback
from autograder.course import Course, Limits
from autograder.engine import Engine
from autograder.records import Report, Status

from .case import HIDDEN, POINTS, Case, Seen, Surroundings, violations
from .suite import KINDS, cases

ALL = tuple(cases())
LIMITS = Limits(cell_seconds=4, check_seconds=1.5, memory=1 << 30, processes=64, file_size=64 << 20)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    from ..conftest import TINY, TINY_GRADER, write_course

    assert HIDDEN in TINY_GRADER
    made = Course.load(write_course(tmp_path_factory.mktemp("conformance"), "90_tiny", TINY, TINY_GRADER))
    return replace(made, limits=LIMITS)


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, Surroundings]]:
    """A spot and a secret for each case, outside pytest's own folders, through which nobody else may pass."""
    with tempfile.TemporaryDirectory(prefix="conformance-", dir="/var/tmp") as root:
        found = {}
        os.chmod(root, 0o755)
        for case in ALL:
            folder = Path(root) / case.id
            spot, secret = folder / "spot", folder / "sibling.txt"
            spot.mkdir(parents=True)
            spot.chmod(0o777)
            found[case.id] = Surroundings(spot, secret)
            secret.write_text(found[case.id].content)
            secret.chmod(0o644)
        yield found


@pytest.fixture(scope="module")
def seen(course: Course, places: dict[str, Surroundings]) -> Iterator[dict[str, Seen]]:
    """Every case graded, two at a time, as a class is."""
    with pytest.MonkeyPatch.context() as patch, Engine(course) as engine, ThreadPoolExecutor(2) as executor:
        patch.setenv("COURSE_SECRET", "canary-of-the-environment")
        engine.warm(course.names)
        released = engine.template("90_tiny", "en").notebook()

        def grade(case: Case) -> Seen:
            report = engine.grade(case.notebook(released, places[case.id]), "90_tiny", case.id)
            return as_seen(report)

        yield dict(zip((case.id for case in ALL), executor.map(grade, ALL), strict=True))


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


def test_there_are_at_least_eighty_cases_of_eight_kinds_and_no_name_twice() -> None:
    assert len(ALL) >= 80
    assert len(KINDS) == 8
    assert len({case.id for case in ALL}) == len(ALL)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_nothing_is_violated(case: Case, seen: dict[str, Seen], places: dict[str, Surroundings]) -> None:
    assert violations(case, places[case.id], seen[case.id], running()) == []
    assert "canary-of-the-environment" not in seen[case.id].printed
    assert places[case.id].secret.read_text() == places[case.id].content


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen(None, ""), "no report"),
        (Seen(10.0, ""), "10 points where 4 are fair"),
        (Seen(0.0, ""), "only 0 points where 4 are fair"),
        (Seen(0.0, "", rejected=True), "rejected though it can be graded"),
        (Seen(4.0, HIDDEN), "hidden tests were read"),
        (Seen(4.0, "canary"), "a secret was read"),
    ],
)
def test_a_violation_is_seen(seen: Seen, words: str, tmp_path: Path) -> None:
    case = Case("x", "…", 4.0, kind="forge")
    around = Surroundings(tmp_path / "spot", tmp_path / "secret", "canary")
    around.spot.mkdir()
    assert violations(case, around, seen, []) == [words]
    (around.spot / "file").touch()
    assert violations(case, around, seen, [f"sleep {around.token}"])[-2:] == [
        "a file was written outside",
        "a process outlived the run",
    ]


def test_every_case_is_a_notebook_or_meant_to_be_none(course: Course, places: dict[str, Surroundings]) -> None:
    with Engine(course) as engine:
        released = engine.template("90_tiny", "en").notebook()
    for case in ALL:
        data = case.notebook(released, places[case.id])
        if case.kind != "confuse":
            nbformat.validate(nbformat.reads(data.decode(), as_version=4))
        assert b"TOKEN" not in data
        assert b"SPOT" not in data
