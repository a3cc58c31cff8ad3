"""For authors: an assignment built and its own solution graded again whenever its folder changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.authoring import plan, write
from autograder.course import Course
from autograder.engine import Engine
from autograder.errors import AutograderError
from autograder.feedback import plain
from autograder.records import Outcome, Report
from autograder.text import Language


def watch(
    course: Course,
    name: str,
    language: Language,
    say: Callable[[str], None],
    changes: Callable[[Path], Iterator[object]] | None = None,
) -> None:
    """Build the assignment `name` and grade its reference, now and after every change below its folder, until interrupted.

    What is wrong with the source is said, not raised: the next save may put it right.

    Args:
        say: takes what is to be read, a few lines for each time.
        changes: yields at once, and then for every change since; by default watchfiles does, and takes what is saved in one go
            as one.
    """
    folder = course.assignment(name).folder
    with Engine(course) as engine:
        for _ in (changes or _saved)(folder):
            engine.forget(name)
            say(_once(engine, name, language))


def _saved(folder: Path) -> Iterator[object]:
    from watchfiles import PythonFilter, watch

    # Sources, banks and figures; not what interpreters and editors leave beside them.
    wanted = PythonFilter(extra_extensions=(".yaml", ".svg", ".png"))
    # It also comes back when nothing has happened for a while: the first time means that it is watching, so that nothing is
    # missed from then on.
    for number, found in enumerate(watch(folder, watch_filter=wanted, rust_timeout=500, yield_on_timeout=True)):
        if found or not number:
            yield found


def _once(engine: Engine, name: str, language: Language) -> str:
    import nbformat

    try:
        written = write(plan(engine.course, (name,)))
        reference = nbformat.writes(engine.template(name, language).reference()).encode()
        report = engine.grade(reference, name)
    except AutograderError as error:
        return str(error)
    return "\n".join([*(f"written: {path}" for path in written), *_lines(report, language)])


def _lines(report: Report, language: Language) -> Iterator[str]:
    yield f"{report.score:g} of {report.max_score:g} points for the reference, {report.seconds:.1f} s"
    for check in report.checks:
        if check.outcome is not Outcome.PASSED:
            yield f"  {check.outcome.value}: {check.id} ({plain(check.message.to(language))})"
    for run in report.cells:
        if run.problem:
            yield f"  the cell {run.cell.id} did not finish: {plain(run.problem.to(language))}"
    for fault in report.faults:
        yield f"  fault: {plain(fault)}"
