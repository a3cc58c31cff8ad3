"""The source of one cell: what may be cleaned without changing its meaning, and what it defines."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

# Where invisible characters are data: strings, comments, and lines that IPython hands to a shell or magic.
_KEPT = re.compile(
    r"""(?P<kept>
        \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
      | \#[^\n]*
      | ^[ \t]*[%!][^\n]*
    )
    | (?P<space>[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])
    | (?P<nothing>[\u200b-\u200f\u2060\ufeff\u00ad])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_INVISIBLE = re.compile("[\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\u00ad]")
_FENCES = frozenset({"```", "```python", "```py", "```python3", "```ipython"})
_MAGIC_LINE = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([\w, \t]+=[ \t]*)[%!].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*(?:\n|$)")
# Cell magics that run their cell as Python in the notebook's own namespace.
_PYTHON_MAGICS = frozenset({"time", "capture", "prun", "memit", "debug"})
_DEF = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Cleaned:
    """The source of a cell, cleaned, and what that took."""

    source: str
    line_ends: bool = False
    """Windows or old Macintosh line ends were replaced."""
    invisible: bool = False
    """Invisible characters outside strings and comments were replaced by spaces or removed."""
    fenced: bool = False
    """Markdown fences around the whole cell were removed."""


def clean(source: str) -> Cleaned:
    """`source` without what Python either ignores or always refuses; everything else is left as it is."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    line_ends = text != source
    bare = _unfenced(text)
    fenced, text = bare is not None, text if bare is None else bare
    plain = text
    if _INVISIBLE.search(text) and _is_python(text):
        plain = _KEPT.sub(_visible, text)
    return Cleaned(plain, line_ends, plain != text, fenced)


def same(first: str, second: str) -> bool:
    """Whether two sources are equal but for white space, comments and the way they are written."""
    return _squeezed(first) == _squeezed(second) or _dumped(first) == _dumped(second)


def bare(source: str) -> str:
    """A form of `source` that is equal for sources which differ in white space, comments and docstrings only."""
    return _dumped(source, docstrings=False)


def is_python(source: str) -> bool:
    """Whether `source` as a whole is Python, magics included."""
    return _tree(source) is not None


def definitions(source: str) -> frozenset[str]:
    """The names of functions and other values that running `source` binds at its top level.

    IPython's magics and top-level `await` are understood. Where the rest is not valid Python, the `def` and `class`
    lines that start at the margin are taken.
    """
    if not _is_python(source):
        return frozenset()
    tree = _tree(source)
    if tree is None:
        return frozenset(_DEF.findall(source))
    try:
        return frozenset(_bound(tree.body))
    except RecursionError:
        return frozenset(_DEF.findall(source))


def _unfenced(text: str) -> str | None:
    """What stands between the Markdown fences around all of `text`; `None` without such fences."""
    lines = text.strip().split("\n")
    if len(lines) < 3 or lines[0].replace(" ", "").lower() not in _FENCES or lines[-1].strip() != "```":
        return None
    return "\n".join(lines[1:-1])


def _visible(match: re.Match[str]) -> str:
    if match["kept"] is not None:
        return match["kept"]
    return " " if match["space"] else ""


def _is_python(source: str) -> bool:
    """Whether the cell is run as Python, judging by the cell magic it may start with."""
    magic = _CELL_MAGIC.match(source)
    return magic is None or magic[1] in _PYTHON_MAGICS


def _squeezed(source: str) -> list[str]:
    return [line.rstrip() for line in source.splitlines() if line.strip()]


def _tree(source: str) -> ast.Module | None:
    if not _is_python(source):
        return None
    source = _CELL_MAGIC.sub("\n", source, count=1) if _CELL_MAGIC.match(source) else source
    for text in (source, _MAGIC_VALUE.sub(r"\1None", _MAGIC_LINE.sub(r"\1pass", source))):
        try:
            with warnings.catch_warnings():
                # An invalid escape in a student's string is theirs to see when the cell runs.
                warnings.simplefilter("ignore")
                flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
                tree = compile(text, "<cell>", "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        assert isinstance(tree, ast.Module)
        return tree
    return None


def _dumped(source: str, docstrings: bool = True) -> str:
    """The syntax tree of `source` as text; its own lines where it is no Python."""
    tree = _tree(source)
    try:
        if tree is not None:
            return ast.dump(tree if docstrings else _without_docstrings(tree))
    except RecursionError:
        pass
    return "\n".join(_squeezed(source))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node, False):
            node.body = node.body[1:]
    return tree


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Assign():
                for target in node.targets:
                    yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield name
            case ast.If() | ast.For() | ast.While():
                yield from _bound(node.body + node.orelse)
            case ast.With():
                yield from _bound(node.body)
            case ast.Try():
                handlers = [stmt for handler in node.handlers for stmt in handler.body]
                yield from _bound(node.body + handlers + node.orelse + node.finalbody)
