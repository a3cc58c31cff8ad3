"""A bank that breaks a rule is told so with its line; formulas, draws and numbers are what docs/quiz.md says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import CourseError, UsageError
from autograder.quiz import banks, check, load, summary
from autograder.quiz.bank import FRACTIONS, Kind
from autograder.quiz.drawing import draw, item, quiz
from autograder.quiz.formula import Failed, finite, parse
from autograder.quiz.prose import Context, written
from autograder.quiz.reading import read_bank
from autograder.quiz.source import Place
from autograder.text import LANGUAGES, Language

from .lms import MOODLE_FRACTIONS
from .quiz_sample import BANK, NAME, sample_bank, write_bank

REPOSITORY = Path(__file__).parent.parent
HERE = Place(Path("bank"), 1)


Y = "      y: {integers: [-5, 5], size: 4}"


def faults(folder: Path, old: str, new: str) -> list[str]:
    """What is wrong with the sample once `old` reads `new`, at load or under a hundred seeds; without the path."""
    assert BANK.count(old) >= 1, old
    path = write_bank(folder, BANK.replace(old, new, 1))
    try:
        found = [finding.fault for finding in check(read_bank(path, NAME), 20)]
    except CourseError as error:
        found = str(error).split("\n")
    return [fault.removeprefix(f"{path}:") for fault in found if fault]


def line(text: str) -> int:
    """The line of the sample in which `text` stands."""
    return BANK[: BANK.index(text)].count("\n") + 1


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("version: 3", "version: 3\nverson: 4", None, "the bank has no key 'verson'; did you mean version?"),
        ("version: 3", "version: many", "version: 3", "version is 'many'; expected a number."),
        ("version: 3", "version: 0", "version: 3", "version is '0'; expected a whole number, 1 at least."),
        ("version: 3\n", "", "version:", "the bank lacks the key 'version'"),
        ("version: 3", "version: [3", "title:", "this is not YAML"),
        ("id: laws", "id: Laws", "id: laws", "id is 'Laws'; expected a name of a-z, 0-9 and _"),
        ("id: laws", "id: nabla", "id: laws", "two questions are called 'nabla', the first in line"),
        ("kind: short", "kind: shrot", "kind: short", "no question is of the kind 'shrot'; did you mean short?"),
        ("    kind: short\n", "", "id: activation", "a question lacks the key 'kind'"),
        ("    points: 2", "    point: 2", "points: 2", "a numeric question has no key 'point'; did you mean points?"),
        ("    points: 2", "    points: 0", "points: 2", "points is '0'; expected more than 0."),
        ("    points: 2", "    points: 2\n    points: 3", "draw:", "the key 'points' of a question stands twice"),
        ("    points: 2", "    points: Infinity", "points: 2", "points is 'Infinity'; expected a finite number."),
        ("    penalty: 0.1", "    penalty: 2", "penalty: 0.1", "penalty is '2'; expected a number from 0 to 1."),
        ("    shuffle: false", "    shuffle: no", "shuffle: false", "shuffle is 'no'; expected true or false."),
        ("{es: uno, en: one}, correct", "{es: uno}, correct", "{es: uno, en: one}, correct", "text lacks the key 'en'"),
        ("{es: uno, en: one}, correct", "{es: uno, en: ''}, correct", "{es: uno, en: one}", "text.en is empty"),
        ("{es: uno, en: one}, correct", "{es: uno, en: one, two}, correct", "{es: uno", "a text with a comma stands in quotes"),
        ("text: relu, ", "text: [relu], ", "text: relu", "text is a list; expected text that is not empty."),
        ("tags: [mse, worked figure]", "tags: mse", "tags:", "tags is 'mse'; expected a list."),
        ("tags: [mse, worked figure]", "tags: ['[x]']", "tags:", "a tag is '[x]'; expected a word"),
        ("    figure: curve.svg\n", "", "    figure: curve", "figure_alt stands without figure"),
        ("figure: curve.svg", "figure: none.svg", "figure: curve.svg", "there is no figure 'none.svg' beside the bank."),
        ("figure: curve.svg", "figure: ../quiz.svg", "figure: curve.svg", "there is no figure '../quiz.svg'"),
        ("figure: curve.svg", "figure: curve.pdf", "figure: curve.svg", "expected an .svg or .png file."),
        # parameters
        (Y, "      y: {integer: [-5, 5], size: 4}", "y: {int", "integer of y has no key 'size'"),
        (Y, "      y: {intgers: [-5, 5]}", "y: {int", "y is not drawn as 'intgers'; did you mean integers?"),
        (Y, "      y: {integers: [5, -5], size: 4}", "y: {int", "from 5 to -5 there is no whole number of steps"),
        (Y, "      y: {integers: [0.5, 5], size: 4}", "y: {int", "expected two whole numbers."),
        (Y, "      y: {integers: [1, 2, 3], size: 4}", "y: {int", "expected the lowest and the highest value"),
        (Y, "      y: {decimal: [0, 1], step: 0.3}", "y: {int", "from 0 to 1 there is no whole number of steps of 0.3"),
        (Y, "      y: {decimal: [0, 1], step: 0.000001}", "y: {int", "there are 1000001 values; 100000 at most."),
        (Y, "      y: {integers: [0, 2], size: 4, distinct: true}", "y: {int", "y has 4 distinct values, but only 3"),
        (Y, "      y: {choice: [3]}", "y: {int", "choice has 1 items; expected at least 2."),
        ("      error: mean", "      y: mean", "error: mean", "two parameters are called 'y'"),
        ("      error: mean", "      mean: mean", "error: mean", "'mean' is a function of formulas"),
        ("      error: mean", "      1e: mean", "error: mean", "'1e' cannot name a parameter"),
        ("    require: [", "    requires: [", "require: [", "did you mean require?"),
        ("kind: single", "kind: single\n    require: ['1 > 0']", "text:\n      es: |-", "require stands without draw"),
        ("kind: single", "kind: single\n    draw: {}", "text:\n      es: |-", "draw names no parameter"),
        # formulas
        ("answer: error", "answer: eror", "answer: error", "reads 'eror', which is not there; did you mean error?"),
        ("answer: error", "answer: 1 +", "answer: error", "the formula '1 +' does not parse"),
        ("answer: error", "answer: 1 2", "answer: error", "does not parse"),
        ("answer: error", "answer: y.T", "answer: error", "uses the attribute .T"),
        ("answer: error", "answer: y | sum", "answer: error", "uses the filter |sum"),
        ("answer: error", "answer: 1 ~ 2", "answer: error", "uses the operator ~"),
        ("answer: error", "answer: meen(y)", "answer: error", "calls meen; did you mean mean?"),
        ("answer: error", "answer: (y)(1)", "answer: error", "calls y"),
        ("answer: error", "answer: (y[0])(1)", "answer: error", "calls something that is no function"),
        ("answer: error", "answer: 1 if error", "answer: error", "has an `if` without `else`"),
        ('en: "It is {= error =}."', 'en: "It is {= eror =}."', 'feedback: {es: "Son', "reads 'eror'"),
        ('en: "It is {= error =}."', 'en: "It is {= error }."', 'feedback: {es: "Son', "a `{=` or `=}` stands alone"),
        # choices
        ("correct: true, feedback: \"#1", "mistake: none, feedback: \"#1",
         "choices:", "0 choices of a single question are correct; exactly one is."),
        ("mistake: sign, ", "correct: true, ", "choices:", "2 choices of a single question are correct"),
        ("mistake: sign, ", "", "Sube $", "a choice is wrong but lacks the key 'mistake'"),
        ("mistake: sign, ", "mistake: sign!, ", "Sube $", "mistake is 'sign!'; expected a short name"),
        ("correct: true, feedback: \"#1", "correct: true, mistake: x, feedback: \"#1",
         "Baja ~", "a right answer comes from no mistake"),
        ("fraction: 33.33333", "fraction: 33.33", "fraction: 33", "expected one of Moodle's fractions; the nearest is 33.33333."),
        ("fraction: 33.33333", "fraction: 100", "fraction: 33", "a wrong choice is worth 100 %; expected less."),
        ("fraction: 33.33333", "fraction: 1e999999", "fraction: 33", "expected"),
        ('"`w = {1: 2}`"', '"`w = {1: 2}`", value: 3', "`w = {1", "a choice has either a text or a value; this one has both."),
        ('text: "`w = {1: 2}`", ', "", "`w = {1", "this one has none."),
        ("{es: dos, en: two}, correct: true", "{es: uno, en: one}, correct: true",
         "{es: dos, en: two}, c", "two choices read 'uno'"),
        ("{es: cuatro, en: four}, mistake: fourth", "{es: cuatro, en: four}, correct: true",
         "choices:\n      - {text: {es: uno", "here all are alike"),
        ("{es: cuatro, en: four}, mistake: fourth", "{es: cuatro, en: four}, mistake: fourth, fraction: 5",
         "cuatro", "a wrong choice is worth 5 %"),
        ("{es: dos, en: two}, correct: true", "{es: dos, en: two}, correct: true, fraction: -5",
         "{es: dos, en: two}, c", "a correct choice is worth -5 %"),
        ("{es: dos, en: two}, correct: true", "{es: dos, en: two}, correct: true, fraction: 50",
         "choices:\n      - {text: {es: uno", "are worth 116.667 % together"),
        ('mistake: sign, feedback: {es: No., en: No.}', 'mistake: sign', "Sube $", "a choice lacks the key 'feedback'"),
        # numbers
        ("tolerance: 0.01", "tolerance: 0 - 1", "tolerance: 0.01", "it gives -1, and a tolerance is not negative"),
        ("tolerance: 0.01", "tolerance: 0.2", "tolerance: 0.1", "a band of ± 0.1 is no wider than the ± 0.2 before it."),
        ("fraction: 20", "fraction: 80", "tolerance: 0.3", "a wider band is worth as much as a narrower one"),
        ("fraction: 20", "fraction: 0", "fraction: 20", "expected a part of the points, between 0 and 100."),
        ("value: sqrt(error)", "value: error + 0.009", "value: sqrt(error)", "the mistake root_taken gives"),
        ("value: sqrt(error)", "value: sum((y - p) ** 2)", "value: sum((", "two numbers read"),
        ("value: sqrt(error)", "value: log(0 * error)", "value: sqrt(error)", "it gives -inf, which is no finite number"),
        ("value: sqrt(error)", "value: y", "value: sqrt(error)", "which is no finite number"),
        ("value: sqrt(error)", "value: plain(error)", "value: sqrt(error)", "which is no finite number"),
        ("answer: error", "answer: error / 3\n    decimals: 0", "answer: error", "farther off than the tolerance of 0.01"),
        ("answer: error", "answer: error / 10 ** 9", "answer: error", "which nobody types"),
        ('"error > 2"', '"error > 2000"', "id: mean_square", "the conditions of mean_square do not hold in 1000 draws"),
        ('"error > 2"', '"y > 2"', 'require: [', "fails: The truth value of an array"),
        ("mean((y - p) ** 2)", "y[7]", "error: mean", "with seed 0, the formula 'y[7]' fails"),
        ('en: "It is {= error =}."', 'en: "It is {= y[9] =}."', 'feedback: {es: "Son', "with seed 0, a value in this text fails"),
        # words and pairs
        ("text: relu, fraction: 0, mistake: hidden_activation", "text: relu, fraction: 0",
         "text: relu", "an answer is wrong but lacks the key 'mistake'"),
        ("en: sigmoid}, fraction: 100", "en: sigmoid}, fraction: 90", "answers:", "no answer is worth 100 %; one must be."),
        ("text: relu, fraction: 0", "text: relu, fraction: -5", "text: relu", "0 or more: a typed word takes no points away"),
        ("      - {left: \"`b`\", right: {es: dos -> 2, en: two -> 2}}\n", "", "pairs:", "pairs has 2 items; expected at least 3."),
        ("extra: [{es: tres, en: three}]", "extra: [{es: uno, en: one}]", "extra:", "two right sides read 'uno'"),
        ('left: "`b`"', 'left: "$a$ = 1"', 'left: "`b`"', "two left sides read '$a$ = 1'"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", value)[:40] if isinstance(value, str) else None,
)  # fmt: skip
def test_a_broken_rule_is_told_with_its_line(tmp_path: Path, old: str, new: str, at: str | None, words: str) -> None:
    found = faults(tmp_path, old, new)
    assert found, "nothing was found"
    assert words in found[0], found
    if at is not None:
        # A key that was added stands a line below the one it follows.
        assert int(found[0].split(":")[0]) - line(at) in (0, 1), found


COMPUTED = """
version: 1
title: a
questions:
  - id: q
    kind: KIND
    draw: {n: {integer: [1, 30]}}
    text: t
    feedback: f
    choices:
      - {value: n, correct: true, feedback: f}
      - {value: "array([n, 0.5])", mistake: m, feedback: f}
"""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("value: log(n - n)", "the formula 'log(n - n)' fails: it gives -inf, which is no finite number"),
        ('value: "array([1, 0]) / n / 0"', "which is no finite number"),
        ('value: "n[0]"', "the formula 'n[0]' fails"),
        ("value: n + 0.00001", "two choices read"),
    ],
)
def test_computed_choices_are_finite_and_told_apart_for_every_seed(tmp_path: Path, more: str, words: str) -> None:
    text = COMPUTED.replace("KIND", "single") + "      - {MORE, mistake: k, feedback: f}\n"
    bank = read_bank(write_bank(tmp_path, text.replace("MORE", "value: n + 1")), NAME)
    assert [finding.fault for finding in check(bank, 50)] == [None]
    shown = [option.text for option in quiz(bank, "es").items[0].options]
    assert shown == [str(draw(NAME, bank.questions[0], 0)["n"]), f"({shown[0]}; 0,5)", str(int(shown[0]) + 1)]
    fault = check(read_bank(write_bank(tmp_path, text.replace("MORE", more)), NAME), 50)[0].fault
    assert fault is not None
    assert words in fault


def test_choices_that_moodle_cannot_share_out_are_told(tmp_path: Path) -> None:
    text = COMPUTED.replace("KIND", "multiple")
    text += "".join(f"      - {{value: n + {more}, mistake: k, feedback: f}}\n" for more in range(1, 11))
    with pytest.raises(CourseError, match="Moodle has no fraction for one of 11 choices"):
        read_bank(write_bank(tmp_path, text), NAME)


def test_every_broken_question_is_told(tmp_path: Path) -> None:
    broken = BANK.replace("kind: short", "kind: shrot").replace("answer: false", "answer: maybe")
    with pytest.raises(CourseError) as caught:
        read_bank(write_bank(tmp_path, broken), NAME)
    assert len(str(caught.value).split("\n")) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xff", "cannot be read as UTF-8 text"),
        (b"- 1", "the bank is a list; expected a mapping"),
        (b"? [a]\n: 1", "a key of the bank is a list; expected a word."),
        (b"# " + b"x" * (2 << 20), "is larger than 2 MiB"),
        (b"version: !!python/object:os.system 1\ntitle: a\nquestions: []", "questions has 0 items"),
    ],
)
def test_a_file_that_is_no_bank_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=re.escape(words)):
        read_bank(path, NAME)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("curve.svg", "<svg", "is no SVG picture"),
        ("curve.svg", "<html/>", "is no SVG picture"),
        ("curve.svg", '<svg xmlns="http://www.w3.org/2000/svg"><!-- c --><script/></svg>', "holds a script or a link"),
        ("curve.svg", '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "holds a script or a link"),
        ("curve.svg", '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://a/b"/></svg>', "a script or a link"),
        ("curve.svg", " " * (300 << 10), "has 300 KiB; 256 at most."),
        ("curve.png", "GIF", "is no PNG picture"),
    ],
)
def test_a_figure_is_a_picture_and_nothing_else(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = write_bank(tmp_path, BANK.replace("curve.svg", name))
    (tmp_path / name).write_text(content)
    with pytest.raises(CourseError, match=re.escape(words)):
        read_bank(path, NAME)


def test_an_assignment_without_a_bank_is_told_when_it_is_named(tiny_course: Course) -> None:
    assert banks(tiny_course) == ()
    with pytest.raises(UsageError, match="90_tiny has no quiz bank"):
        banks(tiny_course, ("90_tiny",))


# --- formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("-x ** 2", -9),
        ("(-x) ** 2", 9),
        ("2 ** 3 ** 2", 512),
        ("2 ** -1", 0.5),
        ("7 // 2 + 7 % 2", 4),
        ("x if x > 2 else 0", 3),
        ("1 < x <= 3 and not x == 4", 1),
        ("y[1] + y[-1]", 7),
        ("sum(y[1:])", 7),
        ("max(0, x) + max(y) + min(y) + min(x, 2)", 3 + 4 + 1 + 2),
        ("sigmoid(0) + sigmoid(-800)", 0.5),
        ("var(y)", 14 / 9),
        ("std(y, ddof=1) ** 2", 7 / 3),
        ("matmul(array([[1, 2], [3, 4]]), array([1, 1]))[1]", 7),
        ("shape(transpose(array([[1, 2]])))[0]", 2),
        ("norm(array([3, 4])) + prod(y) + argmax(y) + len(y)", 5 + 12 + 2 + 3),
        ("where(y > 2, log(y), 0)[0]", 0),
        ("round(2.344, 2) + floor(1.5) + ceil(1.5) + abs(-1)", 2.34 + 1 + 2 + 1),
        ("clip(x, 0, 1) + cumsum(y)[2] + sort(y)[0] + log2(8) + exp(0) + tanh(0) + sqrt(4)", 1 + 8 + 1 + 3 + 1 + 2),
        ("mean(y) + dot(y, y) + argmin(y)", 8 / 3 + 26),
    ],
)
def test_formulas_compute_as_mathematics_does(source: str, value: float) -> None:
    import numpy as np

    got = parse(source, HERE, ("x", "y")).value({"x": 3, "y": np.array([1, 3, 4])})
    assert finite(got) == pytest.approx(value)


def test_a_formula_that_fails_says_why() -> None:
    with pytest.raises(Failed, match="ZeroDivisionError"):
        parse("1 / 0", HERE).value({})
    with pytest.raises(Failed, match="which is no finite number"):
        finite(float("nan"))


# --- numbers in text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "en", "es", "math", "code"),
    [
        (3.0, "3", "3", "3", "3"),
        (0.25, "0.25", "0,25", "0{,}25", "0.25"),
        (2 / 3, "0.6667", "0,6667", "0{,}6667", "0.6667"),
        (0.0123456, "0.01235", "0,01235", "0{,}01235", "0.01235"),
        (1234.56789, "1234.5679", "1234,5679", "1234{,}5679", "1234.5679"),
        (-0.00001e-9, "-1·10⁻¹⁴", "-1·10⁻¹⁴", r"-1 \cdot 10^{-14}", "-1e-14"),
        (0.0, "0", "0", "0", "0"),
        (-0.0, "0", "0", "0", "0"),
        (10**9, "1000000000", "1000000000", "1000000000", "1000000000"),
        (True, "True", "True", "True", "True"),
        ("relu", "relu", "relu", "relu", "relu"),
        ([3, 5, 8], "(3, 5, 8)", "(3, 5, 8)", "(3, 5, 8)", "(3, 5, 8)"),
        ([0.5, 2], "(0.5, 2)", "(0,5; 2)", "(0{,}5; 2)", "(0.5, 2)"),
        (float("inf"), "inf", "inf", "inf", "inf"),
    ],
)
def test_numbers_are_written_as_the_language_and_the_place_want(
    value: Any, en: str, es: str, math: str, code: str
) -> None:
    assert written(value, "en") == en
    assert written(value, "es") == es
    assert written(value, "es", Context.MATH) == math
    assert written(value, "es", Context.CODE) == code


def test_values_in_code_and_math_are_told_apart(tmp_path: Path) -> None:
    text = (
        'text: {es: "{= x =} `{= x =}` $y={= x =}$ \\\\$5 {= x =}\\n\\n```python\\nx = {= plain(m) =} # {= x =}\\n```\\n'
        '$${= m =}$$ {= fixed(x, 3) =}", en: "$z$ {= x =}"}'
    )
    bank = f"version: 1\ntitle: a\nquestions:\n  - id: q\n    kind: true_false\n    {text}\n    feedback: f\n"
    bank += "    draw: {x: {decimal: [0.5, 1], step: 0.5}}\n    let: {m: 'array([[1, 0.5], [2, 3]])'}\n"
    bank += "    answer: true\n    mistake: none\n    feedback_right: r\n    feedback_wrong: w\n"
    found = read_bank(write_bank(tmp_path, bank), NAME)
    seed = next(seed for seed in range(99) if draw(NAME, found.questions[0], seed)["x"] == 0.5)
    assert item(found, found.questions[0], "es", seed).text == (
        "0,5 `0.5` $y=0{,}5$ \\$5 0,5\n\n```python\nx = [[1.0, 0.5], [2.0, 3.0]] # 0.5\n```\n"
        r"$$\begin{pmatrix} 1 & 0{,}5 \\ 2 & 3 \end{pmatrix}$$ 0,500"
    )


# --- draws -----------------------------------------------------------------------------------------------------------


def test_a_seed_draws_the_same_everywhere_and_for_ever(tmp_path: Path) -> None:
    question = sample_bank(tmp_path).questions[0]
    # Kept numbers: a change here changes every exam that was given out with a seed.
    assert draw(NAME, question, 7)["y"].tolist() == DRAWN
    assert draw("another", question, 7)["y"].tolist() != DRAWN


DRAWN = [2, -3, -2, 1]


def test_draws_stay_in_their_ranges(tmp_path: Path) -> None:
    bank = """
version: 1
title: a
questions:
  - id: q
    kind: numeric
    draw:
      n: {integer: [2, 4]}
      rate: {decimal: [0.1, 0.3], step: 0.1}
      name: {choice: [3, 5.0, relu]}
      order: {integers: [1, 3], size: 3, distinct: true}
    text: t
    feedback: f
    answer: n
    tolerance: 0
    wrong: [{value: n + 1, mistake: more, feedback: f}]
"""
    question = read_bank(write_bank(tmp_path, bank), NAME).questions[0]
    drawn = [draw(NAME, question, seed) for seed in range(60)]
    assert {each["n"] for each in drawn} == {2, 3, 4}
    assert {each["rate"] for each in drawn} == {0.1, 0.2, 0.3}
    assert {repr(each["name"]) for each in drawn} == {"3", "5.0", "'relu'"}
    assert {tuple(sorted(each["order"].tolist())) for each in drawn} == {(1, 2, 3)}
    assert len({tuple(each["order"].tolist()) for each in drawn}) == 6


def test_a_question_comes_in_as_many_different_variants_as_are_asked_for_or_it_has(tmp_path: Path) -> None:
    bank = sample_bank(tmp_path)
    assert len(quiz(bank, "en", 0, 5).variants()["mean_square"]) == 5
    assert [each.seed for each in quiz(bank, "en", 9, 2).variants()["mean_square"]] == [9, 10]
    assert [each.seed for each in quiz(bank, "en", 9, 2).variants()["laws"]] == [None]
    drawn = quiz(read_bank(write_bank(tmp_path, FEW), NAME), "en", 0, 20).variants()["q"]
    assert sorted(each.text for each in drawn) == ["1?", "2?", "3?"]


FEW = """
version: 1
title: a
questions:
  - id: q
    kind: true_false
    draw: {n: {integer: [1, 3]}}
    text: "{= n =}?"
    feedback: f
    answer: true
    mistake: m
    feedback_right: r
    feedback_wrong: w
"""


def test_few_variants_are_told(tmp_path: Path) -> None:
    bank = read_bank(write_bank(tmp_path, FEW), NAME)
    assert [finding.fault for finding in check(bank, 20)] == [None]
    fault = check(bank, 100)[0].fault
    assert fault is not None
    assert "q has only 3 different variants in 100 seeds" in fault


def test_fractions_are_moodles() -> None:
    assert [round(float(each) / 100, 7) for each in FRACTIONS] == pytest.approx(MOODLE_FRACTIONS[:-1], abs=1e-6)


# --- the course ------------------------------------------------------------------------------------------------------

COURSE = Course.load(REPOSITORY)
BANKS = [
    assignment.name for assignment in map(COURSE.assignment, COURSE.names) if (assignment.folder / "quiz.yaml").exists()
]


@pytest.mark.parametrize("name", BANKS)
def test_a_thousand_seeds_give_answers_that_differ_from_every_mistake(name: str) -> None:
    bank = load(COURSE.assignment(name))
    findings = check(bank, 1000)
    assert [finding.fault for finding in findings if finding.fault] == []
    assert f"{len(bank.questions)} questions" in summary(bank, findings)


@pytest.mark.parametrize("name", BANKS)
def test_a_bank_of_the_course_has_enough_questions_of_enough_kinds(name: str) -> None:
    bank = load(COURSE.assignment(name))
    assert len(bank.questions) >= 12
    assert sum(question.parameterised for question in bank.questions) >= 4
    assert len(bank.kinds) >= 4


def test_the_course_asks_in_every_way() -> None:
    assert set(BANKS) == set(COURSE.names)
    assert {kind for name in BANKS for kind in load(COURSE.assignment(name)).kinds} == set(Kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_of_the_course_hold_no_unresolved_value(language: Language) -> None:
    for bank in banks(COURSE):
        for each in quiz(bank, language, 3).items:
            told = [each.text, each.feedback, *(option.text for option in each.options)]
            assert not [text for text in told if "{=" in text or "=}" in text]
