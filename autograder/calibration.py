"""Is a grader fair? Its reference under many seeds, the untouched stub, known mistakes and alternatives, all graded for real."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from autograder.course import Assignment
from autograder.engine import Engine
from autograder.records import CheckResult, Outcome, Report
from autograder.text import LANGUAGES
from autograder.variants import Variant, alternatives, mistakes

FILE = "calibration.md"
"""Where an assignment's table is kept; see `file_name` for those with full data sets, on another backend, on a card."""
_USUAL = "tensorflow"
"""The backend that goes without saying."""


@dataclass(frozen=True)
class CheckRow:
    """What was found of one check."""

    name: str
    task: str
    points: float
    passed: int
    """Runs of the reference that passed it."""
    runs: int
    margin: float | None
    """Standard deviations between the threshold and the worst reference run; `None` where chance moves nothing."""
    owners: tuple[str, ...]
    """Mistakes that fail it as they say they do."""


@dataclass(frozen=True)
class MistakeRow:
    """What was found of one mistake."""

    name: str
    task: str
    caught: bool
    """Whether its task lost points."""
    elsewhere: tuple[str, ...]
    """Checks of other tasks that failed as well."""
    surprises: tuple[str, ...]
    """Checks that failed unannounced, or were announced and passed, or are unjudged."""


@dataclass(frozen=True)
class Calibration:
    """Everything about one assignment."""

    assignment: str
    data: str | None
    grader_sha256: str
    seeds: int
    checks: tuple[CheckRow, ...]
    mistakes: tuple[MistakeRow, ...]
    stub_score: float
    stub_passed: tuple[str, ...]
    """Checks that the untouched notebook does not fail."""
    unfair: tuple[str, ...]
    """Alternatives and references that lost a point, and how."""
    alternatives: int
    backend: str | None = None
    """What the references were computed with; `None` without Keras."""
    device: str | None = None
    """Where they were computed, `cpu` or `gpu`."""
    elsewhere: int = 0
    """Known answers that another backend computed, since they need TensorFlow itself."""

    @property
    def fair(self) -> bool:
        """Whether right answers earn everything, none nothing, and wrong ones lose in their own task only."""
        wrong = any(not row.caught or row.elsewhere or row.surprises for row in self.mistakes)
        return not (self.unfair or wrong or self.stub_score or self.stub_passed)

    @property
    def unproven(self) -> tuple[str, ...]:
        """Checks that no mistake fails."""
        return tuple(row.name for row in self.checks if not row.owners)


def calibrate(
    engine: Engine,
    assignment: Assignment,
    seeds: int,
    executor: Executor,
    done: Callable[[], None] = lambda: None,
) -> Calibration:
    """Grade all known answers of one assignment.

    Args:
        seeds: how often the reference is graded, with seeds 0, 1, …; in turn in each language.
        done: called after each grading, `gradings(assignment, seeds)` times.
    """
    wrong, right = mistakes(assignment), alternatives(assignment)
    template = engine.template(assignment.name, engine.course.language)
    jobs: list[tuple[Any, int]] = [
        (engine.template(assignment.name, LANGUAGES[seed % len(LANGUAGES)]).reference(), seed) for seed in range(seeds)
    ]
    jobs.append((template.notebook(), 0))
    jobs += [(template.reference({variant.task: variant.source}), 0) for variant in (*wrong, *right)]

    def grade(job: tuple[Any, int]) -> Report:
        notebook, seed = job
        report = engine.grade(json.dumps(notebook).encode(), assignment.name, seed=seed)
        done()
        return report

    reports = list(executor.map(grade, jobs))
    references, stub = reports[:seeds], reports[seeds]
    of_mistakes, of_alternatives = reports[seeds + 1 :][: len(wrong)], reports[seeds + 1 + len(wrong) :]
    found = tuple(map(_mistake, wrong, of_mistakes))
    unfair = [
        *(_lost(f"reference, seed {seed}", report) for seed, report in enumerate(references)),
        *(_lost(f"alternative {v.name}", report) for v, report in zip(right, of_alternatives, strict=True)),
    ]
    return Calibration(
        assignment=assignment.name,
        data=references[0].data,
        grader_sha256=assignment.grader_sha256,
        seeds=seeds,
        checks=tuple(_check(check, references, wrong, found) for check in references[0].checks),
        mistakes=found,
        stub_score=stub.score,
        stub_passed=tuple(_name(check) for check in stub.checks if check.outcome is not Outcome.FAILED),
        unfair=tuple(line for line in unfair if line),
        alternatives=len(right),
        backend=references[0].backend,
        device=references[0].device,
        elsewhere=sum(report.backend != references[0].backend for report in (*of_mistakes, *of_alternatives)),
    )


def gradings(assignment: Assignment, seeds: int) -> int:
    """How many submissions `calibrate` grades."""
    return seeds + 1 + len(mistakes(assignment)) + len(alternatives(assignment))


def render(found: Calibration) -> str:
    """The table, as Markdown."""
    caught = sum(row.caught for row in found.mistakes)
    charged = sum(row.caught and not row.elsewhere for row in found.mistakes)
    total = len(found.mistakes)
    variable, option = _surroundings(found)
    lines = [
        f"# Calibration of {found.assignment}" + (f", data: {found.data}" if found.data else ""),
        "",
        f"Made by `{variable}autograder calibrate {found.assignment} --seeds {found.seeds}{option}` with grader "
        f"{found.grader_sha256[:12]}.",
        "",
        f"- Reference under {found.seeds} seeds, Spanish and English in turn, and {found.alternatives} alternatives: "
        + ("full marks for each." if not found.unfair else f"{len(found.unfair)} lost points."),
        f"- Untouched notebook: {found.stub_score:g} points.",
        f"- Mistakes caught: {caught} of {total}; charged to their own task only: {charged} of {total}.",
        f"- Checks without a mistake that proves them: {', '.join(found.unproven) or 'none'}.",
        *(
            [f"- Known answers that need TensorFlow itself, computed with it: {found.elsewhere}."]
            if found.elsewhere
            else []
        ),
        *(f"- **Unfair**: {line}" for line in found.unfair),
        *(f"- **Not failed by the untouched notebook**: {name}" for name in found.stub_passed),
        *(f"- **Mistake {row.name}** ({row.task}): {_told(row)}" for row in found.mistakes if _told(row)),
        "",
        "| check | task | points | reference passes | margin (standard deviations) | mistakes that fail it |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for row in found.checks:
        margin = "exact" if row.margin is None else f"{row.margin:.1f}"
        lines.append(
            f"| {row.name} | {row.task} | {row.points:g} | {row.passed}/{row.runs} | {margin} | {len(row.owners)} |"
        )
    return "\n".join(lines) + "\n"


def file_name(found: Calibration) -> str:
    """The name of the file in the assignment's folder that holds the table."""
    parts = ["full"] if found.data == "full" else []
    parts += [found.backend] if found.backend not in (None, _USUAL) else []
    parts += ["gpu"] if found.device == "gpu" else []
    return "-".join(["calibration", *parts]) + ".md"


def _surroundings(found: Calibration) -> tuple[str, str]:
    """What stood before the command, and behind it, where that was not the usual."""
    variable = "" if found.backend in (None, _USUAL) else f"KERAS_BACKEND={found.backend} "
    return variable, " --device gpu" if found.device == "gpu" else ""


def _check(
    check: CheckResult, references: Sequence[Report], wrong: Sequence[Variant], found: Sequence[MistakeRow]
) -> CheckRow:
    name = _name(check)
    runs = [one for report in references for one in report.checks if one.id == check.id]
    owners = tuple(
        variant.name
        for variant, row in zip(wrong, found, strict=True)
        if name in variant.caught_by and name not in row.surprises
    )
    passed = sum(run.outcome is Outcome.PASSED for run in runs)
    return CheckRow(name, check.task, check.max_points, passed, len(runs), _margin(run.room for run in runs), owners)


def _margin(rooms: Iterable[tuple[float, ...]]) -> float | None:
    """The smallest room of any measured value in standard deviations of that value over the runs."""
    smallest = None
    for values in zip(*rooms, strict=False):
        spread = statistics.pstdev(values)
        if spread > 0:
            margin = min(values) / spread
            smallest = margin if smallest is None else min(smallest, margin)
    return smallest


def _mistake(variant: Variant, report: Report) -> MistakeRow:
    failed = {_name(check): check.task for check in report.checks if check.outcome is Outcome.FAILED}
    unjudged = {_name(check) for check in report.checks if check.outcome is Outcome.UNJUDGED}
    return MistakeRow(
        name=variant.name,
        task=variant.task,
        caught=variant.task in failed.values(),
        elsewhere=tuple(sorted(name for name, task in failed.items() if task != variant.task)),
        surprises=tuple(sorted((set(failed) ^ set(variant.caught_by)) | unjudged)),
    )


def _lost(story: str, report: Report) -> str | None:
    if report.score == report.max_score and report.max_score > 0:
        return None
    names = [_name(check) for check in report.checks if check.outcome is not Outcome.PASSED]
    return f"{story}: {report.score:g} of {report.max_score:g} ({', '.join(names) or report.status})"


def _told(row: MistakeRow) -> str:
    parts = [] if row.caught else ["not caught"]
    parts += [f"also charged to {', '.join(row.elsewhere)}"] if row.elsewhere else []
    parts += [f"not as its CAUGHT_BY says: {', '.join(row.surprises)}"] if row.surprises else []
    return "; ".join(parts)


def _name(check: CheckResult) -> str:
    return check.id.partition(".")[2]
