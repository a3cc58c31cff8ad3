"""What the answer to a drawn question is worth, by the bank, and what is told about it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.quiz.bank import Kind
from autograder.quiz.drawing import Item, Option

MAX_TYPED = 200
"""Characters of a typed answer that are looked at."""
_WHOLE = 99.99
"""Percent from which an answer is all right: thirds add up to 99.99999."""
_TEN = re.compile(r"\s*[·*×x]\s*10\s*\^?\s*", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)


class Unclear(ValueError):
    """What was given is no answer to such a question: a word where a number is asked for, a choice that is not there."""


@dataclass(frozen=True)
class Told:
    """What is told about one part of an answer: a choice that was made, a pair."""

    answer: str
    """Markdown, as all texts of an `Item`."""
    fraction: float
    """What the part is worth by itself: 100 right, 0 wrong, something between; of a choice, its fraction may be negative."""
    right: bool
    feedback: str


@dataclass(frozen=True)
class Marked:
    """One question with its answer, marked."""

    item: Item
    given: tuple[str, ...]
    fraction: float
    """Percent of the points, from 0 to 100."""
    parts: tuple[Told, ...]
    """Empty where nothing was answered."""
    missed: int = 0
    """Right choices that were not made."""

    @property
    def points(self) -> float:
        """What it earns, rounded to hundredths."""
        return round(self.item.points * self.fraction / 100, 2)

    @property
    def right(self) -> bool:
        """Whether nothing is missing."""
        return self.fraction == 100


def mark(item: Item, given: Sequence[str]) -> Marked:
    """Mark the answer to an item as a form sends it.

    Args:
        given: places in `item.options` of the choices made; the text typed; or for each pair the place in `item.rights()`,
            empty for none. Nothing given is worth nothing.

    Raises:
        Unclear: it cannot be read as an answer.
    """
    given = tuple(each[:MAX_TYPED].strip() for each in given)
    if not any(given):
        return Marked(item, (), 0.0, ())
    return _KINDS[item.kind](item, given)


def number(typed: str) -> float:
    """The number in `typed`: with a decimal comma or point, a minus of any kind, and powers of ten as texts write them.

    Raises:
        Unclear: it is none.
    """
    text = unicodedata.normalize("NFC", typed).replace("−", "-")
    text = _TEN.sub("e", text.translate(_SUPERSCRIPTS)).replace(" ", "").replace("\u00a0", "").replace(",", ".")
    if not _NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
        raise Unclear(typed)
    return value


def fits(pattern: str, typed: str, *, case_sensitive: bool = False) -> bool:
    """Whether a word fits a pattern, in which `*` stands for any letters and `\\*` for a star. Case counts only if asked to."""
    pieces = (re.escape(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*", _word(pattern)))
    flags = re.DOTALL if case_sensitive else re.DOTALL | re.IGNORECASE
    return re.fullmatch(".*".join(pieces), _word(typed), flags) is not None


def _one(item: Item, given: tuple[str, ...]) -> Marked:
    if len(given) != 1:
        raise Unclear(given)
    option = item.options[_place(given[0], len(item.options))]
    return Marked(item, given, _bounded(option.fraction), (_told(option),))


def _several(item: Item, given: tuple[str, ...]) -> Marked:
    places = sorted({_place(each, len(item.options)) for each in given})
    chosen = [item.options[place] for place in places]
    missed = sum(option.correct for option in item.options) - sum(option.correct for option in chosen)
    fraction = _bounded(sum(option.fraction for option in chosen))
    return Marked(item, tuple(map(str, places)), fraction, tuple(map(_told, chosen)), missed)


def _number(item: Item, given: tuple[str, ...]) -> Marked:
    value = number(_only(given))
    # A hair more than the tolerance: 0.35 is 0.05 away from 0.3 for people, not for binary fractions.
    near = (
        each
        for each in item.accepted
        if abs(value - each.value) <= each.tolerance * (1 + 1e-9) + abs(each.value) * 1e-12
    )
    found = next(near, None)
    fraction = _bounded(found.fraction) if found else 0.0
    return Marked(item, given, fraction, (Told(given[0], fraction, fraction == 100, found.feedback if found else ""),))


def _short(item: Item, given: tuple[str, ...]) -> Marked:
    typed = _only(given)
    found = next((each for each in item.typed if fits(each.pattern, typed, case_sensitive=item.case_sensitive)), None)
    fraction = _bounded(found.fraction) if found else 0.0
    return Marked(item, given, fraction, (Told(typed, fraction, fraction == 100, found.feedback if found else ""),))


def _matching(item: Item, given: tuple[str, ...]) -> Marked:
    rights = item.rights()
    if len(given) != len(item.pairs):
        raise Unclear(given)
    chosen = [rights[_place(each, len(rights))] if each else "" for each in given]
    parts = tuple(
        Told(answer, 100.0 if answer == right else 0.0, answer == right, "")
        for (_, right), answer in zip(item.pairs, chosen, strict=True)
    )
    return Marked(item, given, _bounded(sum(part.fraction for part in parts) / len(parts)), parts)


_KINDS = {
    Kind.SINGLE: _one,
    Kind.TRUE_FALSE: _one,
    Kind.MULTIPLE: _several,
    Kind.NUMERIC: _number,
    Kind.SHORT: _short,
    Kind.MATCHING: _matching,
}


def _told(option: Option) -> Told:
    return Told(option.text, option.fraction, option.correct, option.feedback)


def _only(given: tuple[str, ...]) -> str:
    if len(given) != 1:
        raise Unclear(given)
    return given[0]


def _place(text: str, count: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) >= count:
        raise Unclear(text)
    return int(text)


def _bounded(fraction: float) -> float:
    return 100.0 if fraction >= _WHOLE else max(0.0, fraction)


def _word(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
