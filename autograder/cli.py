"""The command line: reads options, calls the library, turns its errors into one line.

Nothing but click is imported before a command runs, so `--help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.errors import AutograderError, UsageError
from autograder.text import LANGUAGES, Language

if TYPE_CHECKING:
    from rich.progress import Progress

    from autograder.course import Course
    from autograder.records import Report

DONE, NOT_GRADED, USAGE, INTERRUPTED = 0, 1, 2, 130

_course_option = click.option(
    "--course", "course_dir", type=click.Path(path_type=Path), help="Folder of the course; by default here or above."
)
_language_option = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), help="Language of what students read; by default the course's."
)
_sandbox_option = click.option(
    "--no-sandbox", is_flag=True, help="Run student code WITHOUT walls. Only for code you trust; every report says so."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autograder")
def cli() -> None:
    """Grade deep-learning notebooks: student code and hidden tests never share a process."""


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail when what is in assignments/ is stale.")
@_course_option
def build(names: tuple[str, ...], check: bool, course_dir: Path | None) -> None:
    """Make the notebooks that students receive from solutions/."""
    from autograder.authoring import plan, stale, write
    from autograder.course import Course

    course = Course.load(course_dir)
    releases = plan(course, names)
    if not check:
        write(releases)
        click.echo(f"{len(releases)} notebooks written under {course.root / 'assignments'}.")
        return
    old = stale(course, releases)
    for path in old:
        click.echo(f"stale: {path}", err=True)
    if old:
        raise click.ClickException("what is committed differs from its source; run `autograder build`.")
    click.echo(f"{len(releases)} notebooks are fresh.")


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--assignment", metavar="NAME", help="The assignment, when names and notebooks do not say it.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Results.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the reports to this file.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions at the same time; by default one per core.")
@_language_option
@_sandbox_option
@_course_option
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    out: Path,
    json_file: Path | None,
    jobs: int | None,
    language: Language | None,
    no_sandbox: bool,
    course_dir: Path | None,
) -> None:
    """Grade notebooks, folders of them or LMS zips; write feedback pages and the gradebook."""
    from autograder.course import Course
    from autograder.intake import collect

    course = Course.load(course_dir)
    if assignment is not None:
        course.assignment(assignment)
    handed = collect(paths, course.names, assignment)
    if not handed:
        raise UsageError("There is no notebook under the paths given: name a notebook, a folder of them or a zip.")
    reports = _grade(course, handed, jobs=jobs, sandbox=not no_sandbox, language=language or course.language)
    _deliver(course, reports, out, json_file, language or course.language)
    sys.exit(NOT_GRADED if any(report.status != "graded" for report in reports) else DONE)


@cli.command()
@click.argument("names", nargs=-1)
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True, help="Runs of the reference.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions at the same time; by default one per core.")
@_course_option
def calibrate(names: tuple[str, ...], seeds: int, jobs: int | None, course_dir: Path | None) -> None:
    """Prove graders fair: the reference under many seeds, the stub, known mistakes and alternatives.

    Prints a table per assignment and keeps it in the assignment's folder. Ends with 1 when a grader is not fair.
    """
    from concurrent.futures import ThreadPoolExecutor

    from autograder import calibration
    from autograder.course import Course
    from autograder.engine import Engine, default_jobs
    from autograder.files import write_atomically

    course = Course.load(course_dir)
    chosen = course.select(names)
    fair = True
    with Engine(course) as engine, ThreadPoolExecutor(jobs or default_jobs()) as executor, _progress() as progress:
        for assignment in chosen:
            bar = progress.add_task(assignment.name, total=calibration.gradings(assignment, seeds))
            found = calibration.calibrate(engine, assignment, seeds, executor, lambda bar=bar: progress.advance(bar))  # type: ignore[misc]
            table = calibration.render(found)
            click.echo(table)
            write_atomically(assignment.folder / calibration.file_name(found), table)
            fair = fair and found.fair
    sys.exit(DONE if fair else NOT_GRADED)


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Results.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the reports to this file.")
@click.option("--jobs", type=click.IntRange(1), help="Submissions at the same time; by default one per core.")
@_language_option
@_course_option
def demo(
    out: Path, json_file: Path | None, jobs: int | None, language: Language | None, course_dir: Path | None
) -> None:
    """Grade a class that comes with the course: right, wrong, broken and hostile submissions."""
    from dataclasses import replace

    from autograder.course import Course
    from autograder.demo import make_class, surprises
    from autograder.intake import collect

    course = Course.load(course_dir)
    folder = out / "submitted"
    expected = make_class(course, folder)
    click.echo(f"{len(expected)} submissions made in {folder}; grading them as `autograder grade {folder}` would.")
    course = replace(course, gradebook=f"sqlite:///{(out / 'gradebook.db').resolve()}")
    reports = _grade(
        course, collect([folder], course.names, None), jobs=jobs, sandbox=True, language=language or course.language
    )
    _deliver(course, reports, out, json_file, language or course.language)
    if found := surprises(expected, reports):
        for line in found:
            click.echo(line, err=True)
        sys.exit(NOT_GRADED)
    click.echo("Every mark is the one that the class was made for.")


@cli.command()
@click.option("--fast", is_flag=True, help="Try the walls only; start no library.")
@_language_option
@_course_option
def doctor(fast: bool, language: Language | None, course_dir: Path | None) -> None:
    """Say in plain words what holds on this machine: walls, libraries, course."""
    from autograder.doctor import diagnose, verdict

    findings = diagnose(course_dir, fast=fast)
    for finding in findings:
        click.echo(finding.line(language or "en"))
    click.echo(verdict(findings).to(language or "en"))
    sys.exit(DONE if all(finding.fine or not finding.needed for finding in findings) else NOT_GRADED)


def _progress() -> Progress:
    """A progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _grade(course: Course, handed: Any, *, jobs: int | None, sandbox: bool, language: Language) -> list[Report]:
    """Grade with a progress bar, and print the class's table."""
    from concurrent.futures import ThreadPoolExecutor

    from rich.console import Console

    from autograder.batch import grade_class
    from autograder.engine import Engine, default_jobs
    from autograder.table import render

    console = Console(stderr=True)
    if not sandbox:
        console.print("[bold red]NO SANDBOX: student code runs with all your rights. Every report says so.[/]")
    with (
        Engine(course, sandbox=sandbox) as engine,
        _progress() as progress,
        ThreadPoolExecutor(jobs or default_jobs()) as executor,
    ):
        bar = progress.add_task("grading", total=len(handed))
        engine.warm(sorted({item.assignment for item in handed if item.assignment in course.names}))
        reports = grade_class(engine, handed, executor, lambda report: progress.advance(bar))
    Console().print(render(reports, language))
    for report in reports:
        for fault in report.faults:
            click.echo(f"{report.student}, {report.assignment}: {fault}", err=True)
    return reports


def _deliver(course: Course, reports: list[Report], out: Path, json_file: Path | None, language: Language) -> None:
    """Write what was graded: JSON first, since everything else can be made from it."""
    import json

    from autograder import feedback, gradebook
    from autograder.authoring import read_template
    from autograder.files import write_atomically

    document = json.dumps([report.to_json(language) for report in reports], ensure_ascii=False, indent=1)
    for path in filter(None, (out / "reports.json", json_file)):
        write_atomically(path, document + "\n")
    names = sorted({report.assignment for report in reports} & set(course.names))
    templates = {name: read_template(course.assignment(name), language) for name in names}
    titles = {name: template.title for name, template in templates.items()}
    pages = feedback.write(reports, out / "feedback", language, course=course.id, titles=titles)
    gradebook.record(course, reports, {name: template.points for name, template in templates.items()})
    click.echo(f"{len(pages)} feedback pages in {out / 'feedback'}, marks in {course.gradebook_url()}.")


def main() -> None:
    """Entry point: one line per error, and exit codes that batch scripts can act on."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted: nothing was recorded; run the same command again.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except AutograderError as error:
        click.echo(f"autograder: {error}", err=True)
        sys.exit(USAGE if isinstance(error, UsageError) else NOT_GRADED)


if __name__ == "__main__":
    main()
