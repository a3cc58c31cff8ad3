"""Which libraries an assignment needs, read from the text of its `notebook.py` in milliseconds, before jupytext is imported."""

from __future__ import annotations

import ast
import sys
import warnings

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
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return tuple(sorted(name for name in found if name.split(".")[0] not in _LEFT_OUT))
