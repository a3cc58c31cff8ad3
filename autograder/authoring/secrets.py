"""What an assignment keeps to itself: lines of its answers, names of its hidden checks, literals of its grader.

Code is read with `tokenize` and `ast`; a secret is a pattern to look for in a released notebook.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

_MUTE = frozenset({"(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "=", "->"})
_SILENT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
TELLING = 3
"""A line of an answer is a secret from this many different telling words on (see `answer_lines`)."""
LONG_TEXT = 12
"""Characters from which a string of the hidden grader is a secret."""
LONG_NUMBER = 5
"""Significant digits from which a number of the hidden grader is a secret."""
_NUMBERS = (
    re.compile(r"(?<![\w.])(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w|\.\d)"),
    # Spanish text writes a decimal comma.
    re.compile(r"(?<![\w,])\d+,\d+(?!\w)"),
)
LONG_PROSE = 30
"""Characters from which a line of a guide for marking is a secret."""
_OPEN_KEYWORDS = frozenset({"es", "en", "hint", "task"})


@dataclass(frozen=True)
class Secret:
    """One thing that a released notebook must not hold."""

    what: str
    """Names it for the author without telling it: kind, place, first letters."""
    pattern: re.Pattern[str] | None
    """Finds it in text; `None` for a number."""
    number: float | None = None
    """The absolute value, compared as a number however it is written."""

    def places(self, text: str) -> Iterator[int]:
        """Lines of `text`, from 1, on which this secret begins."""
        if self.pattern is not None:
            starts: Iterable[int] = (match.start() for match in self.pattern.finditer(text))
        else:
            starts = sorted({start for start, value in _numbers(text) if value == self.number})
        yield from (text.count("\n", 0, start) + 1 for start in starts)


def prose_lines(text: str, whose: str) -> Iterator[Secret]:
    """The lines of Markdown that say something: `LONG_PROSE` characters or more, however they are wrapped when released."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if len(" ".join(words)) >= LONG_PROSE:
            pattern = re.compile(r"\s+".join(map(re.escape, words)))
            yield Secret(f"line {number} of {whose} ({_beginning(line.strip())})", pattern)


def answer_lines(answers: Mapping[str, str], stubs: Iterable[str], whose: str) -> Iterator[Secret]:
    """The lines of `answers` (task → source) that say something and are not in a stub.

    A line says something when it has at least `TELLING` different telling words: names (a dotted name is one),
    keywords, numbers, strings and operators; brackets, commas, colons and a plain `=` tell nothing. So
    `return np.mean(d)` counts, while `model = keras.Sequential([` and `keras.utils.set_random_seed(seed)` (two each)
    may also stand in a demo or be taught in the text. Imports never count. A statement over several lines counts line
    by line and as a whole. Comments, spaces and the kind of quotes make no difference.
    """
    known = {tokens for stub in stubs for _, tokens in _token_lines(stub)}
    for task, source in answers.items():
        lines = source.split("\n")
        for line, tokens in _token_lines(source):
            if tokens in known or tokens[0] in ("import", "from") or len(_telling(tokens)) < TELLING:
                continue
            what = f"line {line} of {whose} {task} ({_beginning(lines[line - 1].strip())})"
            yield Secret(what, _joined(tokens, r"\s*"))


def check_names(grader: ast.Module, tasks: Iterable[str]) -> Iterator[Secret]:
    """The names of the functions with `@check`, whole words, with `test_` and, from two words on, without it.

    A check that is called like its task is a secret only with `test_`.
    """
    for node in grader.body:
        if not isinstance(node, ast.FunctionDef) or not any(_is_check(each) for each in node.decorator_list):
            continue
        bare = node.name.removeprefix("test_")
        optional = "_" in bare and bare not in tasks
        pattern = rf"(?<!\w)(?:test_){'?' if optional else ''}{re.escape(bare)}(?!\w)"
        yield Secret(f"the hidden check of line {node.lineno} of the grader ({_beginning(bare)})", re.compile(pattern))


def grader_literals(grader: ast.Module, reference: Iterable[str]) -> Iterator[Secret]:
    """The long literals of the hidden grader.

    Strings: not docstrings, not what students are told (`es=`, `en=`, `Text(…)`, hints), not names of tasks, not the
    function asked for in `student.call(…)`, and no single word that `reference`, the code of the released notebook's
    answers, holds as a name or a string too (`"binary_crossentropy"`) or that is a Python builtin.
    """
    words = set(dir(builtins)) | {word for source in reference for word in _words(source)}
    for node in _literals(grader):
        value = node.value
        place = f"of line {node.lineno} of the grader"
        if isinstance(value, str):
            parts = value.split()
            if len(" ".join(parts)) >= LONG_TEXT and value not in words:
                yield Secret(f"the string {place} ({_beginning(value)})", _joined(parts, r"\s+"))
        elif isinstance(value, int | float) and not isinstance(value, bool) and _digits(value) >= LONG_NUMBER:
            yield Secret(f"the number {place} ({_beginning(repr(value))})", None, float(abs(value)))


def _token_lines(source: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and tokens of each line, then of each statement that takes several lines."""
    rows: dict[int, list[str]] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT and token.string:
            rows.setdefault(token.start[0], []).append(token.string.replace("'", '"'))
        elif token.type == tokenize.NEWLINE:
            yield from ((row, tuple(tokens)) for row, tokens in rows.items())
            if len(rows) > 1:
                yield min(rows), tuple(each for tokens in rows.values() for each in tokens)
            rows = {}


def _telling(tokens: tuple[str, ...]) -> set[str]:
    words: list[str] = []
    for before, token in pairwise(("", *tokens)):
        if before == "." and words:
            words[-1] += f".{token}"
        elif token not in _MUTE:
            words.append(token)
    return set(words)


def _joined(parts: Iterable[str], between: str) -> re.Pattern[str]:
    """Finds `parts` one after the other, as whole words, with either kind of quotes."""
    plain = [part.replace("'", '"').split() for part in parts]
    text = between.join(r"\s+".join(re.escape(word) for word in words) for words in plain)
    before = r"(?<!\w)" if re.match(r"\w", plain[0][0]) else ""
    after = r"(?!\w)" if re.search(r"\w$", plain[-1][-1]) else ""
    return re.compile(before + text.replace('"', "[\"']") + after)


def _is_check(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _name(function) == "check"


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    """The constants below `node` that no student is ever told."""
    match node:
        case ast.Constant():
            yield node
            return
        case ast.Call(func=function) if _name(function) == "Text":
            return
        case ast.Call(func=ast.Attribute(value=ast.Name(id="student")) as function, args=[ast.Constant(), *rest]):
            children: list[ast.AST] = [function, *rest, *node.keywords]
        case ast.keyword(arg=name) if name in _OPEN_KEYWORDS:
            return
        case ast.keyword(arg="mistaken", value=ast.Dict(values=values)):
            children = list(values)
        case ast.Assign(targets=[ast.Name(id="HINTS")]):
            return
        case ast.Module() | ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
            children = list(ast.iter_child_nodes(node))
            if ast.get_docstring(node, clean=False) is not None:
                children.remove(node.body[0])
        case _:
            children = list(ast.iter_child_nodes(node))
    for child in children:
        yield from _literals(child)


def _words(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str(word)) | ast.arg(arg=word):
                yield word
            case ast.FunctionDef(name=word):
                yield word
            case ast.Constant(value=str(word)) if word.isidentifier():
                yield word


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _numbers(text: str) -> Iterator[tuple[int, float]]:
    for pattern in _NUMBERS:
        for match in pattern.finditer(text):
            yield match.start(), float(match.group().replace(",", "."))


def _digits(value: int | float) -> int:
    mantissa = repr(abs(value)).split("e")[0].replace(".", "")
    return len(mantissa.strip("0")) if mantissa.isdigit() else 0


def _beginning(text: str) -> str:
    """Enough to recognise it, too little to use it: builds run where others can read the log."""
    return f"`{text[: min(12, len(text) // 2)]}…`"
