"""The questions of a bank at the end of a notebook: what is told about an answer is sealed with that answer.

So nobody reads the key by accident, in the notebook or on the web. It is no secret from somebody who tries all answers: there
are four to a choice. The self-check carries no marks, and grading does not run it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.quiz.bank import FILE, Bank, Kind
from autograder.quiz.drawing import Item, quiz
from autograder.quiz.reading import read_bank
from autograder.text import Language, Text

_SEED = 0
"""The draw that every student gets."""
_ROUNDS = 1000
"""Of the key derivation; `asking` has the same. Enough to keep the eye out, and a build quick."""
_HEADING = Text(es="Autoevaluación (ejecuta esta celda)", en="Self-check (run this cell)")
_INTRODUCTION = Text(
    es="""\
## Autoevaluación

Ejecuta la celda siguiente: hace {count} preguntas sobre este cuaderno, una tras otra, y comenta tus respuestas. Puedes
repetir cada una hasta acertar, saltarla con Intro o escribir `fin` para terminar. No cuenta para la nota y no se guarda
nada de lo que contestes.""",
    en="""\
## Self-check

Run the next cell: it asks {count} questions about this notebook, one after the other, and comments on your answers. You
can try each one until it is right, skip it with Enter, or write `end` to stop. It carries no marks, and nothing that you
answer is kept.""",
)
_NEXT = Text(es="(Intro: otra pregunta):", en="(Enter: next question):")
_WORDS = {
    "ask_choice": Text(es="Tu respuesta, una letra o varias", en="Your answer, a letter or several") + _NEXT,
    "ask_number": Text(es="Tu respuesta, un número", en="Your answer, a number") + _NEXT,
    "ask_word": Text(es="Tu respuesta, una palabra", en="Your answer, a word") + _NEXT,
    "ask_pairs": Text(es="Tu respuesta, por ejemplo 1b 2a 3c", en="Your answer, such as 1b 2a 3c") + _NEXT,
    "end": Text(es="fin", en="end"),
    "unclear": Text(
        es="Eso no es una respuesta a esta pregunta; prueba otra vez.",
        en="That is no answer to this question; try again.",
    ),
    "right": Text(es="Correcto.", en="Right."),
    "part": Text(es="Correcto en parte ({worth:g} %).", en="Partly right ({worth:g} %)."),
    "wrong": Text(es="Todavía no.", en="Not yet."),
    "several": Text(es="Falta alguna opción o sobra alguna.", en="A choice is missing, or one is too many."),
    "pairs": Text(es="{right} de {count} parejas están bien.", en="{right} of {count} pairs are right."),
    "closed": Text(
        es="Las preguntas se contestan con el cuaderno abierto en Jupyter, VS Code o Colab.",
        en="The questions are answered with the notebook open in Jupyter, VS Code or Colab.",
    ),
    "sum": Text(es="{right} de {count} preguntas acertadas.", en="{right} of {count} questions right."),
}


def self_check(folder: Path, name: str, language: Language) -> tuple[str, str] | None:
    """The text and the code of the self-check of the assignment `name` in `folder`; `None` where it has no bank.

    The same bank always gives the same cells.

    Raises:
        CourseError: the bank breaks a rule.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    bank = _bank(path, name, path.read_bytes())
    if not bank.questions:
        return None
    items = [item.arranged() for item in quiz(bank, language, _SEED).items]
    return _INTRODUCTION.to(language).format(count=len(items)), _code(items, language)


@lru_cache(maxsize=64)
def _bank(path: Path, name: str, content: bytes) -> Bank:
    # `content` is there for the cache: the bank is read once for both languages, and again when it has changed.
    bank = read_bank(path, name)
    return replace(bank, questions=tuple(question for question in bank.questions if question.in_notebook))


def _code(items: list[Item], language: Language) -> str:
    program = (Path(__file__).parent / "asking.py").read_text(encoding="utf-8")
    words = {key: text.to(language) for key, text in _WORDS.items()}
    questions = ",\n".join(_literal(_question(item)) for item in items)
    function = program[program.index("def _self_check") :].rstrip()
    return f"# @title {_HEADING.to(language)}\n{function}\n\n\n_self_check([\n{questions}\n], {_literal(words)})"


def _literal(value: Mapping[str, Any]) -> str:
    # Text, numbers and lists are written alike in JSON and in Python.
    return json.dumps(value, ensure_ascii=False)


def _question(item: Item) -> dict[str, Any]:
    from autograder.quiz.pages import STRINGS

    found = {
        "salt": _salt(item),
        "title": STRINGS[f"kind_{item.kind.value}"].to(item.language).capitalize(),
        "text": item.text,
    }
    if item.figure:
        found[item.figure.suffix[1:]] = base64.b64encode(item.figure.read_bytes()).decode()
    return {**found, **_ANSWERS[item.kind](item)}


def _choices(item: Item) -> dict[str, Any]:
    several = item.kind is Kind.MULTIPLE
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(item.options)]
    boxes, right = [], ""
    for letter, option in zip(letters, item.options, strict=True):
        told = option.feedback
        if option.correct:
            right += letter
            told = told if several else _explained(item, told)
        boxes.append(_seal(item, letter, letter, [option.fraction, told]))
    found = {"kind": "choice", "choices": [option.text for option in item.options], "boxes": boxes}
    return found | {"several": 1, "whole": _seal(item, "whole", right, [100, item.feedback])} if several else found


def _numbers(item: Item) -> dict[str, Any]:
    boxes = []
    for place, each in enumerate(item.accepted):
        # A number within the tolerance lies in the same cell of this width, or in one beside it.
        width = float(f"{each.tolerance:.3g}") * 1.01 if each.tolerance else 1e-6
        told = _explained(item, each.feedback) if each.fraction == 100 else each.feedback
        content = [each.fraction, told, each.value, each.tolerance]
        boxes.append([width, _seal(item, place, str(math.floor(each.value / width)), content)])
    return {"kind": "number", "boxes": boxes}


def _words(item: Item) -> dict[str, Any]:
    boxes: list[list[Any]] = []
    for place, each in enumerate(item.typed):
        pattern = each.pattern if item.case_sensitive else each.pattern.lower()
        pieces = [piece.replace("\\*", "*") for piece in re.split(r"(?<!\\)\*", pattern)]
        longest = max(pieces, key=len)
        told = _explained(item, each.feedback) if each.fraction == 100 else each.feedback
        content = [each.fraction, told, ".*".join(re.escape(piece) for piece in pieces)]
        boxes.append([len(longest) if len(pieces) > 1 else -1, _seal(item, place, longest, content)])
    return {"kind": "word", "boxes": boxes} | ({"case": 1} if item.case_sensitive else {})


def _pairs(item: Item) -> dict[str, Any]:
    rights = item.rights()
    letters = dict(zip(rights, "abcdefghijklmnopqrstuvwxyz", strict=False))
    keys = [f"{number}{letters[right]}" for number, (_, right) in enumerate(item.pairs, 1)]
    return {
        "kind": "pairs",
        "lefts": [left for left, _ in item.pairs],
        "rights": list(rights),
        "boxes": [_seal(item, place, key, []) for place, key in enumerate(keys)],
        "whole": _seal(item, "whole", " ".join(keys), [100, item.feedback]),
    }


_ANSWERS = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.TRUE_FALSE: _choices,
    Kind.NUMERIC: _numbers,
    Kind.SHORT: _words,
    Kind.MATCHING: _pairs,
}


def _explained(item: Item, feedback: str) -> str:
    """What a right answer is told: its own feedback, then the question's."""
    return f"{feedback}\n\n{item.feedback}".strip()


def _salt(item: Item) -> str:
    # Not the question's name: hidden checks may be called the same.
    return hashlib.sha256(item.idnumber.encode()).hexdigest()[:12]


def _seal(item: Item, place: object, key: str, content: list[Any]) -> str:
    """`content` in a box that opens with `key`; `place` tells the boxes of a question apart."""
    plain = b"open" + json.dumps(content, ensure_ascii=False).encode()
    salt = f"{_salt(item)}/{place}".encode()
    stream = hashlib.shake_256(hashlib.pbkdf2_hmac("sha256", key.encode(), salt, _ROUNDS)).digest(len(plain))
    return base64.b85encode(bytes(one ^ other for one, other in zip(plain, stream, strict=True))).decode()
