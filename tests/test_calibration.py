"""`autograder calibrate`: fair graders are found fair, and every way of being unfair is named."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.calibration import Calibration, calibrate, gradings, render
from autograder.checks import Borderline, CheckFailed, expect_at_least, expect_at_most
from autograder.checks.expectations import taken
from autograder.course import Course
from autograder.records import TOO_CLOSE, Outcome, Status

from .conftest import TINY, Bench, write_course

GRADER = '''\
from autograder.checks import Text, check, expect_at_least, expect_at_most, expect_close

HINTS = {"far": Text(es="Lejos.", en="Far off.")}


@check(points=6, task="mse", es="Cerca.")
def test_near(student, rng):
    """Near."""
    expect_at_least(student.call("mse", [0], [3]) + rng.uniform(0, 1), THRESHOLD, noise=0.5, hint="far")
    expect_at_most(student.call("mse", [0], [3]), 9.5)


@check(points=4, task="scale", es="Escala.")
def test_scale(student):
    """Scales."""
    expect_close(student.call("scale", [0, 1, 2]), [0, 0.5, 1])
    expect_close(student.call("scale", [1, 2]), [0, 1])
'''
MSE_OF = '"""{story}"""\n\nTASK = "mse"\n{caught}\n\n\ndef mse(a, b):\n    return {value}\n'
SCALE = '''"""Wrong, and in the way of another task."""

TASK = "scale"
CAUGHT_BY = ("scale",)


def scale(x):
    return 0


def mse(a, b):
    return 1
'''


def course_of(root: Path, threshold: float, mistakes: dict[str, str], alternatives: dict[str, str]) -> Course:
    write_course(root, "90_tiny", TINY, GRADER.replace("THRESHOLD", str(threshold)))
    for kind, sources in (("mistakes", mistakes), ("alternatives", alternatives)):
        folder = root / "solutions" / "90_tiny" / kind
        folder.mkdir()
        for name, source in sources.items():
            (folder / f"{name}.py").write_text(source)
    return Course.load(root)


def mistake(value: str, *caught_by: str) -> str:
    return MSE_OF.format(story="Wrong.", caught=f"CAUGHT_BY = {caught_by!r}", value=value)


def alternative(value: str) -> str:
    return MSE_OF.format(story="Right.", caught="", value=value)


@pytest.fixture
def calibrated(tiny: Bench, using: Callable[..., Bench], tmp_path: Path) -> Callable[..., Calibration]:
    def run(threshold: float, mistakes: dict[str, str], alternatives: dict[str, str], seeds: int = 4) -> Calibration:
        course = course_of(tmp_path, threshold, mistakes, alternatives)
        bench = using(tiny, course)
        bench.engine._templates.clear()
        graded: list[None] = []
        assignment = course.assignment("90_tiny")
        try:
            with ThreadPoolExecutor(2) as executor:
                found = calibrate(bench.engine, assignment, seeds, executor, lambda: graded.append(None))
        finally:
            bench.engine._templates.clear()
        assert len(graded) == gradings(assignment, seeds)
        return found

    return run


def test_a_fair_grader_is_found_fair_and_its_margin_is_measured(calibrated: Callable[..., Calibration]) -> None:
    found = calibrated(8.5, {"half": mistake("4.5", "near")}, {"nine": alternative("9")})
    assert found.fair
    assert found.unproven == ("scale",)
    near, scale = found.checks
    assert (near.passed, near.runs, near.owners) == (4, 4, ("half",))
    # The value is 9 and up to 1 more; the threshold 8.5. Uniform noise has a deviation of 0.29.
    assert near.margin is not None
    assert 0.5 / 0.5 < near.margin < 1.5 / 0.05
    assert scale.margin is None
    table = render(found)
    assert "full marks for each" in table
    assert "Mistakes caught: 1 of 1; charged to their own task only: 1 of 1." in table
    assert "Checks without a mistake that proves them: scale." in table
    assert "| scale | scale | 4 | 4/4 | exact | 0 |" in table
    assert "**" not in table


def test_every_kind_of_unfairness_is_named(calibrated: Callable[..., Calibration]) -> None:
    found = calibrated(
        9.9,
        {
            "elsewhere": SCALE,
            "misnamed": mistake("4.5", "scale"),
        },
        {"unlucky": alternative("4")},
    )
    assert not found.fair
    table = render(found)
    # 9 and up to 1 more against 9.9: some runs are too close to call, others fail.
    assert "**Unfair**: reference, seed" in table
    assert "**Unfair**: alternative unlucky: 4 of 10 (near)" in table
    rows = {row.name: row for row in found.mistakes}
    assert (rows["elsewhere"].caught, rows["elsewhere"].elsewhere) == (True, ("near",))
    assert rows["misnamed"].surprises == ("near", "scale")
    assert "**Mistake misnamed** (mse): not as its CAUGHT_BY says: near, scale" in table


def test_what_the_untouched_notebook_does_not_fail_is_named(
    tiny: Bench, using: Callable[..., Bench], tmp_path: Path
) -> None:
    grader = '''\
from autograder.checks import check


@check(points=6, task="mse", es="Nada.")
def test_nothing(student):
    """Nothing."""


@check(points=4, task="scale", es="Escala.")
def test_scale(student):
    """Scales."""
    student.call("scale", [0, 1, 2])
'''
    course = tiny.with_grader(tmp_path, grader)
    with ThreadPoolExecutor(1) as executor:
        found = calibrate(using(tiny, course).engine, course.assignment("90_tiny"), 1, executor)
    assert (found.stub_score, found.stub_passed, found.fair) == (6.0, ("nothing",), False)
    assert "**Not failed by the untouched notebook**: nothing" in render(found)


def test_a_value_within_the_noise_of_its_threshold_asks_for_a_person(
    tiny: Bench, using: Callable[..., Bench], tmp_path: Path
) -> None:
    grader = GRADER.replace("THRESHOLD", "9").replace("rng.uniform(0, 1)", "0")
    report = using(tiny, tiny.with_grader(tmp_path, grader)).grade({"mse": "mse = lambda a, b: 8.7"})
    [near] = [check for check in report.checks if check.task == "mse"]
    assert (near.outcome, near.message, near.points) == (Outcome.UNJUDGED, TOO_CLOSE, 0.0)
    assert near.room == pytest.approx((-0.3,))
    assert report.status is Status.NEEDS_REVIEW
    assert report.reason is not None
    assert "chance" in report.reason.en
    assert "room" not in str(report.to_json("en"))


def test_thresholds_have_two_sides() -> None:
    taken()
    expect_at_least(1.0, 1.0)
    expect_at_most(1.0, 1.0)
    expect_at_least(3, 1)
    assert [measure.room for measure in taken()] == [0.0, 0.0, 2.0]
    for expect, got in ((expect_at_least, 0.5), (expect_at_most, 1.5)):
        with pytest.raises(CheckFailed):
            expect(got, 1.0)
        with pytest.raises(CheckFailed):
            expect(got, 1.0, noise=0.4)
        with pytest.raises(Borderline):
            expect(got, 1.0, noise=0.6)
        with pytest.raises(CheckFailed):
            expect(float("nan"), 1.0, noise=9)
    assert len(taken()) == 6
    assert taken() == ()
