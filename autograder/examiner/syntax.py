"""Syntax trees of a submission's functions, read on the examiner's side."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from autograder.errors import Missing
from autograder.text import Text


def reachable_functions(name: str, sources: Iterable[str]) -> tuple[ast.FunctionDef, ...]:
    """The function `name` and every function of the notebook that it calls, directly or through another.

    A name defined twice counts as its last definition, as when the notebook is run. Cells that do not parse as Python are
    read without their lines of IPython magic; where that does not help, they define nothing.

    Raises:
        Missing: no cell defines `name`.
    """
    functions: dict[str, ast.FunctionDef] = {}
    for source in sources:
        for node in _parse(source).body:
            if isinstance(node, ast.FunctionDef):
                functions[node.name] = node
    if name not in functions:
        raise Missing(
            Text(
                es=f"Tu cuaderno no define la función `{name}` con `def`.",
                en=f"Your notebook does not define the function `{name}` with `def`.",
            )
        )
    found: dict[str, ast.FunctionDef] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        if current in found:
            continue
        found[current] = functions[current]
        # Any mention counts: a helper may be passed to `map` rather than called.
        mentioned = {node.id for node in ast.walk(functions[current]) if isinstance(node, ast.Name)}
        waiting.extend(sorted(mentioned & functions.keys()))
    return tuple(found.values())


_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}|([\w\s,.]+=)\s*[%!].*)$")


def _as_python(line: re.Match[str]) -> str:
    """A line of magic as a statement that keeps the block around it whole: `files = !ls` still binds `files`."""
    return f"{line[1]}{line[2]} None" if line[2] else f"{line[1]}pass"


def _parse(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        pass
    try:
        return ast.parse("\n".join(_MAGIC.sub(_as_python, line) for line in source.splitlines()))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
