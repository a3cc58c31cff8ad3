"""Questions that are answered in words and marked by a person, beyond the points of the hidden grader."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.authoring.solution import BEGIN, END, looks_like_marker
from autograder.authoring.source import SourceCell
from autograder.records import Role
from autograder.text import Text

STUBS = Text(es="*Escribe aquí tu respuesta.*", en="*Write your answer here.*")
"""What the cell to answer in holds when it is released."""


@dataclass(frozen=True)
class Question:
    """One question of an assignment, in one language."""

    points: float
    text: str
    """What is asked, Markdown; released."""
    guide: str
    """What a good answer says, Markdown; for whoever marks, never released."""


def question(cell: SourceCell) -> Question:
    """The question in an `ANSWER` cell: its text, then the guide between the markers of a solution.

    Raises:
        CourseError: a marker is missing, doubled, misspelt or misplaced, or one of the two texts is empty.
    """
    assert cell.role is Role.ANSWER, cell.role
    lines = cell.source.strip("\n").split("\n")
    found = [(number, line.strip()) for number, line in enumerate(lines) if looks_like_marker(line)]
    if [marker for _, marker in found] != [BEGIN, END] or found[1][0] != len(lines) - 1:
        raise cell.error(
            f"the question {cell.task} ends with what a good answer says, for whoever marks it, between one `{BEGIN}` "
            f"and one `{END}`."
        )
    begin, end = found[0][0], found[1][0]
    text, guide = ("\n".join(part).strip() for part in (lines[:begin], lines[begin + 1 : end]))
    if not text or not guide:
        raise cell.error(f"the question {cell.task} has no {'guide for marking' if text else 'text'}; write it.")
    return Question(cell.points, text, guide)
