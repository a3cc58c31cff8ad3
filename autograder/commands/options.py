"""Options and arguments that several commands have, declared once."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.errors import AutograderError
from autograder.text import LANGUAGES

course_option = click.option(
    "--course", "course_dir", type=click.Path(path_type=Path), help="Folder of the course; by default here or above."
)
language_option = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), help="Language of what students read; by default the course's."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1), help="Submissions at the same time; by default what cores and memory allow."
)
fresh_option = click.option(
    "--fresh", is_flag=True, help="Grade everything again, also what has been graded before and not changed."
)
sandbox_option = click.option(
    "--no-sandbox", is_flag=True, help="Run student code WITHOUT walls. Only for code you trust; every report says so."
)


def assignments(context: click.Context, _parameter: click.Parameter, typed: str) -> list[str]:
    """For the shell's completion: the assignments of the course here, or of the one that `--course` names."""
    from autograder.course import Course

    try:
        names = Course.load(context.params.get("course_dir")).names
    except AutograderError:
        return []
    return [name for name in names if name.startswith(typed)]


names_argument = click.argument("names", nargs=-1, shell_complete=assignments)
assignment_option = click.option(
    "--assignment",
    metavar="NAME",
    shell_complete=assignments,
    help="The assignment, when names and notebooks do not say it.",
)
