"""A quiz bank as its author wrote it: checked records, with nothing drawn and no language chosen yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from autograder.quiz.formula import Formula, Program
from autograder.quiz.prose import Prose
from autograder.quiz.source import Place
from autograder.text import Text

FILE = "quiz.yaml"
"""The bank's file in an assignment's folder."""


class Kind(StrEnum):
    """What a student does with a question."""

    SINGLE = "single"
    """Chooses one."""
    MULTIPLE = "multiple"
    """Chooses all that hold."""
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    """Writes a number, judged within a tolerance."""
    SHORT = "short"
    """Writes a word."""
    MATCHING = "matching"
    """Gives each thing its partner."""


@dataclass(frozen=True)
class Draw:
    """A parameter that chance decides."""

    name: str
    place: Place
    values: tuple[int | float | str, ...]
    """What it is drawn from, all equally likely."""
    size: int | None = None
    """Length of the list that is drawn; `None` for a single value."""
    distinct: bool = False
    """Whether a list holds no value twice."""


@dataclass(frozen=True)
class Choice:
    """One thing to choose."""

    place: Place
    text: Prose | None
    """`None` for a computed one."""
    value: Formula | None
    fraction: float
    """Percent of the points, one of Moodle's."""
    correct: bool
    mistake: str | None
    """The misconception behind a wrong one."""
    feedback: Prose


@dataclass(frozen=True)
class Wrong:
    """A number that a named mistake computes."""

    value: Formula
    mistake: str
    feedback: Prose


@dataclass(frozen=True)
class Band:
    """How far from the answer a number may lie to earn a part of the points."""

    tolerance: Formula
    fraction: float
    """Percent, between 0 and 100."""
    feedback: Prose


@dataclass(frozen=True)
class Number:
    """What a numeric question expects."""

    answer: Formula
    tolerance: Formula
    """Absolute."""
    bands: tuple[Band, ...]
    """From the narrowest to the widest."""
    wrong: tuple[Wrong, ...]
    decimals: int | None
    """Of the answer where it is shown; `None` for as many as any number has."""

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Answer, tolerance, wrong values, tolerances of bands."""
        wrong, bands = (each.value for each in self.wrong), (each.tolerance for each in self.bands)
        return (self.answer, self.tolerance, *wrong, *bands)


@dataclass(frozen=True)
class Word:
    """A word that may be typed; the first that fits decides."""

    place: Place
    text: Prose
    """`*` stands for any letters, `\\*` for a star."""
    fraction: float
    mistake: str | None
    feedback: Prose


@dataclass(frozen=True)
class Pair:
    """Two things that belong together."""

    left: Prose
    right: Prose


@dataclass(frozen=True)
class Question:
    """One question; of the fields for answers, its kind uses one."""

    id: str
    place: Place
    kind: Kind
    tags: tuple[str, ...]
    points: float
    penalty: float
    """What Moodle takes off for each further try, as part of the points."""
    text: Prose
    feedback: Prose
    """The explanation, whatever was answered."""
    figure: Path | None
    figure_alt: Prose | None
    draws: tuple[Draw, ...]
    lets: tuple[tuple[str, Formula], ...]
    """Further parameters, each computed from those above it."""
    requires: tuple[Formula, ...]
    """What drawn numbers have to fulfil."""
    in_notebook: bool = True
    """Whether it is asked at the end of the notebook; not where it repeats a line of a solution."""
    shuffle: bool = True
    choices: tuple[Choice, ...] = ()
    """Of single and multiple choice; of true or false, in this order."""
    number: Number | None = None
    words: tuple[Word, ...] = ()
    case_sensitive: bool = False
    pairs: tuple[Pair, ...] = ()
    extra: tuple[Prose, ...] = ()
    """Right sides without a partner."""

    @cached_property
    def parameters(self) -> Program:
        """Computes what `draws` leave open: the further parameters by name, and the conditions as `_0`, `_1`, …"""
        return Program({**dict(self.lets), **{f"_{index}": each for index, each in enumerate(self.requires)}})

    @cached_property
    def numbers(self) -> Program:
        """Computes the formulas of `number.formulas` as `_0`, `_1`, …"""
        assert self.number is not None
        return Program({f"_{index}": each for index, each in enumerate(self.number.formulas)})

    @property
    def parameterised(self) -> bool:
        """Whether a seed changes it."""
        return bool(self.draws)


@dataclass(frozen=True)
class Bank:
    """All questions about one assignment."""

    name: str
    """The assignment's."""
    path: Path
    version: int
    title: Text
    questions: tuple[Question, ...] = field(repr=False)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that occur, in the order of `Kind`."""
        found = {question.kind for question in self.questions}
        return tuple(kind for kind in Kind if kind in found)


FRACTIONS: tuple[Decimal, ...] = (
    *map(Decimal, ("100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25")),
    *map(Decimal, ("20", "16.66667", "14.28571", "12.5", "11.11111", "10", "5")),
)
"""The percentages that Moodle accepts, besides 0 and the negative ones; others stop its import."""
