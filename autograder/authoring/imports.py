"""Which libraries an assignment needs, read from the text of its `notebook.py` in milliseconds, before jupytext is imported."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator

from autograder.course import Assignment

_LEFT_OUT = frozenset({*sys.stdlib_module_names, "otter"})


def imported(assignment: Assignment) -> tuple[str, ...]:
    """The third-party modules that its cells import anywhere (`scipy.special`, not just `scipy`), sorted; not otter.

    py:percent text is Python as a whole. A file that is not names none: what is wrong is told where its cells are read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(assignment.notebook.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    found = {name for node in ast.walk(tree) for name in modules(node)}
    return tuple(sorted(name for name in found if name.split(".")[0] not in _LEFT_OUT))


def modules(node: ast.AST) -> Iterator[str]:
    """The modules that one node of a syntax tree imports."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(module=str(name), level=0):
            yield name
        case ast.Call(
            func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name
