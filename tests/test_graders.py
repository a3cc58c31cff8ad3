"""The course's own graders, judged by the author's known answers: right ones, wrong ones and none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

import pytest

from autograder.calibration import FILE
from autograder.course import Course
from autograder.engine import Engine
from autograder.machine import default_jobs
from autograder.records import Outcome, Report, Role, Status
from autograder.text import LANGUAGES, Language
from autograder.variants import Variant, alternatives, mistakes

COURSE = Course.load(Path(__file__).parent.parent)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(COURSE) as engine:
        yield engine


def needs_keras(engine: Engine, name: str) -> bool:
    return any(library.startswith("keras") for library in engine.preload(name))


def graded(engine: Engine, name: str, rows: Sequence[Sequence[Variant]], language: Language) -> list[Report]:
    """Reports on notebooks that hold the variants of one row each.

    The other tasks are those of the reference where NumPy is enough, else left untouched, so that nothing is trained for them.
    """
    template = engine.template(name, language)
    untouched = {cell.task: cell.source for cell in template.cells if cell.role is Role.TASK and cell.task}
    others = untouched if needs_keras(engine, name) else {}
    notebooks = [template.reference({**others, **{v.task: v.source for v in row}}) for row in rows]
    with ThreadPoolExecutor(default_jobs(engine.course.largest_memory)) as executor:
        return list(executor.map(lambda made: engine.grade(json.dumps(made).encode(), student="known"), notebooks))


def side_by_side(variants: Sequence[Variant]) -> list[list[Variant]]:
    """The variants in as few submissions as possible: one per task in each.

    Every second task's come in reverse order, or by their names a mistake would meet the same one in a task that builds on it,
    and graders rightly follow that through.
    """
    by_task: dict[str, list[Variant]] = {}
    for variant in variants:
        by_task.setdefault(variant.task, []).append(variant)
    for task in list(by_task)[1::2]:
        by_task[task].reverse()
    return [[variant for variant in row if variant is not None] for row in zip_longest(*by_task.values())]


def proofs(engine: Engine, name: str) -> Sequence[Variant]:
    """The mistakes that are graded here: all where NumPy is enough, else for each check the one that least else gives away.

    `autograder calibrate` grades every one, and alone; the table that it keeps is compared with the grader below.
    """
    found = mistakes(COURSE.assignment(name))
    if not needs_keras(engine, name):
        return found
    checks = {check for variant in found for check in variant.caught_by}
    fewest = {check: min((len(v.caught_by), v.name) for v in found if check in v.caught_by) for check in checks}
    chosen = {variant for _, variant in fewest.values()}
    return [variant for variant in found if variant.name in chosen]


def failed(report: Report, row: Sequence[Variant] | None = None) -> set[str]:
    """The checks that failed; with a row, those of its tasks, the others being left untouched perhaps."""
    tasks = {v.task for v in row} if row is not None else {check.task for check in report.checks}
    found = [check for check in report.checks if check.outcome is Outcome.FAILED and check.task in tasks]
    return {check.id.partition(".")[2] for check in found}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", COURSE.names)
class TestGrader:
    def test_the_reference_earns_full_marks_and_the_same_verdict_in_both_languages(
        self, engine: Engine, name: str
    ) -> None:
        references = [json.dumps(engine.template(name, language).reference()).encode() for language in LANGUAGES]
        first, second = (engine.grade(reference) for reference in references)
        for report in (first, second):
            assert report.faults == ()
            assert failed(report) == set()
            assert (report.score, report.max_score, report.status) == (10.0, 10.0, Status.GRADED)
        assert first.verdict() == second.verdict()

    def test_the_untouched_notebook_earns_nothing_and_every_check_is_proven_by_a_mistake(
        self, engine: Engine, name: str
    ) -> None:
        report = engine.grade(json.dumps(engine.template(name, "es").notebook()).encode())
        assert {check.outcome for check in report.checks} == {Outcome.FAILED}
        proven = {check for variant in mistakes(COURSE.assignment(name)) for check in variant.caught_by}
        assert failed(report) == proven
        points: dict[str, float] = {}
        for check in report.checks:
            points[check.task] = points.get(check.task, 0.0) + check.max_points
        assert points == pytest.approx(dict(engine.template(name, "es").points))

    def test_mistakes_cost_exactly_the_checks_they_name_though_others_stand_beside_them(
        self, engine: Engine, name: str
    ) -> None:
        # One mistake of each task shares a notebook, so a check that is charged to the wrong task shows as well.
        rows = side_by_side(proofs(engine, name))
        wrong = {
            tuple(f"{v.task}: {v.name}" for v in row): (
                failed(report, row) ^ {c for v in row for c in v.caught_by},
                report.faults,
            )
            for row, report in zip(rows, graded(engine, name, rows, "es"), strict=True)
            if failed(report, row) != {c for v in row for c in v.caught_by} or report.faults
        }
        assert wrong == {}

    def test_the_kept_calibration_is_of_this_grader_and_finds_it_fair(self, name: str) -> None:
        assignment = COURSE.assignment(name)
        table = (assignment.folder / FILE).read_text()
        again = f"run `autograder calibrate {name}`"
        assert f"with grader {assignment.grader_sha256[:12]}." in table, again
        known = mistakes(assignment)
        caught = f"Mistakes caught: {len(known)} of {len(known)}; charged to their own task only: {len(known)} of {len(known)}."
        assert caught in table, again
        assert "full marks for each" in table
        assert "**" not in table

    def test_every_alternative_earns_full_marks(self, engine: Engine, name: str) -> None:
        # In English, as the mistakes are in Spanish.
        rows = side_by_side(alternatives(COURSE.assignment(name)))
        wrong = {
            tuple(f"{v.task}: {v.name}" for v in row): (failed(report, row), report.faults)
            for row, report in zip(rows, graded(engine, name, rows, "en"), strict=True)
            if failed(report, row) or report.faults or any(c.outcome is Outcome.UNJUDGED for c in report.checks)
        }
        assert wrong == {}
