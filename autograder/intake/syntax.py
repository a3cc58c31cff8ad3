"""What the cells of a notebook say as Python: which names they define, which of them are equal. Parsed, never run.

A syntax tree takes a thousand times the memory of its text and up to ten microseconds a character, so the text of one
submission that is parsed at all is bounded, and no cell is parsed twice.
"""

from __future__ import annotations

import ast
import hashlib
import re
import unicodedata
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from autograder.authoring.imports import modules
from autograder.intake.source import CELL_MAGIC, runs_as_python

MAX_PARSED = 100_000
"""Characters of one notebook that are parsed; of the longest in the course, all cells together have 45,000."""
_SHARED = 4_096
"""Characters of a cell whose meaning is kept for other submissions: released cells come back with every notebook."""

_MAGIC_LINE = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([\w, \t]+=[ \t]*)[%!].*$", re.MULTILINE)
_DEF = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Meaning:
    """What one source says."""

    defined: frozenset[str]
    """The names of functions and other values that running it binds at its top level.

    IPython's magics and top-level `await` are understood. Where the rest is not valid Python, or was not parsed, the
    `def` and `class` lines that start at the margin are taken.
    """
    python: bool = False
    """As a whole it is Python, magics included."""
    form: bytes | None = None
    """Equal for sources that differ in white space, comments and the way they are written only; `None` if not parsed."""
    bare: bytes | None = None
    """The same with docstrings left out."""


class Reader:
    """Reads the cells of one notebook that mention any of `names`; in others nothing that matters is defined."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = tuple(names)
        self._known: dict[str, Meaning] = {}
        self._left = MAX_PARSED

    def defined(self, source: str) -> frozenset[str]:
        """See `Meaning.defined`; empty when none of the names is mentioned."""
        return self._meaning(source).defined if self._mentions(source) else frozenset()

    def defined_in_text(self, source: str) -> frozenset[str]:
        """The same for a text cell: prose that quotes a `def` line is no code, only Python from end to end is."""
        return self._meaning(source).defined if self._mentions(source) and self._meaning(source).python else frozenset()

    def same(self, released: str, own: str) -> bool:
        """Whether two sources are equal but for white space, comments and the way they are written."""
        if _squeezed(released) == _squeezed(own):
            return True
        form = meaning(released).form
        return form is not None and form == self._meaning(own).form

    def is_stub(self, released: str, own: str) -> bool:
        """Whether two sources are equal but for white space, comments and docstrings."""
        first, second = meaning(released).bare, self._meaning(own).bare
        return first == second if first and second else _squeezed(released) == _squeezed(own)

    def _mentions(self, source: str) -> bool:
        # Python reads identifiers in this form, so `ｍｓｅ` is `mse`.
        text = source if source.isascii() else unicodedata.normalize("NFKC", source)
        return any(name in text for name in self._names)

    def _meaning(self, source: str) -> Meaning:
        if source not in self._known:
            if len(source) <= self._left:
                self._left -= len(source)
                self._known[source] = meaning(source) if len(source) <= _SHARED else _meaning(source)
            else:
                self._known[source] = _unparsed(source)
        return self._known[source]


def uses(sources: Iterable[str], packages: Collection[str], methods: Collection[str] = ()) -> frozenset[str]:
    """Which of `packages` (or modules inside them) these cells import, and which of `methods` they call without arguments.

    `import_module("…")` and `__import__("…")` count too. What goes by a name that is only made while running is not seen, nor what
    stands beyond the text that is parsed.
    """
    wanted = {*packages, *methods}
    found: set[str] = set()
    left = MAX_PARSED
    for source in sources:
        if not any(name in source for name in wanted) or len(source) > left:
            continue
        left -= len(source)
        tree = _tree(source)
        for node in ast.walk(tree) if tree else ():
            found |= {name.split(".")[0] for name in modules(node)} & {*packages}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not (node.args or node.keywords):
                found |= {node.func.attr} & {*methods}
    return frozenset(found)


def _meaning(source: str) -> Meaning:
    tree = _tree(source)
    if tree is None:
        return _unparsed(source)
    try:
        defined = frozenset(_bound(tree.body))
        form = bare = _digest(tree)
        if _drop_docstrings(tree):
            bare = _digest(tree)
    except RecursionError:
        return Meaning(_unparsed(source).defined, python=True)
    return Meaning(defined, True, form, bare)


meaning = lru_cache(maxsize=1024)(_meaning)
"""The meaning of a source without bound: for released cells, and for those as small as they are."""


def _unparsed(source: str) -> Meaning:
    return Meaning(frozenset(_DEF.findall(source)) if runs_as_python(source) else frozenset())


def _tree(source: str) -> ast.Module | None:
    if not runs_as_python(source):
        return None
    source = CELL_MAGIC.sub("\n", source, count=1) if CELL_MAGIC.match(source) else source
    for text in dict.fromkeys((source, _MAGIC_VALUE.sub(r"\1None", _MAGIC_LINE.sub(r"\1pass", source)))):
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


def _squeezed(source: str) -> list[str]:
    return [line.rstrip() for line in source.splitlines() if line.strip()]


def _digest(tree: ast.Module) -> bytes:
    return hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass")).digest()


def _drop_docstrings(tree: ast.Module) -> bool:
    """Takes the docstrings of functions and classes at the top level out of `tree`; whether there were any."""
    found = False
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node, False):
            node.body = node.body[1:]
            found = True
    return found


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
