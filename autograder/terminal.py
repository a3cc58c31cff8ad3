"""Grading a class as it is seen in a terminal: a bar, a table, who gains and who loses, and where everything went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder import keys
from autograder.batch import grade_class
from autograder.course import Course
from autograder.delivery import Delivery, get_ready
from autograder.engine import Engine
from autograder.intake import Handed
from autograder.journal import Journal
from autograder.machine import collect_rarely, default_jobs
from autograder.records import Report
from autograder.table import render, render_changes
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.cluster import Place

_THREADS = 1 << 14
"""Of which as many are started as submissions are under way on a cluster; each waits for one."""


def grade(
    course: Course,
    handed: Sequence[Handed],
    *,
    out: Path,
    key_folder: Path,
    json_file: Path | None,
    jobs: int | None,
    sandbox: bool,
    language: Language,
    fresh: bool,
    dry_run: bool = False,
    place: Place | None = None,
    preview: Callable[[Sequence[Report]], RenderableType] | None = None,
) -> list[Report]:
    """Grade with a progress bar, print the class's table and who gains or loses, and deliver unless it is a dry run.

    Args:
        key_folder: the folder whose `.autograder/` holds the key for receipts; made on first use.
        jobs: submissions at the same time on this machine; `None` for what it allows.
        fresh: grade again what the journal in `out` holds.
        place: the cluster that grades; `None` for this machine.
        preview: what else is to be printed, made from the reports in the order of `handed`, before anything is delivered.

    Raises:
        AutograderError: nothing can be graded, or something cannot be written; what is graded already stays in the journal.
    """
    collect_rarely()
    console, errors = Console(), Console(stderr=True)
    if not sandbox:
        errors.print("[bold red]NO SANDBOX: student code runs with all your rights. Every report says so.[/]")
    key = keys.course_key(key_folder)
    if key.created:
        public = keys.public_path(key.path)
        click.echo(f"A key for receipts was made: publish {public}, or its fingerprint {key.fingerprint}.", err=True)
    with Journal(out) as journal:
        if journal.remark:
            click.echo(journal.remark, err=True)
        with (
            Engine(course, sandbox=sandbox) as engine,
            progress() as bars,
            _graders(engine, jobs, place, bars.console) as grade_all,
        ):
            bar = bars.add_task("grading", total=len(handed))
            graded = grade_all(
                handed,
                done=lambda one: bars.advance(bar),
                journal=journal,
                fresh=fresh,
                meanwhile=None if dry_run else get_ready,
            )
        reports = [one.report for one in graded]
        console.print(render(reports, language))
        for report in reports:
            for fault in report.faults:
                click.echo(f"{report.student}, {report.assignment}: {fault}", err=True)
        if found := journal.changes(reports):
            console.print(render_changes(found, language))
        if preview is not None:
            console.print(preview(reports))
        if dry_run:
            click.echo("Nothing was recorded.")
        else:
            pages = Delivery(course, out, journal, key, language, engine.template, json_file).deliver(graded)
            known = sum(not one.fresh for one in graded)
            click.echo(f"The class at a glance: {out / 'index.html'}")
            click.echo(
                f"{pages} feedback pages in {out / 'feedback'}, marks in {course.gradebook_url()}"
                + (f"; {known} of {pages} verdicts were known already." if known else ".")
            )
    return reports


@contextmanager
def _graders(engine: Engine, jobs: int | None, place: Place | None, console: Console) -> Iterator[Callable[..., Any]]:
    """`grade_class` for this machine, or for the cluster at `place`."""
    if place is None:
        with ThreadPoolExecutor(jobs or default_jobs(engine.course.largest_memory)) as executor:
            yield partial(grade_class, engine, executor=executor)
        return
    from autograder.cluster import RemoteGrader

    def tell(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    with RemoteGrader(engine, place, tell) as grader, ThreadPoolExecutor(_THREADS) as executor:
        yield partial(grade_class, grader, executor=executor, ahead=lambda: grader.ahead)


def progress() -> Progress:
    """A progress bar on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
