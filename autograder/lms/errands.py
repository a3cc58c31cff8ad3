"""The LMS commands from their options to the files they leave: read everything, decide, show the plan, and only then write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.course import Course
from autograder.errors import UsageError
from autograder.files import held, read_regular, write_atomically
from autograder.intake import collect
from autograder.intake.listing import shown
from autograder.lms import bundle, canvas, lines, moodle, plain
from autograder.lms.results import Result, recorded
from autograder.lms.sheet import MAX_BYTES
from autograder.lms.worksheet import Worksheet
from autograder.records import Report
from autograder.text import LANGUAGES, Language, Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autograder.cluster import Place

FEEDBACK_ZIP = "feedback.zip"
_TITLE = Text(es="Qué se escribirá en {name}", en="What will be written into {name}")


@dataclass(frozen=True)
class Grading:
    """How `autograder moodle` grades; what the options of `autograder grade` say."""

    jobs: int | None
    sandbox: bool
    fresh: bool
    place: Place | None = None
    """The cluster that grades; `None` for this machine."""


def fill_worksheet(
    course: Course,
    submissions: Path,
    worksheet_file: Path,
    *,
    out: Path,
    assignment: str | None,
    overwrite: bool,
    dry_run: bool,
    language: Language,
    grading: Grading,
) -> list[Report]:
    """Grade Moodle's zip of submissions, and leave the filled-in worksheet and the feedback zip in `out`.

    Raises:
        UsageError: a file is not what it should be, they do not belong together, or one would be overwritten.
        AutograderError: as `terminal.grade`; what is graded already stays.
    """
    from autograder import terminal

    filled_file, zip_file = out / worksheet_file.name, out / FEEDBACK_ZIP
    refuse_to_overwrite([filled_file, zip_file], [worksheet_file, submissions])
    worksheet = Worksheet.read(read(worksheet_file), worksheet_file.name)
    if assignment is None:
        assignment = moodle.said_by(course, collect([submissions], course.names, None))
        click.echo(f"Assignment: {assignment}, as the notebooks say.")
    else:
        course.assignment(assignment)
    pairing = moodle.pair(worksheet, collect([submissions], course.names, assignment))

    def planned(reports: Sequence[Report]) -> moodle.Plan:
        results = [Result.of(report, language) for report in reports]
        return moodle.plan(worksheet, pairing, results, overwrite=overwrite, language=language)

    def preview(reports: Sequence[Report]) -> RenderableType:
        return lines.render(planned(reports).lines, _TITLE.to(language).format(name=worksheet.sheet.name), language)

    with held(course.root):
        reports = terminal.grade(
            course,
            pairing.handed,
            out=out,
            key_folder=course.root,
            json_file=None,
            jobs=grading.jobs,
            sandbox=grading.sandbox,
            language=language,
            fresh=grading.fresh,
            dry_run=dry_run,
            place=grading.place,
            preview=preview,
        )
    if not dry_run:
        plan = planned(reports)
        write_atomically(filled_file, worksheet.sheet.with_values(plan.changes).to_bytes())
        placed = zip(pairing.rows, pairing.folders, reports, strict=True)
        pages = [(folder, report) for row, folder, report in placed if row.at in plan.returned]
        write_atomically(zip_file, bundle.pack(pages, out))
        click.echo(
            f"To upload: {shown(str(filled_file))} (marks and comments), {shown(str(zip_file))} (feedback files)."
        )
    return reports


def read(path: Path) -> bytes:
    """The bytes of a CSV file.

    Raises:
        UsageError: it cannot be read, or is too large for one.
    """
    try:
        data = read_regular(path, MAX_BYTES)[0]
    except OSError as error:
        raise UsageError(f"{shown(str(path))} could not be read ({error.strerror}).") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{shown(str(path))} is larger than {MAX_BYTES >> 20} MiB, so it is no such CSV file.")
    return data


def refuse_to_overwrite(written: Sequence[Path], given: Sequence[Path]) -> None:
    """Raise `UsageError` where a file to be written is one of those that were given."""
    for path in written:
        for other in given:
            if path.exists() and other.exists() and path.samefile(other):
                raise UsageError(f"{shown(str(other))} would be overwritten: name another folder with --out.")


@dataclass(frozen=True)
class Export:
    """What `autograder export` was asked for."""

    form: str
    """`csv`, `moodle-csv` or `canvas-csv`."""
    results: Path
    """The folder that `autograder grade` wrote into."""
    source: Path | None
    """The file that the LMS exported."""
    target: Path | None
    """The file to write; `None` for one in `results/export`."""
    assignment: str | None
    column: str | None
    """Header of the assignment's column in Canvas's gradebook."""
    overwrite: bool
    dry_run: bool
    language: Language


def export(course: Course, asked: Export) -> None:
    """Bring recorded results into an LMS's own file, or into a CSV file of ours; nothing is graded.

    Raises:
        UsageError: options clash, nothing is recorded, or a file is not what it should be.
        CourseError, EngineError: the gradebook cannot be read, or a file cannot be written.
    """
    _consistent(asked)
    if asked.assignment is not None:
        course.assignment(asked.assignment)
    results = recorded(course, asked.results, asked.assignment)
    files: dict[str, bytes] = {}
    if asked.form == "csv":
        files["marks.csv"] = plain.table(results)
    elif asked.source is None:
        for name in sorted({one.assignment for one in results}):
            theirs = [one for one in results if one.assignment == name]
            files[f"moodle-{name}.csv"] = plain.moodle_import(theirs, asked.language)
    elif asked.form == "moodle-csv":
        files[asked.source.name] = _worksheet(asked, asked.source, results)
    else:
        files[asked.source.name] = _canvas(course, asked, asked.source, results)
    if asked.target is not None and len(files) > 1:
        raise UsageError("--to names one file, and there is one per assignment: name the assignment with --assignment.")
    for name, data in files.items():
        path = asked.target or asked.results / "export" / name
        refuse_to_overwrite([path], [asked.source] if asked.source else [])
        if asked.dry_run:
            click.echo(f"Would write {shown(str(path))}.")
        else:
            write_atomically(path, data)
            click.echo(f"Written: {shown(str(path))}.")


def _consistent(asked: Export) -> None:
    if asked.form == "csv" and asked.source is not None:
        raise UsageError("--from and --format csv clash: a plain CSV file is made anew; take moodle-csv or canvas-csv.")
    if asked.form == "canvas-csv" and asked.source is None:
        raise UsageError("--format canvas-csv needs --from FILE, the gradebook that Canvas exported (Grades → Export).")
    if asked.column is not None and asked.form != "canvas-csv":
        raise UsageError(
            f"--column and --format {asked.form} clash: only Canvas's gradebook has a column per assignment."
        )


def _worksheet(asked: Export, source: Path, results: Sequence[Result]) -> bytes:
    _require_one(results, f"{shown(source.name)} is the worksheet of one assignment")
    worksheet = Worksheet.read(read(source), source.name)
    match = moodle.by_name(worksheet, results)
    plan = moodle.decide(worksheet, match, overwrite=asked.overwrite, language=asked.language)
    _show(plan.lines, source, asked.language)
    return worksheet.sheet.with_values(plan.changes).to_bytes()


def _canvas(course: Course, asked: Export, source: Path, results: Sequence[Result]) -> bytes:
    from autograder.authoring import read_template

    if asked.column is not None:
        _require_one(results, "--column names the column of one assignment")
    gradebook = canvas.Gradebook.read(read(source), source.name)
    for name in sorted({one.assignment for one in results} & set(course.names)):
        titles = {read_template(course.assignment(name), language).title for language in LANGUAGES}
        column = gradebook.column(name, course.names, titles, asked.column)
        theirs = [one for one in results if one.assignment == name]
        plan = canvas.plan(gradebook, column, asked.column or name, theirs, overwrite=asked.overwrite)
        header = gradebook.sheet.value(0, column) if column is not None else f"{asked.column or name} (+)"
        _show(plan.lines, source, asked.language, header)
        gradebook = replace(gradebook, sheet=plan.sheet)
    return gradebook.sheet.to_bytes()


def _require_one(results: Sequence[Result], why: str) -> None:
    names = sorted({one.assignment for one in results})
    if len(names) > 1:
        raise UsageError(f"{why}, and there are results for {', '.join(names)}: name one with --assignment.")


def _show(found: Sequence[lines.Line], source: Path, language: Language, column: str = "") -> None:
    from rich.console import Console

    name = shown(source.name) + (f", {column}" if column else "")
    Console().print(lines.render(found, _TITLE.to(language).format(name=name), language))
