"""What a seed makes of a question: the drawn numbers, and the question in one language with them in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.quiz.bank import Bank, Choice, Draw, Kind, Question
from autograder.quiz.formula import Failed, Fixed, Formula, fault, finite
from autograder.quiz.prose import Prose, written
from autograder.text import Language

if TYPE_CHECKING:
    import numpy as np

_TRIES = 1_000
"""Draws after which conditions are taken to be impossible."""
_STEPS = 200
"""Seeds that are looked through for each further variant before a question is taken to have no more."""


@dataclass(frozen=True)
class Option:
    """One choice."""

    text: str
    """Markdown, as all texts of an `Item`."""
    fraction: float
    """Percent of the points, one of Moodle's."""
    correct: bool
    mistake: str | None
    feedback: str


@dataclass(frozen=True)
class Accepted:
    """A number that is looked for in what was typed."""

    value: float
    shown: str
    """As a text writes it."""
    tolerance: float
    fraction: float
    mistake: str | None
    feedback: str
    """Empty for the right answer: the question's own feedback says it all."""


@dataclass(frozen=True)
class Typed:
    """A word that is looked for in what was typed."""

    pattern: str
    """`*` stands for any letters, `\\*` for a star."""
    fraction: float
    mistake: str | None
    feedback: str


@dataclass(frozen=True)
class Item:
    """A question with its numbers, in one language: what every export, page and notebook is made from."""

    bank: str
    version: int
    id: str
    seed: int | None
    """`None` where no seed changes anything."""
    language: Language
    kind: Kind
    tags: tuple[str, ...]
    points: float
    penalty: float
    text: str
    feedback: str
    figure: Path | None
    figure_alt: str
    shuffle: bool
    options: tuple[Option, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    """The first that is near enough decides: the answer, then known mistakes, then wider bands."""
    typed: tuple[Typed, ...] = ()
    """The first that fits decides."""
    case_sensitive: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What an LMS lists it as: `01_mse.worked_mse`, and which variant it is."""
        return f"{self.bank}.{self.id}" + ("" if self.seed is None else f" #{self.seed}")

    def arranged(self) -> Item:
        """The same with its choices in another order, for whoever does not shuffle them: authors write the right one first.

        The order is the same every time, and in both languages.
        """
        if not self.shuffle or self.kind is Kind.TRUE_FALSE:
            return self

        def order(pair: tuple[int, object]) -> bytes:
            return hashlib.sha256(f"{self.idnumber}\0{pair[0]}".encode()).digest()

        options = tuple(option for _, option in sorted(enumerate(self.options), key=order))
        return replace(self, options=options)

    def rights(self) -> tuple[str, ...]:
        """Everything to choose from on the right of a matching question, each once, in an order that tells nothing."""
        found = dict.fromkeys([*(right for _, right in self.pairs), *self.extra])

        def order(right: str) -> bytes:
            return hashlib.sha256(f"{self.idnumber}\0{right}".encode()).digest()

        return tuple(sorted(found, key=order)) if self.shuffle else tuple(found)

    @property
    def idnumber(self) -> str:
        """Unique, and the same in every export of this version: `01_mse.worked_mse.v1.s7`."""
        return f"{self.bank}.{self.id}.v{self.version}" + ("" if self.seed is None else f".s{self.seed}")


@dataclass(frozen=True)
class Quiz:
    """A bank with its numbers, in one language."""

    name: str
    """The assignment's."""
    version: int
    title: str
    language: Language
    items: tuple[Item, ...]

    def variants(self) -> dict[str, tuple[Item, ...]]:
        """The items of each question, in the bank's order."""
        found: dict[str, tuple[Item, ...]] = {}
        for item in self.items:
            found[item.id] = (*found.get(item.id, ()), item)
        return found


def draw(bank: str, question: Question, seed: int) -> dict[str, Any]:
    """The parameters of `question` for `seed`, drawn and computed: name → number, string or array.

    The same on every machine: only whole numbers are drawn, from a generator seeded with bank, question and seed.

    Raises:
        CourseError: a formula fails, or the conditions do not hold in 1,000 draws.
    """
    import numpy as np

    digest = hashlib.sha256(f"{bank}\0{question.id}\0{seed}".encode()).digest()
    chance = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
    for _ in range(_TRIES if question.requires else 1):
        scope: dict[str, Any] = {each.name: _drawn(each, chance) for each in question.draws}
        if _completed(question, scope, seed):
            return scope
    raise question.place.error(
        f"with seed {seed}, the conditions of {question.id} do not hold in {_TRIES} draws; draw from more, or require less."
    )


def _completed(question: Question, scope: dict[str, Any], seed: int) -> bool:
    """Adds the further parameters to `scope`; whether the conditions hold."""
    try:
        found = question.parameters.run(scope)
        holds = all(bool(found[f"_{index}"]) for index in range(len(question.requires)))
        scope |= {name: found[name] for name, _ in question.lets}
    except (Failed, ValueError):
        # One by one, to tell which it was.
        for name, formula in question.lets:
            scope[name] = compute(formula, scope, seed)
        holds = all(_holds(formula, scope, seed) for formula in question.requires)
    return holds


def compute(formula: Formula, scope: dict[str, Any], seed: int) -> Any:
    """The value of `formula` for parameters drawn with `seed`.

    Raises:
        CourseError: it has none.
    """
    try:
        return formula.value(scope)
    except Failed as error:
        raise fault(formula, seed, error) from error


def quiz(bank: Bank, language: Language, seed: int = 0, variants: int = 1) -> Quiz:
    """`bank` in `language`; each parameterised question as `variants` different ones, from `seed` on.

    A question that has fewer different variants comes in as many as it has.

    Raises:
        CourseError: a formula fails.
    """
    found = (item for question in bank.questions for item in _variants(bank, question, language, seed, variants))
    return Quiz(bank.name, bank.version, bank.title.to(language), language, tuple(found))


def _variants(bank: Bank, question: Question, language: Language, seed: int, count: int) -> Iterator[Item]:
    if not question.parameterised:
        yield item(bank, question, language, None)
        return
    seen: set[str] = set()
    for each in range(seed, seed + _STEPS * count):
        scope = draw(bank.name, question, each)
        # Variants are told apart by what was drawn.
        drawn = repr([(one.name, written(scope[one.name], "en")) for one in question.draws])
        if drawn not in seen:
            seen.add(drawn)
            yield item(bank, question, language, each, scope)
        if len(seen) == count:
            return


def item(
    bank: Bank, question: Question, language: Language, seed: int | None, scope: dict[str, Any] | None = None
) -> Item:
    """`question` in `language`, with the numbers of `seed` (or of `scope`, when they are drawn already).

    Raises:
        CourseError: a formula fails.
    """
    # What is computed from nothing drawn is the same for every seed.
    drawn = seed or 0
    scope = draw(bank.name, question, drawn) if scope is None else scope

    def write(prose: Prose) -> str:
        return text_of(prose, scope, language, drawn)

    return Item(
        bank=bank.name,
        version=bank.version,
        id=question.id,
        seed=seed,
        language=language,
        kind=question.kind,
        tags=question.tags,
        points=question.points,
        penalty=question.penalty,
        text=write(question.text),
        feedback=write(question.feedback),
        figure=question.figure,
        figure_alt=write(question.figure_alt) if question.figure_alt else "",
        shuffle=question.shuffle,
        options=tuple(
            Option(
                choice_text(each, scope, language, drawn),
                each.fraction,
                each.correct,
                each.mistake,
                write(each.feedback),
            )
            for each in question.choices
        ),
        accepted=_accepted(question, scope, language, drawn),
        typed=tuple(
            Typed(write(each.text), each.fraction, each.mistake, write(each.feedback)) for each in question.words
        ),
        case_sensitive=question.case_sensitive,
        pairs=tuple((write(pair.left), write(pair.right)) for pair in question.pairs),
        extra=tuple(write(each) for each in question.extra),
    )


def text_of(prose: Prose, scope: dict[str, Any], language: Language, seed: int) -> str:
    """The Markdown of `prose` with its values.

    Raises:
        CourseError: a value has none.
    """
    try:
        return prose.write(scope, language).strip("\n")
    except Failed as error:
        raise prose.place.error(f"with seed {seed}, a value in this text fails: {error}.") from error


def choice_text(choice: Choice, scope: dict[str, Any], language: Language, seed: int) -> str:
    """What a choice reads.

    Raises:
        CourseError: its value cannot be computed, or is not finite.
    """
    if choice.text is not None:
        return text_of(choice.text, scope, language, seed)
    assert choice.value is not None
    value = compute(choice.value, scope, seed)
    try:
        for each in _leaves(value):
            finite(each)
    except Failed as error:
        raise fault(choice.value, seed, error) from error
    return written(value, language)


@dataclass(frozen=True)
class Expected:
    """The numbers behind an `Accepted`, without words."""

    value: float
    tolerance: float
    fraction: float


def expected(question: Question, scope: dict[str, Any], seed: int) -> tuple[Expected, ...]:
    """What a numeric question looks for, in the order in which it is judged: the answer, known mistakes, wider bands.

    Nothing for other kinds.

    Raises:
        CourseError: a number cannot be computed, or a tolerance is negative.
    """
    asked = question.number
    if asked is None:
        return ()
    try:
        found = question.numbers.run(scope)
        numbers = [finite(found[f"_{index}"]) for index in range(len(asked.formulas))]
    except Failed:
        numbers = [_number(formula, scope, seed) for formula in asked.formulas]
    answer, tolerance, *others = numbers
    wrong, bands = others[: len(asked.wrong)], others[len(asked.wrong) :]
    if tolerance < 0:
        raise fault(asked.tolerance, seed, Failed(f"it gives {tolerance:g}, and a tolerance is not negative"))
    return (
        Expected(answer, tolerance, 100.0),
        *(Expected(value, tolerance, 0.0) for value in wrong),
        *(Expected(answer, width, band.fraction) for width, band in zip(bands, asked.bands, strict=True)),
    )


def shown(question: Question, value: float, language: Language) -> str:
    """A number that may be typed as answer to `question`, as a text writes it."""
    assert question.number is not None
    decimals = question.number.decimals
    whole = int(value) if value == int(value) else value
    return written(whole if decimals is None else Fixed(value, decimals), language)


def _accepted(question: Question, scope: dict[str, Any], language: Language, seed: int) -> tuple[Accepted, ...]:
    asked = question.number
    if asked is None:
        return ()
    found = expected(question, scope, seed)
    mistakes = (None, *(each.mistake for each in asked.wrong), *(None for _ in asked.bands))
    wrong, bands = (each.feedback for each in asked.wrong), (each.feedback for each in asked.bands)
    texts = (None, *wrong, *bands)
    return tuple(
        Accepted(
            value=each.value,
            shown=shown(question, each.value, language),
            tolerance=each.tolerance,
            fraction=each.fraction,
            mistake=mistake,
            feedback=text_of(text, scope, language, seed) if text else "",
        )
        for each, mistake, text in zip(found, mistakes, texts, strict=True)
    )


def _number(formula: Formula, scope: dict[str, Any], seed: int) -> float:
    try:
        return finite(formula.value(scope))
    except Failed as error:
        raise fault(formula, seed, error) from error


def _drawn(each: Draw, chance: np.random.Generator) -> Any:
    import numpy as np

    count = len(each.values)
    if each.size is None:
        return each.values[int(chance.integers(count))]
    if not each.distinct:
        return np.array(each.values)[chance.integers(count, size=each.size)]
    places: list[int] = []
    while len(places) < each.size:
        place = int(chance.integers(count))
        if place not in places:
            places.append(place)
    return np.array([each.values[place] for place in places])


def _holds(formula: Formula, scope: dict[str, Any], seed: int) -> bool:
    value = compute(formula, scope, seed)
    try:
        return bool(value)
    except ValueError as error:
        raise fault(formula, seed, error) from error


def _leaves(value: Any) -> Iterator[Any]:
    import numpy as np

    if isinstance(value, np.ndarray | list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
