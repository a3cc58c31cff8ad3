"""Which libraries an assignment needs, read from the text of its `notebook.py` in milliseconds, before jupytext is imported."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator

from autograder.authoring.source import START
from autograder.course import Assignment

_LEFT_OUT = frozenset({*sys.stdlib_module_names, "otter"})
_DEMO = re.compile(r'\brole\s*=\s*"demo"')


def imported(assignment: Assignment) -> tuple[str, ...]:
    """The third-party modules that its cells import anywhere (`scipy.special`, not just `scipy`), sorted; not otter.

    Demo cells count where the course runs them. py:percent text is Python as a whole. A file that is not names none: what is wrong
    is told where its cells are read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = assignment.notebook.read_text(encoding="utf-8")
            tree = ast.parse(text if assignment.run_demos else _without_demos(text))
    except (OSError, SyntaxError, ValueError):
        return ()
    found = {name for node in ast.walk(tree) for name in modules(node)}
    return tuple(sorted(name for name in found if name.split(".")[0] not in _LEFT_OUT))


def _without_demos(text: str) -> str:
    kept = []
    demo = False
    for line in text.splitlines(keepends=True):
        if START.match(line):
            demo = _DEMO.search(line) is not None
        if not demo:
            kept.append(line)
    return "".join(kept)


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
