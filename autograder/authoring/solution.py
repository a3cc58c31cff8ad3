"""The solution inside a task cell: found between its markers, replaced by a stub that raises."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from autograder.authoring.source import SourceCell
from autograder.records import Role

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
# Deliberately loose: whatever looks like a marker must be one, or the build stops.
_LIKE_MARKER = re.compile(r"(?:^|#)\s*(?:begin|end)[\s_-]*solution", re.IGNORECASE)


def looks_like_marker(line: str) -> bool:
    """Whether `line` holds a marker or a slip of one (`###BEGIN SOLUTION`, `# end solution`, …)."""
    return _LIKE_MARKER.search(line) is not None


def check_no_markers(cell: SourceCell) -> None:
    """Raise `CourseError` when `cell`, which is no task cell, holds anything like a marker."""
    for number, line in enumerate(cell.source.split("\n"), 1):
        if looks_like_marker(line):
            raise cell.error(
                f"{line.strip()!r} outside a task cell; only `# %% task=…` cells hold solutions, so move it or give "
                "the cell its task.",
                number,
            )


def split(cell: SourceCell) -> tuple[str, str]:
    """The stub and the full reference source of a task cell, both without markers.

    Raises:
        CourseError: the markers are missing, doubled, misplaced or misspelt, or one of the two sources is not a cell
            that defines the task's function at its top level.
    """
    assert cell.role is Role.TASK, cell.role
    assert cell.task is not None
    lines = cell.source.split("\n")
    cell.parse(cell.source)
    begin, end = _markers(cell, lines)
    indentation = lines[begin][: len(lines[begin]) - len(lines[begin].lstrip())]
    if lines[end] != indentation + END:
        raise cell.error(f"`{END}` is indented differently from its `{BEGIN}`; align the two.", end + 1)
    solution = "\n".join(lines[:begin] + lines[begin + 1 : end] + lines[end + 1 :])
    stub = "\n".join([*lines[:begin], f'{indentation}raise NotImplementedError("{cell.task}")', *lines[end + 1 :]])
    _check_region(cell, begin + 1, end + 1, len(indentation))
    _function(cell, solution)
    function = _function(cell, stub, begin + 1)
    if not any(node.lineno == begin + 1 for node in ast.walk(function) if isinstance(node, ast.Raise)):
        raise cell.error(
            f"the markers stand outside the function {cell.task}; the stub would still hold its body.", begin + 1
        )
    return stub, solution


def _markers(cell: SourceCell, lines: list[str]) -> tuple[int, int]:
    """Indices of the two marker lines."""
    comments = dict(_comments(cell.source))
    found: dict[str, list[int]] = {BEGIN: [], END: []}
    for index, line in enumerate(lines):
        if not looks_like_marker(line):
            continue
        if line.strip() not in found:
            raise cell.error(f"{line.strip()!r} is no marker; write exactly `{BEGIN}` or `{END}`.", index + 1)
        if index + 1 not in comments:
            raise cell.error(f"`{line.strip()}` stands inside a string; put it on a line of code.", index + 1)
        found[line.strip()].append(index)
    for marker, places in found.items():
        if not places:
            raise cell.error(f"task {cell.task} has no `{marker}`; enclose its solution in `{BEGIN}` and `{END}`.")
        if len(places) > 1:
            raise cell.error(f"task {cell.task} has `{marker}` twice; a task cell has one pair.", places[1] + 1)
    begin, end = found[BEGIN][0], found[END][0]
    if end < begin:
        raise cell.error(f"`{END}` comes before `{BEGIN}`; swap them.", end + 1)
    return begin, end


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _check_region(cell: SourceCell, begin: int, end: int, indentation: int) -> None:
    """Whole statements, at least one, none further left than the markers: else the stub would be something else."""
    statements = [node for node in ast.walk(cell.parse(cell.source)) if isinstance(node, ast.stmt)]
    inside = [node for node in statements if begin < node.lineno < end]
    if not inside:
        raise cell.error(f"nothing stands between the markers of task {cell.task}; write its solution there.", begin)
    for node in inside:
        if node.col_offset < indentation or (node.end_lineno or node.lineno) > end:
            raise cell.error(
                "this statement of the solution ends outside the markers or is indented less than they are; the "
                "markers enclose whole statements of one block.",
                node.lineno,
            )


def _function(cell: SourceCell, source: str, line: int = 0) -> ast.FunctionDef:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise cell.error(
            f"task {cell.task} is not plain Python without what stands between its markers ({error.msg}); the markers "
            "enclose whole statements of one block.",
            line,
        ) from error
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == cell.task:
            return node
    raise cell.error(
        f"no function {cell.task} outside the markers; students keep `def {cell.task}(…):` and its docstring, so put "
        f"`{BEGIN}` below them."
    )
