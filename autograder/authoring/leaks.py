"""The leak gate: nothing that answers an assignment, or tells how it is judged, leaves in a released notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.authoring.secrets import Secret, answer_lines, check_names, grader_literals, prose_lines
from autograder.authoring.solution import looks_like_marker
from autograder.authoring.template import Template
from autograder.errors import CourseError, LeakError
from autograder.records import Role

if TYPE_CHECKING:
    from nbformat import NotebookNode

_NBGRADER = ("grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
_ALLOWED = frozenset(
    {
        *("cells", "metadata", "nbformat", "nbformat_minor"),
        *("metadata.autograder", "metadata.kernelspec", "metadata.language_info", "metadata.otter"),
        *(f"metadata.autograder.{key}" for key in ("assignment", "language", "schema")),
        *(f"metadata.kernelspec.{key}" for key in ("display_name", "language", "name")),
        "metadata.language_info.name",
        *(f"metadata.otter.{key}" for key in ("OK_FORMAT", "assignment_name", "tests")),
    }
)
_ALLOWED_IN_CELL = frozenset(
    {
        *("cell_type", "execution_count", "id", "metadata", "outputs", "source"),
        *("metadata.autograder", "metadata.autograder.role", "metadata.autograder.task"),
        *("metadata.cellView", "metadata.deletable", "metadata.editable"),
        *("metadata.jupyter", "metadata.jupyter.source_hidden"),
        *("metadata.nbgrader", *(f"metadata.nbgrader.{key}" for key in _NBGRADER)),
    }
)


@dataclass(frozen=True)
class Leak:
    """One thing that must not be released, and where it stands; `str()` is one line that does not repeat it."""

    what: str
    """What leaked."""
    where: str
    """Cell id or metadata key, and the line."""
    advice: str
    """What the author can do."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.advice}"


def inspect(
    notebook: NotebookNode,
    *,
    template: Template,
    grader_source: str,
    alternatives: Mapping[str, str] | None = None,
) -> tuple[Leak, ...]:
    """Everything in `notebook` that only the author may know, in the notebook's order.

    `alternatives` are other right answers, name → source. Mistakes are no secret: a text may warn of one.
    Pure: reads the notebook as data and runs nothing.

    Raises:
        CourseError: the hidden grader or an alternative is not Python.
    """
    secrets = tuple(_secrets(template, grader_source, alternatives or {}))
    found = [*_stray(notebook, template)]
    for where, text in _texts(notebook):
        for number, line in enumerate(text.split("\n"), 1):
            if looks_like_marker(line):
                found.append(Leak("a solution marker", f"{where}, line {number}", "remove it."))
        for secret in secrets:
            for number in dict.fromkeys(secret.places(text)):
                found.append(Leak(secret.what, f"{where}, line {number}", "reword one of the two."))
    return tuple(dict.fromkeys(found))


def require_clean(
    notebook: NotebookNode,
    *,
    template: Template,
    grader_source: str,
    alternatives: Mapping[str, str] | None = None,
) -> None:
    """Return when `inspect` finds nothing.

    Raises:
        LeakError: names every leak and its place, without repeating what leaked.
        CourseError: as `inspect`.
    """
    leaks = inspect(notebook, template=template, grader_source=grader_source, alternatives=alternatives)
    if leaks:
        listed = "\n".join(f"  {leak}" for leak in leaks)
        raise LeakError(f"{template.assignment} ({template.language}) would release what it must not:\n{listed}")


def _secrets(template: Template, grader_source: str, alternatives: Mapping[str, str]) -> Iterator[Secret]:
    grader = _parse(grader_source, f"the hidden grader of {template.assignment}")
    for name, source in alternatives.items():
        _parse(source, f"the alternative {name} of {template.assignment}")
    stubs = [cell.source for cell in template.cells if cell.role is Role.TASK]
    yield from answer_lines(template.solutions, stubs, "the solution of")
    yield from answer_lines(alternatives, stubs, "the alternative")
    for name, question in template.questions.items():
        yield from prose_lines(question.guide, f"the guide of {name}")
    yield from check_names(grader, template.points)
    yield from grader_literals(grader, template.solutions.values())


def _parse(source: str, what: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"{what} is not Python (line {error.lineno}: {error.msg}); correct it.") from error


def _stray(notebook: NotebookNode, template: Template) -> Iterator[Leak]:
    """Outputs, execution counts and keys that no release has."""
    tests = {f"metadata.otter.tests.{task}" for task in template.points}
    yield from _unknown_keys({**notebook, "cells": []}, "the notebook", _ALLOWED | tests)
    for number, cell in enumerate(notebook.cells, 1):
        where = f"cell {cell.get('id', number)}"
        yield from _unknown_keys(cell, where, _ALLOWED_IN_CELL)
        if cell.get("outputs"):
            yield Leak("an output", where, "clear it.")
        if cell.get("execution_count") is not None:
            yield Leak("an execution count", where, "clear it.")


def _unknown_keys(node: Mapping[str, Any], where: str, allowed: frozenset[str], prefix: str = "") -> Iterator[Leak]:
    for key, value in node.items():
        path = f"{prefix}{key}"
        if path not in allowed:
            yield Leak(f"the unknown key {path!r}", where, "released notebooks have only the keys listed in leaks.py.")
        elif isinstance(value, Mapping):
            yield from _unknown_keys(value, where, allowed, f"{path}.")


def _texts(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Every string of the notebook, keys included, with its place."""
    for number, cell in enumerate(notebook.cells, 1):
        where = f"cell {cell.get('id', number)}"
        for path, text in _strings(cell):
            yield (where if path == "source" else f"{where} {path}"), text
    yield from _strings({key: value for key, value in notebook.items() if key != "cells"})


def _strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            below = f"{path}.{key}".lstrip(".")
            yield f"key {below}", str(key)
            yield from _strings(value, below)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _strings(value, path)
