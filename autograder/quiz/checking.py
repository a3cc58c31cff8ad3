"""What must hold for every seed: right answers that differ from wrong ones, as numbers and as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from autograder.errors import CourseError
from autograder.quiz.bank import Bank, Question
from autograder.quiz.drawing import Expected, choice_text, draw, expected, item, shown, text_of
from autograder.quiz.formula import as_python
from autograder.quiz.prose import Prose
from autograder.quiz.source import Place
from autograder.text import LANGUAGES, Language

SEEDS = 100
"""Seeds that are tried unless somebody asks for more."""
_BOTH = 20
"""Seeds for which readings are compared in both languages; they have the same values, so for more seeds one will do."""
FEW = 8
"""A parameterised question that gives fewer different variants is not worth drawing."""


@dataclass(frozen=True)
class Finding:
    """What was found of one question."""

    question: Question
    variants: int
    """Different draws among the seeds tried; 1 where nothing is drawn."""
    fault: str | None
    """The first thing wrong, with its place and the seed that shows it."""


def check(bank: Bank, seeds: int = SEEDS) -> tuple[Finding, ...]:
    """Every question of `bank` under the seeds 0, 1, …; each stops at its first fault."""
    return tuple(_check(bank, question, range(seeds if question.parameterised else 1)) for question in bank.questions)


def summary(bank: Bank, findings: Iterable[Finding]) -> str:
    """One line about a bank without faults."""
    drawn = [finding.variants for finding in findings if finding.question.parameterised]
    kinds = ", ".join(bank.kinds)
    varied = f", {len(drawn)} parameterised with {min(drawn)} variants or more" if drawn else ""
    return f"{bank.name} v{bank.version}: {len(bank.questions)} questions ({kinds}){varied}."


def _check(bank: Bank, question: Question, seeds: range) -> Finding:
    seen: set[str] = set()
    try:
        for seed in seeds:
            scope = draw(bank.name, question, seed)
            seen.add(repr([as_python(scope[each.name]) for each in question.draws]))
            _numbers(question, scope, seed)
            if seed == 0 or _varies(question):
                _readings(question, scope, seed)
            if seed < 3:
                # Texts that hold no answer: a few seeds show whether their formulas work.
                for language in LANGUAGES:
                    item(bank, question, language, seed, scope)
        if question.parameterised and len(seen) < FEW and len(seeds) >= SEEDS:
            raise question.place.error(
                f"{question.id} has only {len(seen)} different variants in {len(seeds)} seeds; draw from more values."
            )
    except CourseError as error:
        return Finding(question, len(seen), str(error))
    return Finding(question, len(seen) if question.parameterised else 1, None)


def _numbers(question: Question, scope: dict[str, Any], seed: int) -> None:
    """The answer is told from every known mistake, and the mistakes from each other."""
    if question.number is None:
        return
    found = expected(question, scope, seed)
    places = [question.number.answer.place, *(wrong.value.place for wrong in question.number.wrong)]
    answer, wrong, bands = found[0], found[1 : len(places)], found[len(places) :]
    # Languages differ in the sign before the decimals only.
    texts = [shown(question, each.value, "en") for each in (answer, *wrong)]
    _reachable(answer, texts[0], places[0], seed)
    for each, text, of, place in zip(wrong, texts[1:], question.number.wrong, places[1:], strict=True):
        if abs(each.value - answer.value) <= answer.tolerance:
            raise place.error(
                f"with seed {seed}, the mistake {of.mistake} gives {text}, which the answer {texts[0]} "
                f"± {answer.tolerance:g} accepts; require that they differ."
            )
    _different(list(zip(texts, places, strict=True)), seed, "numbers")
    narrow = answer.tolerance
    for band, each in zip(question.number.bands, bands, strict=True):
        if each.tolerance <= narrow:
            raise band.tolerance.place.error(
                f"with seed {seed}, a band of ± {each.tolerance:g} is no wider than the ± {narrow:g} before it."
            )
        narrow = each.tolerance


def _reachable(answer: Expected, text: str, place: Place, seed: int) -> None:
    """The answer as it is shown, typed in again, earns everything."""
    try:
        value = float(text)
    except ValueError:
        raise place.error(
            f"with seed {seed}, the answer is {text}, which nobody types; choose other numbers."
        ) from None
    if abs(value - answer.value) > answer.tolerance + 1e-12 * abs(answer.value):
        raise place.error(
            f"with seed {seed}, the answer {answer.value:g} is shown as {text}, farther off than the tolerance of "
            f"{answer.tolerance:g}; widen it, or show more decimals."
        )


def _readings(question: Question, scope: dict[str, Any], seed: int) -> None:
    """Things that a student has to tell apart read differently."""
    for language in LANGUAGES if seed < _BOTH else LANGUAGES[-1:]:

        def write(prose: Prose, language: Language = language) -> tuple[str, Place]:
            return text_of(prose, scope, language, seed), prose.place

        choices = [(choice_text(each, scope, language, seed), each.place) for each in question.choices]
        _different(choices, seed, "choices")
        _different([write(each.text) for each in question.words], seed, "answers")
        _different([write(pair.left) for pair in question.pairs], seed, "left sides")
        rights = {text: (text, place) for text, place in (write(pair.right) for pair in question.pairs)}
        _different([*rights.values(), *(write(each) for each in question.extra)], seed, "right sides")


def _different(texts: Sequence[tuple[str, Place]], seed: int, what: str) -> None:
    if len({" ".join(text.split()) for text, _ in texts}) == len(texts):
        return
    for (first, _), (second, place) in combinations(texts, 2):
        if " ".join(first.split()) == " ".join(second.split()):
            raise place.error(f"with seed {seed}, two {what} read {first!r}; require that they differ.")


def _varies(question: Question) -> bool:
    """Whether anything that has to be told apart is computed."""
    proses = [
        *(choice.text for choice in question.choices if choice.text),
        *(word.text for word in question.words),
        *(side for pair in question.pairs for side in (pair.left, pair.right)),
        *question.extra,
    ]
    return any(prose.varies for prose in proses) or any(choice.value for choice in question.choices)
