"""`T(es=…, en=…)`: text in a code cell that becomes the literal of the notebook's language."""

from __future__ import annotations

import ast
import re

from autograder.authoring.source import SourceCell
from autograder.text import LANGUAGES, Language, Text

_TITLE = re.compile(r"\s*es:\s*(?P<es>.*?\S)\s*\|\s*en:\s*(?P<en>.*?\S)\s*", re.DOTALL)


def translate(cell: SourceCell, source: str, language: Language) -> str:
    """`source`, a form of the cell's code, with every `T(…)` replaced by its literal in `language`.

    Raises:
        CourseError: a `T` that is not called with one string or f-string for each language and nothing else.
    """
    tree = cell.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_t(node.func)]
    called = {id(node.func) for node in calls}
    for node in ast.walk(tree):
        if (_is_t(node) and id(node) not in called) or _binds_t(node):
            raise cell.error('T is reserved for T(es="…", en="…"); call it so, or use another name.', node.lineno)  # type: ignore[attr-defined]
    chosen = [(call, _literals(cell, call)[language]) for call in calls]
    data = source.encode()
    starts = _line_starts(data)
    # From the back, so that the places of the calls before stay right.
    for call, literal in sorted(chosen, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        whole, text = _place(call, starts), data[_place(literal, starts)]
        # A literal over several lines was held together by the parentheses of T(…).
        data = data[: whole.start] + (b"(%s)" % text if b"\n" in text else text) + data[whole.stop :]
    return data.decode()


def title(cell: SourceCell, function: ast.FunctionDef) -> Text:
    """The two sentences in the docstring of a public test, written `es: … | en: …`."""
    match = _TITLE.fullmatch(ast.get_docstring(function) or "")
    if match is None:
        raise cell.error(
            f'the docstring of {function.name} must say in both languages what is asked for: """es: … | en: …""".',
            function.lineno,
        )
    return Text(es=" ".join(match["es"].split()), en=" ".join(match["en"].split()))


def _literals(cell: SourceCell, call: ast.Call) -> dict[str, ast.expr]:
    names = [keyword.arg for keyword in call.keywords]
    if call.args or sorted(str(name) for name in names) != sorted(LANGUAGES):
        raise cell.error('T takes exactly one text per language: T(es="…", en="…").', call.lineno)
    for keyword in call.keywords:
        value = keyword.value
        literal = isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))
        if not literal:
            raise cell.error(f"{keyword.arg}= of T is no string or f-string; write the text in place.", value.lineno)
        if any(_is_t(node) for node in ast.walk(value)):
            raise cell.error("a T inside a T; write one T with the whole text.", value.lineno)
    return {str(keyword.arg): keyword.value for keyword in call.keywords}


def _is_t(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "T"


def _binds_t(node: ast.AST) -> bool:
    match node:
        case ast.arg(arg="T") | ast.FunctionDef(name="T") | ast.ClassDef(name="T"):
            return True
        case ast.Import() | ast.ImportFrom():
            return any((name.asname or name.name) == "T" for name in node.names)
    return False


def _place(node: ast.expr, starts: dict[int, int]) -> slice:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return slice(starts[node.lineno] + node.col_offset, starts[node.end_lineno] + node.end_col_offset)


def _line_starts(data: bytes) -> dict[int, int]:
    starts, place = {}, 0
    for number, line in enumerate(data.split(b"\n"), 1):
        starts[number] = place
        place += len(line) + 1
    return starts
