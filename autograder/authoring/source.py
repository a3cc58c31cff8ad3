"""The cells of a `notebook.py`: jupytext's py:percent text, read and checked, nothing resolved yet."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.records import Role
from autograder.text import LANGUAGES, Language, near

START = re.compile(r"\s*#\s*%%(\s|$)")
"""Begins a cell's header."""
_TASK_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}")
_OPTIONS = ("lang", "role", "task", "points", "check", "answer")
_ROLES = {role.value: role for role in (Role.SETUP, Role.DEMO)}


@dataclass(frozen=True)
class SourceCell:
    """One cell as its author wrote it."""

    path: Path
    line: int
    """Line of its `# %%` header in the file, from 1."""
    role: Role
    source: str
    languages: tuple[Language, ...]
    """The languages it is released in."""
    task: str | None = None
    """The task of a `TASK` or `CHECK` cell; the name of the question of an `ANSWER` cell."""
    points: float = 0.0
    """The points of a `TASK` or `ANSWER` cell; 0 for every other role."""

    def error(self, message: str, line: int = 0) -> CourseError:
        """A `CourseError` that names the file and `line` of this cell (from 1; 0 is the header)."""
        return CourseError(f"{self.path}:{self.line + line}: {message}")

    def parse(self, source: str) -> ast.Module:
        """The syntax tree of `source`, a form of this cell's code.

        Raises:
            CourseError: it is not plain Python; notebook magics are not either.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(source)
        except SyntaxError as error:
            raise self.error(
                f"this cell is not plain Python ({error.msg}); correct it, and leave out notebook magics such as "
                "%matplotlib: the same cell runs in every notebook program.",
                error.lineno or 0,
            ) from error


def read_source(path: Path) -> tuple[SourceCell, ...]:
    """The cells of the file at `path`, in order.

    Raises:
        CourseError: the file cannot be read, or a header does not follow docs/authoring.md.
    """
    import jupytext

    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read as UTF-8 text: {error}") from error
    body = _after_header(path, lines)
    starts = [number for number, line in enumerate(lines, 1) if number > body and START.match(line)]
    first = starts[0] if starts else len(lines) + 1
    for number, line in enumerate(lines[body : first - 1], body + 1):
        if line.strip():
            raise CourseError(f"{path}:{number}: text before the first cell; put a `# %%` header above it.")
    notebook = jupytext.reads("\n".join(lines[first - 1 :]), fmt="py:percent")
    cells = notebook.cells if starts else []
    if len(cells) != len(starts):
        raise CourseError(f"{path}: a line inside a string or a code fence starts with `# %%`; indent or reword it.")
    return tuple(_cell(path, line, lines[line - 1], cell) for line, cell in zip(starts, cells, strict=True))


def _after_header(path: Path, lines: list[str]) -> int:
    """Number of lines that jupytext's header takes; editors read it, nothing of it is released."""
    if not lines or lines[0].rstrip() != "# ---":
        return 0
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "# ---":
            return number
        if not line.startswith("#"):
            break
    raise CourseError(f"{path}:1: jupytext's header is not closed; end it with a line `# ---`.")


def _cell(path: Path, line: int, header: str, cell: Any) -> SourceCell:
    options = dict(cell.metadata)
    options.pop("lines_to_next_cell", None)
    bare = SourceCell(path, line, Role.TEXT, cell.source, LANGUAGES)
    if cell.cell_type == "raw":
        raise bare.error("a raw cell; use `# %% [markdown]` or one of the code cells of docs/authoring.md.")
    if stray := options.keys() & {"incorrectly_encoded_metadata", "title", "cell_depth"}:
        raise bare.error(
            f"{header.strip()!r} is not understood (at {str(options[min(stray)])!r}); write options as "
            '`# %% task="mse" points=3`: name=value, strings in double quotes.'
        )
    for name in options:
        if name not in _OPTIONS:
            raise bare.error(f"unknown option {name!r}; {near(name, _OPTIONS)}")
        if len(re.findall(rf"\b{name}\s*=", header)) > 1:
            raise bare.error(f"the option {name!r} stands twice; keep one.")
    languages = _languages(bare, options)
    if cell.cell_type == "markdown":
        if "lang" not in options:
            raise bare.error('a text cell belongs to one language; add lang="es" or lang="en", and write its twin.')
        if "answer" in options:
            _only(bare, options, "a question", {"answer", "points", "lang"})
            name = _name(bare, options, "answer")
            return SourceCell(path, line, Role.ANSWER, cell.source, languages, name, _points(bare, options, name))
        _only(bare, options, "a text cell", {"lang"})
        return SourceCell(path, line, Role.TEXT, cell.source, languages)
    kinds = [name for name in ("role", "task", "check") if name in options]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none"
        raise bare.error(
            f'a code cell has one of role="setup", role="demo", task="…", check="…"; this one has {found}.'
        )
    return _code(bare, options, kinds[0], languages)


def _code(bare: SourceCell, options: dict[str, Any], kind: str, languages: tuple[Language, ...]) -> SourceCell:
    name = options[kind]
    if kind == "role":
        _only(bare, options, "a setup or demo cell", {"role", "lang"})
        if name not in _ROLES:
            raise bare.error(f"unknown role {name!r}; {near(str(name), _ROLES)}")
        return SourceCell(bare.path, bare.line, _ROLES[name], bare.source, languages)
    name = _name(bare, options, kind)
    if kind == "check":
        _only(bare, options, "a check cell", {"check", "lang"})
        return SourceCell(bare.path, bare.line, Role.CHECK, bare.source, languages, name)
    _only(bare, options, "a task cell", {"task", "points", "lang"})
    return SourceCell(bare.path, bare.line, Role.TASK, bare.source, languages, name, _points(bare, options, name))


def _name(bare: SourceCell, options: dict[str, Any], kind: str) -> str:
    name = options[kind]
    if not isinstance(name, str) or not _TASK_NAME.fullmatch(name):
        raise bare.error(f"{kind}={name!r}: a task is named like its function, with a-z, 0-9 and _ (50 at most).")
    return name


def _points(bare: SourceCell, options: dict[str, Any], name: str) -> float:
    points = options.get("points")
    if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points < float("inf"):
        raise bare.error(f"points={points!r} of task {name}: expected a positive number, as in points=3.")
    return float(points)


def _languages(bare: SourceCell, options: dict[str, Any]) -> tuple[Language, ...]:
    if "lang" not in options:
        return LANGUAGES
    found = tuple(language for language in LANGUAGES if language == options["lang"])
    if not found:
        raise bare.error(f"lang={options['lang']!r}: expected one of {', '.join(LANGUAGES)}.")
    return found


def _only(bare: SourceCell, options: dict[str, Any], what: str, allowed: set[str]) -> None:
    for name in options:
        if name not in allowed:
            raise bare.error(f"{what} takes no option {name!r}; it takes {', '.join(sorted(allowed))}.")
