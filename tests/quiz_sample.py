"""A bank with a question of every kind, full of what formats trip over, and what its answers are worth by the documented rules."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from autograder.course import Course
from autograder.quiz import banks
from autograder.quiz.bank import Bank, Kind
from autograder.quiz.drawing import Item, Quiz, quiz
from autograder.quiz.formats import FORMATS
from autograder.quiz.reading import read_bank
from autograder.text import Language

REPOSITORY = Path(__file__).parent.parent
NAME = "90_sample"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
BANK = r"""
version: 3
title: {es: "Muestra: A/B", en: "Sample: A/B"}
questions:
  - id: mean_square
    kind: numeric
    tags: [mse, worked figure]
    points: 2
    draw:
      y: {integers: [-5, 5], size: 4}
      p: {integers: [-5, 5], size: 4}
    let:
      error: mean((y - p) ** 2)
    require: ["error > 2", "abs(sqrt(error) - error) > 0.5", "abs(sum((y - p) ** 2) - error) > 0.5"]
    text:
      es: "Las etiquetas son $y = {= y =}$; ¿cuánto vale el ECM?"
      en: "The labels are $y = {= y =}$; what is the MSE?"
    feedback: {es: "Son {= error =}.", en: "It is {= error =}."}
    answer: error
    tolerance: 0.01
    bands:
      - {tolerance: 0.1, fraction: 50, feedback: {es: Casi., en: Close.}}
      - {tolerance: 0.3, fraction: 20, feedback: {es: Cerca., en: Near.}}
    wrong:
      - {value: sqrt(error), mistake: root_taken, feedback: {es: Es la raíz., en: That is the root.}}
      - {value: sum((y - p) ** 2), mistake: sum_taken, feedback: {es: Es la suma., en: That is the sum.}}
  - id: nabla
    kind: single
    text:
      es: |-
        ¿Qué hace $w \leftarrow w - \eta\nabla L$? Mira:

        ```python
        d = {"a": 1}  # ~ = # { } :

        w -= 0.5 * d["a"]
        ```
      en: |-
        What does $w \leftarrow w - \eta\nabla L$ do? Look:

        ```python
        d = {"a": 1}  # ~ = # { } :

        w -= 0.5 * d["a"]
        ```
    feedback: {es: "Baja: $\\nabla L < 0$ & <b>", en: "It descends: $\\nabla L < 0$ & <b>"}
    figure: curve.svg
    figure_alt: {es: "Una \"curva\"", en: "A \"curve\""}
    choices:
      - {text: {es: "Baja ~ = # {x} : \\ ::", en: "Descends ~ = # {x} : \\ ::"}, correct: true, feedback: "#1: ~ok = {x}"}
      - {text: {es: "Sube $\\frac{1}{2}$", en: "Ascends $\\frac{1}{2}$"}, mistake: sign, feedback: {es: No., en: No.}}
      - {text: "`w = {1: 2}`", mistake: nothing, fraction: 33.33333, feedback: {es: "A medias -> no", en: "Half -> no"}}
  - id: laws
    kind: multiple
    shuffle: false
    penalty: 0.1
    text: {es: "¿Cuáles son ciertas?", en: "Which hold?"}
    feedback: {es: Tres., en: Three.}
    choices:
      - {text: {es: uno, en: one}, correct: true, feedback: {es: "Sí, 1.", en: "Yes, 1."}}
      - {text: {es: dos, en: two}, correct: true, feedback: {es: "Sí, 2.", en: "Yes, 2."}}
      - {text: {es: tres, en: three}, correct: true, feedback: {es: "Sí, 3.", en: "Yes, 3."}}
      - {text: {es: cuatro, en: four}, mistake: fourth, feedback: {es: "No, 4.", en: "No, 4."}}
  - id: training_accuracy
    kind: true_false
    text: {es: Mide la generalización., en: It measures generalisation.}
    feedback: {es: No., en: It does not.}
    answer: false
    mistake: training_accuracy_measures_generalisation
    feedback_wrong: {es: Mide lo memorizado., en: It measures what is memorised.}
    feedback_right: {es: Eso es., en: That is so.}
  - id: activation
    kind: short
    text: {es: "¿Cuál va en la salida?", en: "Which one ends the network?"}
    feedback: {es: La sigmoide., en: The sigmoid.}
    answers:
      - {text: {es: sigmoide, en: sigmoid}, fraction: 100, feedback: {es: Bien., en: Good.}}
      - {text: "*igmoid*", fraction: 80, feedback: {es: Casi., en: Nearly.}}
      - {text: "a\\*b", fraction: 50, feedback: {es: Estrella., en: Star.}}
      - {text: relu, fraction: 0, mistake: hidden_activation, feedback: {es: Esa va dentro., en: That one goes inside.}}
      - {text: "*", fraction: 0, mistake: other, feedback: {es: Otra cosa., en: Something else.}}
  - id: partners
    kind: matching
    text: {es: Une., en: Match.}
    feedback: {es: Así., en: So.}
    pairs:
      - {left: "$a$ = 1", right: {es: uno, en: one}}
      - {left: "`b`", right: {es: dos -> 2, en: two -> 2}}
      - {left: {es: c y d, en: c and d}, right: {es: uno, en: one}}
    extra: [{es: tres, en: three}]
"""


def write_bank(folder: Path, text: str = BANK) -> Path:
    """`text` as a bank in `folder`, with its figure."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "curve.svg").write_text(SVG)
    path = folder / "quiz.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sample_bank(folder: Path) -> Bank:
    """The bank in `folder`."""
    return read_bank(write_bank(folder), NAME)


def sample(folder: Path, language: Language = "en", variants: int = 2) -> Quiz:
    """The bank, drawn."""
    return quiz(sample_bank(folder), language, 0, variants)


@cache
def course_quizzes(language: Language) -> tuple[Quiz, ...]:
    """All banks of this repository's course, two variants of each question; drawn once for all tests."""
    return tuple(quiz(bank, language, 0, 2) for bank in banks(Course.load(REPOSITORY)))


@cache
def course_export(form: str, language: Language) -> bytes:
    """They in one file."""
    return FORMATS[form](course_quizzes(language), "course").content


def worth(item: Item, response: object) -> float:
    """Percent that `response` is worth by docs/quiz.md: an index, a set of indices, a number, a word, or rights in order."""
    if item.kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        assert isinstance(response, int)
        return item.options[response].fraction
    if item.kind is Kind.MULTIPLE:
        assert isinstance(response, frozenset)
        total = sum(item.options[each].fraction for each in response)
        return 100 if abs(total - 100) < 0.01 else max(0, total)
    if item.kind is Kind.NUMERIC:
        assert isinstance(response, float)
        near = [each.fraction for each in item.accepted if abs(response - each.value) <= each.tolerance]
        return near[0] if near else 0
    if item.kind is Kind.SHORT:
        assert isinstance(response, str)
        fits = [each.fraction for each in item.typed if _fits(each.pattern, response, item.case_sensitive)]
        return fits[0] if fits else 0
    assert isinstance(response, tuple)
    return 100 * sum(right == given for (_, right), given in zip(item.pairs, response, strict=True)) / len(item.pairs)


def responses(item: Item) -> list[object]:
    """Answers that a format has to tell apart."""
    if item.kind in (Kind.SINGLE, Kind.TRUE_FALSE):
        return list(range(len(item.options)))
    if item.kind is Kind.MULTIPLE:
        return [
            frozenset(i for i in range(len(item.options)) if bits >> i & 1) for bits in range(1, 1 << len(item.options))
        ]
    if item.kind is Kind.NUMERIC:
        ways = (0, 0.5, -0.5, 1.5)
        return [each.value + way * (each.tolerance or 0.1) for each in item.accepted for way in ways]
    if item.kind is Kind.SHORT:
        bare = [each.pattern.replace("\\*", "\0").replace("*", "").replace("\0", "*") for each in item.typed]
        return [*bare, *(each.upper() for each in bare), "xx" + bare[0] + "yy", "something else"]
    rights = [right for _, right in item.pairs]
    return [tuple(rights), tuple(reversed(rights)), tuple(rights[1:] + rights[:1]), tuple(rights[:1] * len(rights))]


def _fits(pattern: str, typed: str, case_sensitive: bool) -> bool:
    pieces = [re.escape(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*", pattern)]
    return re.fullmatch(".*".join(pieces), typed, 0 if case_sensitive else re.IGNORECASE) is not None
