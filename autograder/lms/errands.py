"""The LMS commands from their options to the files they leave: read everything, decide, show the plan, and only then write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.course import Course
from autograder.errors import UsageError
from autograder.files import held, read_regular, write_atomically
from autograder.intake import collect
from autograder.intake.listing import shown
from autograder.lms import bundle, lines, moodle
from autograder.lms.sheet import MAX_BYTES
from autograder.lms.worksheet import Worksheet
from autograder.records import Report
from autograder.text import Language, Text

if TYPE_CHECKING:
    from rich.console import RenderableType

FEEDBACK_ZIP = "feedback.zip"


@dataclass(frozen=True)
class Grading:
    """How `autograder moodle` grades; what the options of `autograder grade` say."""

    jobs: int | None
    sandbox: bool
    fresh: bool


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
        return moodle.plan(worksheet, pairing, reports, overwrite=overwrite, language=language)

    def preview(reports: Sequence[Report]) -> RenderableType:
        title = Text(f"Qué se escribirá en {worksheet.sheet.name}", f"What will be written into {worksheet.sheet.name}")
        return lines.render(planned(reports).lines, title.to(language), language)

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
            preview=preview,
        )
    if not dry_run:
        plan = planned(reports)
        write_atomically(filled_file, worksheet.sheet.with_values(plan.changes).to_bytes())
        write_atomically(zip_file, bundle.pack(plan.pages, out))
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
