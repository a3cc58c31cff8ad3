"""What has been recorded of a class, as far as an LMS is to be told.

Marks come from the gradebook: it holds every assignment that was ever recorded, and what teachers changed since, in formgrader or
elsewhere. `reports.json` of the last grading adds what the gradebook does not know: names as they were, what failed, why
something was rejected.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import UsageError
from autograder.files import read_regular
from autograder.intake.listing import shown
from autograder.records import Outcome, Report, Status
from autograder.text import Language, Text

_LARGEST = 256 << 20
"""Bytes of a `reports.json`."""
NOTHING = Text("", "")


@dataclass(frozen=True)
class Result:
    """One student's result for one assignment."""

    student: str
    assignment: str
    status: Status
    """A submission that waited for a person counts as graded once nothing in the gradebook waits any more."""
    score: float
    max_score: float
    failed: tuple[tuple[str, str], ...] = ()
    """Title and message of each failed check, in the language in which it was graded."""
    reason: Text = NOTHING
    """Why there is no mark, if so."""

    @classmethod
    def of(cls, report: Report, language: Language) -> Result:
        """What `report` says, by itself."""
        waiting = dict.fromkeys(check.task for check in report.checks if check.outcome is Outcome.UNJUDGED)
        failed = (check for check in report.checks if check.outcome is Outcome.FAILED)
        return cls(
            student=report.student,
            assignment=report.assignment,
            status=report.status,
            score=report.score,
            max_score=report.max_score,
            failed=tuple((check.title.to(language), check.message.to(language)) for check in failed),
            reason=_why(report.reason, waiting),
        )


def recorded(course: Course, folder: Path, assignment: str | None = None) -> list[Result]:
    """All results of the course, or those for `assignment`, sorted by assignment and student.

    Args:
        folder: the results of the last `grade`: its `reports.json`, and its own `gradebook.db` where it has one (`demo`'s has).

    Raises:
        UsageError: there are none, or `reports.json` is damaged.
        CourseError, EngineError: the gradebook cannot be read.
    """
    from autograder.gradebook import standings, student_id, student_name

    own = folder / "gradebook.db"
    if own.is_file():
        course = replace(course, gradebook=f"sqlite:///{own.resolve()}")
    told = {(student_id(one.student), one.assignment): one for one in _told(folder / "reports.json")}
    results = dict(told)
    for stands in standings(course):
        key = stands.student, stands.assignment
        known = told.get(key)
        status = Status.NEEDS_REVIEW if stands.waits else Status.GRADED
        if known is None or known.score != stands.auto_score:
            # Recorded by another grading than the one that lies in `folder`: its sentences are of something else.
            name = known.student if known else student_name(stands.student)
            known = Result(name, stands.assignment, status, 0.0, 0.0, reason=_why(None, ()))
        elif known.status is Status.REJECTED and stands.waits:
            status = Status.REJECTED
        results[key] = replace(known, status=status, score=stands.score, max_score=stands.max_score)
    chosen = [one for one in results.values() if assignment in (None, one.assignment)]
    if not chosen:
        which = f" for {assignment}" if assignment else ""
        raise UsageError(f"Nothing is recorded{which} in {shown(str(folder))} or the gradebook: grade a class first.")
    return sorted(chosen, key=lambda one: (one.assignment, one.student.casefold(), one.student))


def _told(path: Path) -> list[Result]:
    """What `reports.json` says; nothing where there is none."""
    try:
        data = read_regular(path, _LARGEST)[0]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{shown(str(path))} could not be read ({error.strerror}).") from error
    try:
        return [_read(one) for one in json.loads(data)]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{shown(str(path))} holds no reports: give the same `autograder grade` command again."
        ) from error


def _read(data: dict[str, Any]) -> Result:
    checks = data["checks"]
    waiting = dict.fromkeys(str(check["task"]) for check in checks if check["outcome"] == Outcome.UNJUDGED)
    reason = Text(str(data["reason"]), str(data["reason"])) if data["reason"] else None
    return Result(
        student=str(data["student"]),
        assignment=str(data["assignment"]),
        status=Status(data["status"]),
        score=float(data["score"]),
        max_score=float(data["max_score"]),
        failed=tuple(
            (str(check["title"]), str(check["message"])) for check in checks if check["outcome"] == Outcome.FAILED
        ),
        reason=_why(reason, waiting),
    )


def _why(reason: Text | None, waiting: Iterable[str]) -> Text:
    tasks = ", ".join(waiting)
    reason = reason or Text(
        es="Algo no se pudo evaluar automáticamente", en="Something could not be judged automatically"
    )
    return reason + Text(f"({tasks})", f"({tasks})") if tasks else reason
