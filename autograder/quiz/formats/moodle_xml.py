"""Moodle XML: everything that a bank holds, read by Moodle's question bank."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Quiz
from autograder.quiz.formats.export import Export, decimal, document, element, plain_rights, serialise
from autograder.quiz.rendering import html, plain
from autograder.text import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

_TYPES = {
    Kind.SINGLE: "multichoice",
    Kind.MULTIPLE: "multichoice",
    Kind.TRUE_FALSE: "truefalse",
    Kind.NUMERIC: "numerical",
    Kind.SHORT: "shortanswer",
    Kind.MATCHING: "matching",
}
_AUTO = "moodle_auto_format"
_RIGHT, _PART, _WRONG = (
    Text(es="Respuesta correcta.", en="Your answer is right."),
    Text(es="Respuesta correcta en parte.", en="Your answer is partly right."),
    Text(es="Respuesta incorrecta.", en="Your answer is wrong."),
)


def export(quizzes: Sequence[Quiz], course: str) -> Export:
    """One file with a category for each bank, below the course's own.

    A question with several variants gets a category of its own, from which a Moodle quiz draws one at random.
    """
    root = document("quiz")
    for quiz in quizzes:
        # Moodle takes a category of the same name for the same: a new version must not mix with the old one.
        path = ["top", course, f"{quiz.name} v{quiz.version} · {quiz.title}"]
        for variants in quiz.variants().values():
            several = len(variants) > 1
            _category(root, [*path, variants[0].id] if several else path, quiz)
            for item in variants:
                root.append(_question(item))
    losses = (plain_rights(item) for quiz in quizzes for item in quiz.items)
    return Export.of(serialise(root), chain.from_iterable(losses))


def _category(root: _Element, path: list[str], quiz: Quiz) -> None:
    """Questions from here on belong to the category `path`, unless those before do already."""
    # A slash parts categories; doubled it is one.
    text = "$course$/" + "/".join(part.replace("/", "//") for part in path)
    before = root.xpath("question[@type='category'][last()]/category/text")
    if before and before[-1].text == text:
        return
    question = element(root, "question", type="category")
    _text(element(question, "category"), text)
    _text(element(question, "info", format="html"), escape(quiz.title, quote=False))
    name = [quiz.name, f"v{quiz.version}", quiz.language, *path[3:]]
    element(question, "idnumber", ".".join(name))


def _question(item: Item) -> _Element:
    question = document("question", attributes={"type": _TYPES[item.kind]})
    _text(element(question, "name"), item.name)
    text = _rich(question, "questiontext", html(item.text) + _image(item))
    if item.figure:
        file = element(text, "file", name=item.figure.name, path="/", encoding="base64")
        file.text = base64.b64encode(item.figure.read_bytes()).decode()
    _rich(question, "generalfeedback", html(item.feedback))
    element(question, "defaultgrade", decimal(item.points))
    element(question, "penalty", f"{item.penalty:.7f}")
    element(question, "hidden", "0")
    element(question, "idnumber", item.idnumber)
    for part in _ANSWERS[item.kind](item):
        question.append(part)
    tags = element(question, "tags")
    for tag in (item.bank, *item.tags):
        _text(element(tags, "tag"), tag)
    return question


def _choices(item: Item) -> Iterator[_Element]:
    yield _leaf("single", "true" if item.kind is Kind.SINGLE else "false")
    yield _leaf("shuffleanswers", "true" if item.shuffle else "false")
    yield _leaf("answernumbering", "abc")
    yield _leaf("showstandardinstruction", "1" if item.kind is Kind.MULTIPLE else "0")
    if item.kind is Kind.MULTIPLE:
        yield from _combined(item)
    for option in item.options:
        yield _answer(html(option.text), option.fraction, option.feedback, format="html")


def _combined(item: Item) -> Iterator[_Element]:
    for name, text in (("correct", _RIGHT), ("partiallycorrect", _PART), ("incorrect", _WRONG)):
        told = document(f"{name}feedback", attributes={"format": "html"})
        _text(told, text.to(item.language))
        yield told
    yield document("shownumcorrect")


def _true_false(item: Item) -> Iterator[_Element]:
    # Moodle compares with these very words, whatever its language.
    for word, option in zip(("true", "false"), item.options, strict=True):
        yield _answer(word, option.fraction, option.feedback)


def _numbers(item: Item) -> Iterator[_Element]:
    for each in item.accepted:
        answer = _answer(decimal(each.value), each.fraction, each.feedback)
        element(answer, "tolerance", decimal(each.tolerance))
        yield answer
    yield _leaf("unitgradingtype", "0")
    yield _leaf("unitpenalty", "0.1000000")
    yield _leaf("showunits", "3")
    yield _leaf("unitsleft", "0")


def _words(item: Item) -> Iterator[_Element]:
    yield _leaf("usecase", "1" if item.case_sensitive else "0")
    for each in item.typed:
        yield _answer(each.pattern, each.fraction, each.feedback)


def _matching(item: Item) -> Iterator[_Element]:
    yield _leaf("shuffleanswers", "true" if item.shuffle else "false")
    yield from _combined(item)
    for left, right in (*((html(left), right) for left, right in item.pairs), *(("", right) for right in item.extra)):
        pair = document("subquestion", attributes={"format": "html"})
        _text(pair, left)
        _text(element(pair, "answer"), plain(right))
        yield pair


_ANSWERS = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.TRUE_FALSE: _true_false,
    Kind.NUMERIC: _numbers,
    Kind.SHORT: _words,
    Kind.MATCHING: _matching,
}


def _answer(text: str, fraction: float, feedback: str, format: str = _AUTO) -> _Element:
    answer = document("answer", attributes={"fraction": decimal(fraction), "format": format})
    _text(answer, text)
    _rich(answer, "feedback", html(feedback))
    return answer


def _image(item: Item) -> str:
    if item.figure is None:
        return ""
    return f'<p><img src="@@PLUGINFILE@@/{escape(item.figure.name)}" alt="{escape(item.figure_alt)}" /></p>'


def _rich(parent: _Element, name: str, content: str) -> _Element:
    found = element(parent, name, format="html")
    _text(found, content)
    return found


def _text(parent: _Element, content: str) -> None:
    element(parent, "text", content)


def _leaf(name: str, content: str) -> _Element:
    found = document(name)
    found.text = content
    return found
