"""The conformance suite, put to this engine: no case may gain, lose, read, write, outlive or stop anything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.engine import Engine

from ..conftest import TINY_GRADER
from . import ours
from .case import HIDDEN, Case, Seen, Surroundings, violations
from .suite import KINDS, cases

ALL = tuple(cases())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    assert HIDDEN in TINY_GRADER
    return ours.tiny_course(tmp_path_factory.mktemp("conformance"))


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, Surroundings]]:
    """Outside pytest's own folders, through which nobody else may pass."""
    with tempfile.TemporaryDirectory(prefix="conformance-", dir="/var/tmp") as root:
        yield ours.surround(ALL, Path(root))


@pytest.fixture(scope="module")
def seen(course: Course, places: dict[str, Surroundings]) -> dict[str, Seen]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_SECRET", "canary-of-the-environment")
        return ours.grade(course, ALL, places)


def test_there_are_at_least_eighty_cases_of_eight_kinds_and_no_name_twice() -> None:
    assert len(ALL) >= 80
    assert len(KINDS) == 8
    assert len({case.id for case in ALL}) == len(ALL)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_nothing_is_violated(case: Case, seen: dict[str, Seen], places: dict[str, Surroundings]) -> None:
    assert violations(case, places[case.id], seen[case.id], ours.running()) == []
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
        released = engine.template(ours.NAME, "en").notebook()
    for case in ALL:
        data = case.notebook(released, places[case.id])
        if case.kind != "confuse":
            nbformat.validate(nbformat.reads(data.decode(), as_version=4))
        assert b"TOKEN" not in data
        assert b"SPOT" not in data
