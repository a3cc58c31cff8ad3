"""GIFT: Moodle's text format; HTML in it, every special character escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.figures import data_uri
from autograder.quiz.formats.export import Export, decimal, penalty, plain_rights
from autograder.quiz.rendering import html, plain
from autograder.text import Text

_ESCAPED = {"\\": "\\\\", **{letter: f"\\{letter}" for letter in "~=#{}:"}, "\r": "", "\n": "\\n"}
_POINTS = Text(es="los puntos: GIFT solo conoce 1", en="the points: GIFT knows 1 only")
_ORDER = Text(es="el orden fijo de las opciones", en="the fixed order of the choices")
_CASE = Text(es="la distinción entre mayúsculas y minúsculas", en="the difference between upper and lower case")


def export(quizzes: Sequence[Quiz], course: str) -> Export:
    """One file with a category for each bank, below the course's own; variants are in a category of their question."""
    blocks: list[str] = []
    category = ""
    for quiz in quizzes:
        path = ["top", course, f"{quiz.name} v{quiz.version} · {quiz.title}"]
        for variants in quiz.variants().values():
            chosen = [*path, variants[0].id] if len(variants) > 1 else path
            line = "$CATEGORY: $course$/" + "/".join(_escaped(part.replace("/", "//")) for part in chosen)
            if line != category:
                blocks.append(line)
                category = line
            blocks += [_question(item) for item in variants]
    losses = [loss for quiz in quizzes for item in quiz.items for loss in _losses(item)]
    # A blank line ends a question, so there is none inside.
    return Export.of(("\n\n".join(blocks) + "\n").encode(), losses)


def _question(item: Item) -> str:
    tags = "".join(f" [tag:{tag}]" for tag in (item.bank, *item.tags))
    head = f"// [id:{item.idnumber}]{tags}\n::{_escaped(item.name)}::[html]{_rich(item.text)}{_image(item)}"
    if item.kind is Kind.TRUE_FALSE:
        right = item.options[0].correct
        told = {option.correct: _rich(option.feedback) for option in item.options}
        return f"{head}{{{'TRUE' if right else 'FALSE'}#{told[False]}#{told[True]}####{_rich(item.feedback)}}}"
    opening = "{#" if item.kind is Kind.NUMERIC else "{"
    lines = [*_ANSWERS[item.kind](item), f"####{_rich(item.feedback)}"]
    return f"{head}{opening}\n" + "".join(f"\t{line}\n" for line in lines) + "}"


def _choices(item: Item) -> Iterator[str]:
    for option in item.options:
        right = item.kind is Kind.SINGLE and option.correct
        mark = "=" if right else "~" + _weight(option.fraction, never_full=True)
        yield f"{mark}{_rich(option.text)}#{_rich(option.feedback)}"


def _numbers(item: Item) -> Iterator[str]:
    for each in item.accepted:
        yield f"={_weight(each.fraction)}{decimal(each.value)}:{decimal(each.tolerance)}#{_rich(each.feedback)}"


def _words(item: Item) -> Iterator[str]:
    for each in item.typed:
        yield f"={_weight(each.fraction)}{_escaped(each.pattern)}#{_rich(each.feedback)}"


def _matching(item: Item) -> Iterator[str]:
    for left, right in item.pairs:
        yield f"={_rich(left)} -> {_escaped(plain(right))}"
    for right in item.extra:
        yield f"= -> {_escaped(plain(right))}"


_ANSWERS = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.NUMERIC: _numbers,
    Kind.SHORT: _words,
    Kind.MATCHING: _matching,
}


def _weight(fraction: float, never_full: bool = False) -> str:
    """`%50%`; nothing where Moodle takes it for granted.

    Moodle reads two digits before the point at most and compares with five decimals, so a whole 100 is written as just
    less: `%100%` would become part of the answer.
    """
    if fraction == 100 and not never_full:
        return ""
    if not fraction and never_full:
        return ""
    nearly = "99.99999" if fraction > 0 else "-99.99999"
    return f"%{nearly if abs(fraction) == 100 else decimal(fraction)}%"


def _rich(markdown: str) -> str:
    return _escaped(html(markdown))


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


def _image(item: Item) -> str:
    if item.figure is None:
        return ""
    return _escaped(f'<p><img src="{data_uri(item.figure)}" alt="{escape(item.figure_alt)}" /></p>')


def _losses(item: Item) -> Iterator[tuple[Item, Text]]:
    if item.points != 1:
        yield item, _POINTS
    yield from penalty(item)
    if not item.shuffle and item.kind in (Kind.SINGLE, Kind.MULTIPLE, Kind.MATCHING):
        yield item, _ORDER
    if item.case_sensitive:
        yield item, _CASE
    yield from plain_rights(item)
