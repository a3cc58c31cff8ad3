"""A student's notebook laid over the released one: what they wrote in the places where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.errors import SubmissionRejected
from autograder.intake import remarks
from autograder.intake.document import Document
from autograder.intake.overlay import Overlay
from autograder.intake.source import clean
from autograder.intake.syntax import Reader
from autograder.records import Cell
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.authoring import Template


@dataclass(frozen=True)
class Prepared:
    """A submission ready to be run: the released cells in their order, the student's in their places."""

    cells: tuple[Cell, ...]
    """The template's cells and `EXTRA` ones; locked cells hold the released source.

    A task that is done in another task's cell has no cell of its own.
    """
    repairs: tuple[Text, ...]
    """What was put right, the document's own repairs first."""


def identify(document: Document, templates: Sequence[Template], hint: str | None = None) -> str:
    """The assignment that `document` is of.

    Decided by its metadata, else by `hint` (what file names say), else by the functions that its cells define: the one
    assignment of which it has most tasks, and at least half of them.

    Raises:
        SubmissionRejected: the metadata names an assignment without a template, or nothing decides.
    """
    names = {template.assignment for template in templates}
    if document.assignment is not None:
        if document.assignment not in names:
            raise SubmissionRejected(remarks.unknown_assignment(document.assignment))
        return document.assignment
    if hint in names:
        return hint
    reader = Reader({task for template in templates for task in template.points})
    defined = frozenset[str]().union(*(reader.defined(clean(cell.source).source) for cell in document.cells))
    # Templates may come in both languages; they define the same.
    shares = {template.assignment: len(defined & set(template.points)) / len(template.points) for template in templates}
    best = max(shares.values(), default=0.0)
    winners = [name for name, share in shares.items() if share == best]
    if best < 0.5 or len(winners) > 1:
        raise SubmissionRejected(remarks.unidentified(winners if best else []))
    return winners[0]


def prepare(document: Document, template: Template) -> Prepared:
    """`document` with the released cells restored and the student's work where it belongs.

    A task's cell is found by its id, nbgrader's `grade_id`, the role and task in its metadata, and by the function it
    defines. Found by function only, it keeps the student's order where that differs from the template's. An untouched
    stub gives way to any other cell that defines the task; of several definitions all run and the last wins, as in
    Jupyter. Other code cells follow the cell that they followed in the student's notebook.

    Raises:
        SubmissionRejected: the metadata names another assignment, or no task of this one can be found.
    """
    if document.assignment not in (None, template.assignment):
        raise SubmissionRejected(remarks.other_assignment(str(document.assignment), template.assignment))
    match = Overlay(document, template)
    match.by_identity()
    match.by_source()
    match.by_function()
    if not match.tasks_found() and document.assignment is None:
        raise SubmissionRejected(remarks.nothing_found(template.assignment, tuple(template.points)))
    return Prepared(match.merged(), document.repairs + match.repairs())
