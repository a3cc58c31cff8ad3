"""`autograder quiz`: banks checked, exported, proof-read and printed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.codes import DONE, NOT_GRADED
from autograder.commands.options import course_option, language_option, names_argument
from autograder.errors import UsageError
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.quiz import Quiz


@click.group()
def quiz() -> None:
    """Check quiz banks, look at them, and write them for an LMS."""


@quiz.command("check")
@names_argument
@click.option("--seeds", type=click.IntRange(1), help="Draws of each parameterised question; 100 by default.")
@course_option
def quiz_check(names: tuple[str, ...], seeds: int | None, course_dir: Path | None) -> None:
    """Read banks and try their parameterised questions under many seeds.

    Prints a line per bank, or what is wrong with its line; ends with 1 when something is.
    """
    from autograder import quiz
    from autograder.course import Course
    from autograder.errors import CourseError

    fine = True
    for assignment in quiz.with_bank(Course.load(course_dir), names):
        try:
            bank = quiz.load(assignment)
        except CourseError as error:
            click.echo(str(error), err=True)
            fine = False
            continue
        findings = quiz.check(bank, seeds or quiz.SEEDS)
        faults = [finding.fault for finding in findings if finding.fault]
        for fault in faults:
            click.echo(fault, err=True)
        fine = fine and not faults
        if not faults:
            click.echo(quiz.summary(bank, findings))
    sys.exit(DONE if fine else NOT_GRADED)


_file_option = click.option("--out", "file", type=click.Path(path_type=Path), required=True, help="The file to write.")
_seed_option = click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The first draw.")


def _variants_option(default: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--variants",
        type=click.IntRange(1, 200),
        default=default,
        show_default=True,
        help="Different draws of each parameterised question.",
    )


def _quizzes(
    course: Course, names: tuple[str, ...], language: Language | None, seed: int, variants: int
) -> tuple[Quiz, ...]:
    from autograder import quiz

    found = quiz.banks(course, names)
    if not found:
        raise UsageError(f"No assignment of {course.root} has a quiz bank: write solutions/NAME/{quiz.FILE}.")
    return tuple(quiz.quiz(bank, language or course.language, seed, variants) for bank in found)


@quiz.command("export")
@names_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["moodle-xml", "gift", "canvas-qti", "qti21", "cc11"]),
    required=True,
    help="What the LMS reads.",
)
@_file_option
@_seed_option
@_variants_option(1)
@language_option
@course_option
def quiz_export(
    names: tuple[str, ...],
    form: str,
    file: Path,
    seed: int,
    variants: int,
    language: Language | None,
    course_dir: Path | None,
) -> None:
    """Write banks into one file for an LMS, in one language; all banks, when none is named.

    Says of each question what the format cannot carry, in the language of the file.
    """
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.formats import FORMATS

    course = Course.load(course_dir)
    quizzes = _quizzes(course, names, language, seed, variants)
    export = FORMATS[form](quizzes, course.id)
    write_atomically(file, export.content)
    for line in export.account(form, language or course.language):
        click.echo(line, err=True)
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions of {len(quizzes)} banks in {file}.")


@quiz.command("preview")
@names_argument
@_file_option
@_seed_option
@_variants_option(3)
@language_option
@course_option
def quiz_preview(
    names: tuple[str, ...], file: Path, seed: int, variants: int, language: Language | None, course_dir: Path | None
) -> None:
    """Write banks as one page to proof-read: every answer with what it is worth, its feedback and its mistake."""
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.pages import preview

    quizzes = _quizzes(Course.load(course_dir), names, language, seed, variants)
    write_atomically(file, preview(quizzes))
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions in {file}.")


@quiz.command("sheet")
@names_argument
@_file_option
@_seed_option
@language_option
@course_option
def quiz_sheet(
    names: tuple[str, ...], file: Path, seed: int, language: Language | None, course_dir: Path | None
) -> None:
    """Write banks as a sheet to print: the questions, then the answers on a page of their own."""
    from autograder.course import Course
    from autograder.files import write_atomically
    from autograder.quiz.pages import sheet

    quizzes = _quizzes(Course.load(course_dir), names, language, seed, 1)
    write_atomically(file, sheet(quizzes))
    click.echo(f"{sum(len(each.items) for each in quizzes)} questions in {file}.")
