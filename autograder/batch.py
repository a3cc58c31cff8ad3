"""A class: every submission graded once, several at a time, and nothing lost when one of them is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed

from autograder.engine import Engine
from autograder.errors import CourseError, WallError
from autograder.intake import Handed
from autograder.records import Report, Status
from autograder.text import Text

_LOST = Text(
    es="La entrega no se ha podido juzgar por un fallo nuestro; la mirará una persona.",
    en="The submission could not be judged because of a fault on our side; a person will look at it.",
)
_NOTHING = Text(es="No hay ningún cuaderno en la entrega.", en="There is no notebook in the submission.")


def grade_class(
    engine: Engine,
    handed: Sequence[Handed],
    executor: Executor,
    done: Callable[[Report], None] = lambda report: None,
) -> list[Report]:
    """Grade everything that was handed in, in the order of `handed`.

    Args:
        executor: runs the gradings; threads are enough, since each waits for processes of its own.
        done: called in this thread with each report as it is ready.

    Raises:
        WallError: a wall could not be raised; what was running ends, nothing more is started.
        CourseError: an assignment's own source is wrong; likewise.
    """
    futures = {executor.submit(_grade_one, engine, item): place for place, item in enumerate(handed)}
    reports: dict[int, Report] = {}
    try:
        for future in as_completed(futures):
            report = _outcome(future, handed[futures[future]])
            reports[futures[future]] = report
            done(report)
    except BaseException:
        for future in futures:
            future.cancel()
        engine.cancel()
        raise
    return [reports[place] for place in sorted(reports)]


def _grade_one(engine: Engine, item: Handed) -> Report:
    if item.data is None:
        return engine.rejected(item.problem or _NOTHING, item.assignment, item.student)
    report = engine.grade(item.data, item.assignment, item.student)
    return report.with_repair(item.problem) if item.problem else report


def _outcome(future: Future[Report], item: Handed) -> Report:
    try:
        return future.result()
    except (WallError, CourseError):
        raise
    except Exception as error:
        # Whatever went wrong with this one, the others still have to be graded.
        return Report(
            student=item.student,
            assignment=item.assignment or "",
            status=Status.NEEDS_REVIEW,
            reason=_LOST,
            faults=(f"{type(error).__name__}: {error}",),
        )
