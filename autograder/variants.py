"""Known answers to a task: the author's plausible mistakes and alternatives, read as data."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from autograder.course import Assignment, Backend
from autograder.errors import CourseError


@dataclass(frozen=True)
class Variant:
    """One file under `mistakes/` or `alternatives/`."""

    name: str
    story: str
    """First line of its docstring: the misconception, or what is different."""
    task: str
    source: str
    """What stands in the task's cell."""
    caught_by: tuple[str, ...] = ()
    """Names of exactly the checks that must fail; empty for an alternative."""
    only_on: str | None = None
    """The backend on which it is one; `None` for all."""


def mistakes(assignment: Assignment) -> tuple[Variant, ...]:
    """The assignment's wrong answers, by name; without those that are right on its backend.

    Raises:
        CourseError: a file lacks its docstring, TASK or CAUGHT_BY.
    """
    found = tuple(_read(path) for path in sorted((assignment.folder / "mistakes").glob("*.py")))
    for variant in found:
        if not variant.caught_by:
            raise CourseError(
                f"{assignment.folder}/mistakes/{variant.name}.py must name the checks in CAUGHT_BY = (…)."
            )
    return tuple(variant for variant in found if variant.only_on in (None, assignment.backend))


def alternatives(assignment: Assignment) -> tuple[Variant, ...]:
    """The assignment's other right answers, by name; without those that are none on its backend.

    Raises:
        CourseError: a file lacks its docstring or TASK.
    """
    found = tuple(_read(path) for path in sorted((assignment.folder / "alternatives").glob("*.py")))
    return tuple(variant for variant in found if variant.only_on in (None, assignment.backend))


def _read(path: Path) -> Variant:
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        # ValueError: a null byte, which later versions of Python call a syntax error as well.
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise CourseError(f"{path}{line}: {getattr(error, 'msg', error)}.") from error
    story = ast.get_docstring(tree)
    settings: dict[str, Any] = {}
    last = 0
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node is tree.body[0]:
            last = node.end_lineno or last
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _SETTINGS:
            settings[node.targets[0].id] = _literal(path, node)
            last = node.end_lineno or last
        else:
            break
    if not story or "TASK" not in settings:
        raise CourseError(f'{path} must begin with a docstring and TASK = "…"; see docs/authoring.md.')
    if not isinstance(settings["TASK"], str):
        raise CourseError(f"{path}: TASK is the name of one task.")
    caught_by = settings.get("CAUGHT_BY", ())
    if not (isinstance(caught_by, tuple | list) and all(isinstance(name, str) for name in caught_by)):
        raise CourseError(f'{path}: CAUGHT_BY is a tuple of names of checks, as in ("worked_example",).')
    only_on = settings.get("ONLY_ON")
    if only_on not in (None, *get_args(Backend)):
        raise CourseError(f"{path}: ONLY_ON is one of {', '.join(get_args(Backend))}.")
    source = "\n".join(text.splitlines()[last:]).strip() + "\n"
    return Variant(path.stem, story.splitlines()[0], settings["TASK"], source, tuple(caught_by), only_on)


def _literal(path: Path, node: ast.Assign) -> Any:
    try:
        return ast.literal_eval(node.value)
    except (ValueError, TypeError) as error:
        raise CourseError(
            f"{path}, line {node.lineno}: TASK, CAUGHT_BY and ONLY_ON are written out as plain text."
        ) from error


_SETTINGS = ("TASK", "CAUGHT_BY", "ONLY_ON")
