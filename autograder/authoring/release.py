"""A released notebook: nbformat 4.5 with the metadata of this engine, nbgrader and otter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograder.records import PROSE, SCHEMA, Cell, Role
from autograder.text import Language

if TYPE_CHECKING:
    from nbformat import NotebookNode

CHECKS_SETUP = "checks-setup"
"""Id of the generated cell that defines `grader`."""
SELF_CHECK = "self-check-questions"
"""Id of the generated cell that asks the questions of the assignment's quiz bank."""
NBGRADER_SCHEMA = 3


def render(
    assignment: str,
    language: Language,
    cells: Sequence[Cell],
    points: Mapping[str, float],
    tests: Mapping[str, str],
) -> NotebookNode:
    """The notebook of `cells`, without outputs; equal arguments give equal notebooks."""
    from nbformat import v4

    notebook = v4.new_notebook(
        cells=[_cell(cell, points) for cell in cells],
        metadata={
            "autograder": {"assignment": assignment, "language": language, "schema": SCHEMA},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "otter": {"OK_FORMAT": False, "assignment_name": assignment, "tests": dict(tests)},
        },
    )
    # nbformat writes the newest minor version it knows; the file must not change with the library.
    notebook.nbformat_minor = 5
    return notebook


def _cell(cell: Cell, points: Mapping[str, float]) -> NotebookNode:
    from nbformat import v4

    metadata: dict[str, Any] = {
        "autograder": {"role": cell.role.value, "task": cell.task},
        "deletable": False,
        "nbgrader": _nbgrader(cell, points),
    }
    if cell.role not in (Role.TASK, Role.ANSWER):
        metadata["editable"] = False
    if cell.id in (CHECKS_SETUP, SELF_CHECK):
        # Folded in JupyterLab and on Colab: it is machinery.
        metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
    new = v4.new_markdown_cell if cell.role in PROSE else v4.new_code_cell
    return new(cell.source, id=cell.id, metadata=metadata)


def _nbgrader(cell: Cell, points: Mapping[str, float]) -> dict[str, Any]:
    meta = {
        "grade": False,
        "grade_id": cell.id,
        "locked": True,
        "schema_version": NBGRADER_SCHEMA,
        "solution": False,
        "task": False,
    }
    if cell.role is Role.TASK:
        meta |= {"grade_id": f"{cell.task}-answer", "locked": False, "solution": True}
    elif cell.role is Role.ANSWER and cell.task is not None:
        # One cell that is both: nbgrader's "manually graded answer".
        meta |= {"grade": True, "grade_id": cell.task, "locked": False, "points": points[cell.task], "solution": True}
    elif cell.role is Role.CHECK and cell.task is not None:
        meta |= {"grade": True, "grade_id": cell.task, "points": points[cell.task]}
    return meta
