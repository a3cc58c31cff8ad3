"""Text of a bank with values in it: Markdown in which `{= formula =}` becomes a number as the language writes it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.quiz.formula import Fixed, Formula, Plain, as_python, parse
from autograder.quiz.source import Place, languages
from autograder.text import Language, Text

_DECIMALS = 4
"""Decimals of a number that does not ask for others; smaller numbers keep as many significant digits."""
_TINY, _HUGE = 1e-6, 1e15
"""Outside of these a number is written as a power of ten."""


class Context(StrEnum):
    """Where in Markdown a value stands."""

    TEXT = "text"
    CODE = "code"
    MATH = "math"


_CONTEXTS = re.compile(
    r"(?P<fence>^ {0,3}(?P<bar>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=bar)[`~]*[ \t]*$|\Z))"
    r"|(?P<code>(?<![`\\])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<math>(?<!\\)\$\$.+?(?<!\\)\$\$|(?<![\\$])\$(?![\s$])(?:\\.|[^$\\])+?(?<!\s)\$)",
    re.MULTILINE | re.DOTALL,
)
_VALUE = re.compile(r"\{=(.*?)=\}", re.DOTALL)
_HALF = re.compile(r"\{=|=\}")


@dataclass(frozen=True)
class Value:
    """One `{= … =}`."""

    formula: Formula
    context: Context


@dataclass(frozen=True)
class Prose:
    """A text in every language, parsed."""

    place: Place
    parts: Mapping[Language, tuple[str | Value, ...]]

    def write(self, scope: Mapping[str, Any], language: Language) -> str:
        """The Markdown in `language`, its values computed from `scope`.

        Raises:
            Failed: a value cannot be computed.
        """
        return "".join(
            part if isinstance(part, str) else written(part.formula.value(scope), language, part.context)
            for part in self.parts[language]
        )

    @property
    def varies(self) -> bool:
        """Whether it holds a value."""
        return any(isinstance(part, Value) for parts in self.parts.values() for part in parts)


def prose(text: Text, place: Place, known: Iterable[str]) -> Prose:
    """`text` with its formulas over the names in `known`.

    Raises:
        CourseError: a `{=` without `=}`, or a formula that does not parse.
    """
    known = tuple(known)
    parts = {language: tuple(_parts(markdown, place, known)) for language, markdown in languages(text)}
    return Prose(place, parts)


def _parts(markdown: str, place: Place, known: tuple[str, ...]) -> Iterable[str | Value]:
    for context, piece in _contexts(markdown):
        rest = 0
        for match in _VALUE.finditer(piece):
            yield _literal(piece[rest : match.start()], place)
            yield Value(parse(match[1].strip(), place, known), context)
            rest = match.end()
        yield _literal(piece[rest:], place)


def _literal(piece: str, place: Place) -> str:
    if _HALF.search(piece):
        raise place.error("a `{=` or `=}` stands alone; a value is written `{= formula =}`.")
    return piece


def _contexts(markdown: str) -> Iterable[tuple[Context, str]]:
    rest = 0
    for match in _CONTEXTS.finditer(markdown):
        yield Context.TEXT, markdown[rest : match.start()]
        yield Context.MATH if match["math"] else Context.CODE, match[0]
        rest = match.end()
    yield Context.TEXT, markdown[rest:]


# --- numbers ---------------------------------------------------------------------------------------------------------


def written(value: Any, language: Language, context: Context = Context.TEXT) -> str:
    """`value` as it stands in a text of `language`: `0,25`, `(3, 5, 8)`, a matrix in math, a string as it is."""
    import numpy as np

    if isinstance(value, Plain):
        return value.literal
    if isinstance(value, Fixed):
        return _number(value.value, language, context, value.decimals)
    if isinstance(value, str):
        return value
    value = as_python(value)
    if isinstance(value, bool):
        return str(value)
    if not isinstance(value, list | tuple):
        return _number(value, language, context, None)
    if context is Context.MATH and np.ndim(value) == 2:
        rows = (r" & ".join(written(each, language, context) for each in row) for row in value)
        return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"
    items = [written(each, language, context) for each in value]
    # A comma cannot both separate numbers and stand inside them.
    comma = language == "es" and context is not Context.CODE and any("," in item for item in items)
    return "(" + ("; " if comma else ", ").join(items) + ")"


def _number(value: float, language: Language, context: Context, decimals: int | None) -> str:
    if isinstance(value, int) and decimals is None:
        return str(value)
    power = None
    if decimals is not None:
        text = f"{value:.{decimals}f}"
    elif value and math.isfinite(value) and not _TINY <= abs(value) < _HUGE:
        text, _, exponent = f"{value:.{_DECIMALS - 1}e}".partition("e")
        text, power = _trimmed(text), int(exponent)
    elif math.isfinite(value):
        digits = _DECIMALS if abs(value) >= 0.1 or not value else _DECIMALS - 1 - math.floor(math.log10(abs(value)))
        text = _trimmed(f"{value:.{digits}f}")
    else:
        text = str(value)
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    if language == "es" and context is not Context.CODE:
        # TeX takes a bare comma for one between two things, and leaves a gap after it.
        text = text.replace(".", "{,}" if context is Context.MATH else ",")
    if power is None:
        return text
    if context is Context.CODE:
        return f"{text}e{power}"
    if context is Context.MATH:
        return rf"{text} \cdot 10^{{{power}}}"
    return f"{text}·10" + str(power).translate(_SUPERSCRIPTS)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
