"""What students themselves wrote: the cells of their tasks, as they would be run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.authoring import Template, read_template
from autograder.course import Course
from autograder.errors import SubmissionRejected
from autograder.feedback import plain
from autograder.intake import Document, Handed, apart, identify, prepare, read
from autograder.records import Role
from autograder.text import LANGUAGES, Language, Text

MAX_SOURCE = 20_000
"""Characters of one answer that are compared and shown."""


@dataclass(frozen=True)
class Answers:
    """One submission, reduced to its answers."""

    student: str
    assignment: str
    tasks: Mapping[str, str]
    """Task → source of its cell, without characters that cannot be seen."""


@dataclass(frozen=True)
class Unread:
    """A submission that could not be compared."""

    student: str
    reason: Text


def gather(course: Course, handed: Iterable[Handed]) -> tuple[list[Answers], list[Unread]]:
    """The answers in everything that was handed in, sorted by student, and what could not be read. Nothing is run.

    Raises:
        CourseError: an assignment's own source is wrong.
    """
    templates = _Templates(course)
    unread: list[Unread] = []
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    known: list[Handed] = []
    for one in handed:
        try:
            if one.data is None:
                raise SubmissionRejected(one.problem or _NOTHING)
            document = read(one.data)
            name = one.assignment or identify(document, templates.every())
            tasks = _tasks(document, templates.of(name, document.language))
        except SubmissionRejected as error:
            unread.append(Unread(one.student, error.text))
            continue
        found[one.origin, name] = tasks
        known.append(replace(one, assignment=name, content=None))
    # Two files of one student may turn out to be of one assignment.
    answers = [
        Answers(one.student, one.assignment, found[one.origin, one.assignment])
        for one in apart(known)
        if one.assignment is not None
    ]
    return answers, unread


_NOTHING = Text(es="No hay ningún cuaderno en la entrega.", en="There is no notebook in the submission.")


def _tasks(document: Document, template: Template) -> dict[str, str]:
    return {
        cell.task: plain(cell.source)[:MAX_SOURCE]
        for cell in prepare(document, template).cells
        if cell.role is Role.TASK and cell.task is not None
    }


class _Templates:
    """The course's assignments, each read once."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._known: dict[tuple[str, Language], Template] = {}

    def of(self, name: str, language: str | None) -> Template:
        """An assignment in the language of a notebook."""
        chosen = next((each for each in LANGUAGES if each == language), self._course.language)
        if (name, chosen) not in self._known:
            self._known[name, chosen] = read_template(self._course.assignment(name), chosen)
        return self._known[name, chosen]

    def every(self) -> list[Template]:
        """All assignments."""
        return [self.of(name, None) for name in self._course.names]


def stubs(course: Course, assignment: str) -> dict[str, list[str]]:
    """Task → what was released in its cell, in every language."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for cell in read_template(course.assignment(assignment), language).cells:
            if cell.role is Role.TASK and cell.task is not None:
                found.setdefault(cell.task, []).append(cell.source)
    return found
