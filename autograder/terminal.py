"""Grading a class as it is seen in a terminal: a bar, a table, who gains and who loses, and where everything went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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
from autograder.machine import default_jobs
from autograder.records import Report
from autograder.table import render, render_changes
from autograder.text import Language


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
    preview: Callable[[Sequence[Report]], RenderableType] | None = None,
) -> list[Report]:
    """Grade with a progress bar, print the class's table and who gains or loses, and deliver unless it is a dry run.

    Args:
        key_folder: the folder whose `.autograder/` holds the key for receipts; made on first use.
        fresh: grade again what the journal in `out` holds.
        preview: what else is to be printed, made from the reports in the order of `handed`, before anything is delivered.

    Raises:
        AutograderError: nothing can be graded, or something cannot be written; what is graded already stays in the journal.
    """
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
            ThreadPoolExecutor(jobs or default_jobs(course.largest_memory)) as executor,
        ):
            bar = bars.add_task("grading", total=len(handed))
            graded = grade_class(
                engine,
                handed,
                executor,
                lambda one: bars.advance(bar),
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
            pages = Delivery(course, out, journal, key, language, json_file).deliver(graded)
            known = sum(not one.fresh for one in graded)
            click.echo(f"The class at a glance: {out / 'index.html'}")
            click.echo(
                f"{pages} feedback pages in {out / 'feedback'}, marks in {course.gradebook_url()}"
                + (f"; {known} of {pages} verdicts were known already." if known else ".")
            )
    return reports


def progress() -> Progress:
    """A progress bar on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
