"""What a hidden check may expect, and what becomes of what it raises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.checks import (
    CheckFailed,
    Text,
    check,
    expect,
    expect_array,
    expect_close,
    expect_integer,
    expect_number,
    expect_raises,
    expect_unchanged,
)
from autograder.checks.declaration import declared
from autograder.errors import BadReply, CourseError, EngineError, KernelDied, Missing, NotDone, Raised, TimedOut
from autograder.examiner.plugin import cause, judge
from autograder.examiner.student import Call
from autograder.kernel.values import HistoryData, Opaque, Ref
from autograder.records import Cause, Outcome

NAN, INF = float("nan"), float("inf")
# Nothing of this is a number, whatever it looks like.
NO_NUMBERS = [
    None,
    "3",
    b"3",
    "three",
    [],
    [[]],
    [1, [2]],
    [3.0],
    np.array([3.0]),
    {"a": 3},
    3 + 0j,
    np.complex128(3),
    NAN,
    INF,
    -INF,
    np.float64("nan"),
    np.array(INF),
    np.str_("3"),
    np.array("3"),
    10**400,
    Opaque("Tensor"),
    Ref(0, "model"),
    HistoryData({}, [], {}),
    True,
    np.bool_(True),
    np.array(True),
]


@pytest.mark.parametrize("got", NO_NUMBERS, ids=repr)
def test_what_is_no_finite_number_is_not_taken_for_one(got: Any) -> None:
    for judge_it in (expect_number, expect_integer, lambda value: expect_close(value, 3.0)):
        with pytest.raises(CheckFailed):
            judge_it(got)


@pytest.mark.parametrize("got", [3, 3.0, np.float32(3), np.int8(3), np.array(3.0), np.array(3)], ids=repr)
def test_every_kind_of_number_counts(got: Any) -> None:
    assert expect_number(got) == 3.0
    assert type(expect_number(got)) is float
    expect_close(got, 3)
    expect_close(got, np.float64(3.0))


@pytest.mark.parametrize("got", [3, np.int64(3), np.uint8(3), np.array(3)], ids=repr)
def test_every_kind_of_integer_counts(got: Any) -> None:
    assert expect_integer(got) == 3
    assert type(expect_integer(got)) is int


def test_a_float_is_no_integer() -> None:
    for got in (3.0, np.float64(3.0), np.array(3.0), [3]):
        with pytest.raises(CheckFailed):
            expect_integer(got)


@pytest.mark.parametrize(
    "got",
    [[[1, 2], [3, 4]], ((1, 2), (3, 4)), np.array([[1, 2], [3, 4]]), [np.array([1.0, 2]), [np.int8(3), np.array(4)]]],
    ids=repr,
)
def test_arrays_and_regular_nested_lists_count_as_arrays(got: Any) -> None:
    assert expect_array(got, (2, 2)).tolist() == [[1, 2], [3, 4]]
    assert expect_array(got).shape == (2, 2)
    expect_close(got, [[1, 2], [3, 4]])
    expect_close(got, np.array([[1.0, 2], [3, 4]]))
    for shape in ((4,), (2,), (2, 2, 1), ()):
        with pytest.raises(CheckFailed):
            expect_array(got, shape)


def test_booleans_count_as_an_array_but_not_as_numbers() -> None:
    assert expect_array([True, False], (2,)).dtype == bool
    expect_close([True, False], [True, False])
    with pytest.raises(CheckFailed):
        expect_close([True, False], [1, 0])
    with pytest.raises(CheckFailed):
        expect_close(np.array([True]), np.array([1.0]))


@pytest.mark.parametrize(
    "got", [[1, [2]], [1, NAN], [1, INF], ["a", "b"], [1, "b"], [1, None], [1j], "ab", None, {}], ids=repr
)
def test_what_is_no_array_of_finite_numbers_is_refused(got: Any) -> None:
    with pytest.raises(CheckFailed):
        expect_array(got)
    with pytest.raises(CheckFailed):
        expect_close(got, [1, 2])


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.0, [1.0]),
        ([1.0], 1.0),
        (np.ones((3, 1)), np.ones(3)),
        (np.ones(3), np.ones((3, 1))),
        (np.ones((1, 3)), np.ones((3, 1))),
        (np.ones((3, 3)), np.ones(3)),
        (np.ones(1), np.ones(3)),
        (np.ones(3), 1.0),
        ([], [1.0]),
        ([1.0], []),
        (np.empty((0, 3)), np.empty((3, 0))),
    ],
    ids=repr,
)
def test_shapes_are_never_broadcast(got: Any, want: Any) -> None:
    with pytest.raises(CheckFailed):
        expect_close(got, want)


def test_tolerance_is_absolute_plus_relative_to_what_is_wanted() -> None:
    expect_close(100.9, 100, rtol=0.01, atol=0)
    expect_close([1.05], [1], atol=0.1, rtol=0)
    with pytest.raises(CheckFailed):
        expect_close(101.1, 100, rtol=0.01, atol=0)
    with pytest.raises(CheckFailed):
        expect_close([1, 1, 2], [1, 1, 1])


def test_nan_and_infinity_in_an_answer_never_pass() -> None:
    for bad in (NAN, INF, -INF):
        with pytest.raises(CheckFailed):
            expect_close([1.0, bad], [1.0, 1.0], atol=INF)


@pytest.mark.parametrize("want", [NAN, INF, [1.0, -INF], None, "3", 1j, [1, [2]]], ids=repr)
def test_a_wanted_value_that_nobody_could_meet_is_the_graders_fault(want: Any) -> None:
    with pytest.raises(CourseError):
        expect_close(1.0, want)


def test_a_misconception_is_recognised_by_its_value() -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_close(1.5, 3.0, mistaken={"root": 3**0.5, "half": 1.5, "late": 1.5}, hint="other")
    assert caught.value.hint == "half"
    with pytest.raises(CheckFailed) as caught:
        expect_close(7, 3.0, mistaken={"half": 1.5}, hint="other")
    assert caught.value.hint == "other"
    with pytest.raises(CheckFailed) as caught:
        expect_close(7, 3.0)
    assert caught.value.hint is None


def test_a_misconception_with_another_shape_is_recognised() -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_close(np.ones((4, 4)), 1.0, mistaken={"outer": np.ones((4, 4))})
    assert caught.value.hint == "outer"


def test_a_misconception_that_equals_the_right_value_tells_nothing() -> None:
    expect_close(3.0, 3.0, mistaken={"same": 3.0})
    with pytest.raises(CheckFailed) as caught:
        expect_close(3.05, 3.0, mistaken={"same": 3.0 + 1e-9}, rtol=0.01)
    assert caught.value.hint is None


@pytest.mark.parametrize("value", [INF, NAN, None, "x"])
def test_a_misconception_that_is_no_number_is_never_recognised(value: Any) -> None:
    with pytest.raises(CheckFailed) as caught:
        expect_close(5.0, 3.0, mistaken={"overflow": value}, hint="other")
    assert caught.value.hint == "other"


def test_expect_takes_numpys_truth_too() -> None:
    expect(np.bool_(True))
    for condition in (False, np.bool_(False), 0, None, []):
        with pytest.raises(CheckFailed) as caught:
            expect(condition, "why")
        assert caught.value.hint == "why"


def call(*arguments: Any, exceptions: tuple[str, ...] = ()) -> Call:
    return Call(None, lambda: arguments, (), 0.0, exceptions)


@pytest.mark.parametrize(
    "value",
    [
        np.array([1.0, NAN]),
        np.array([[1, 2]]),
        np.array(["a"]),
        [1, 2],
        [[1], [2, 3]],
        "relu",
        None,
        3,
        True,
        {"a": [1, "x"], "b": np.ones(2)},
        (1, "x", None),
    ],
    ids=repr,
)
def test_an_argument_that_stayed_as_it_was_is_unchanged(value: Any) -> None:
    expect_unchanged(call(value, value), value, value)


@pytest.mark.parametrize(
    ("after", "before"),
    [
        (np.array([1.0]), np.array([2.0])),
        (np.array([1]), np.array([1.0])),
        (np.ones((2, 1)), np.ones(2)),
        (np.array(["b"]), np.array(["a"])),
        (["b"], ["a"]),
        (["a", "b"], ["a"]),
        ([1, [2, 3]], [1, [2, 4]]),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": "x"}, {"a": "y"}),
        (Opaque("x"), [1]),
        ("a", "b"),
        (None, "a"),
        (1, None),
        (Opaque("object"), {"a": 1}),
    ],
    ids=repr,
)
def test_an_argument_that_was_changed_is_noticed(after: Any, before: Any) -> None:
    with pytest.raises(CheckFailed):
        expect_unchanged(call(after), before)


def test_arguments_that_went_missing_were_changed() -> None:
    with pytest.raises(CheckFailed):
        expect_unchanged(call(), 1)


class _Raises:
    def __init__(self, *exceptions: str) -> None:
        self._exceptions = exceptions

    def observe(self, name: str, *args: Any, **kwargs: Any) -> Call:
        return call(*args, exceptions=self._exceptions)


def test_an_exception_counts_with_its_bases() -> None:
    student: Any = _Raises("AxisError", "ValueError", "IndexError", "Exception")
    expect_raises(student, "ValueError", "f", 1)
    with pytest.raises(CheckFailed) as caught:
        expect_raises(student, "TypeError", "f", hint="other")
    assert caught.value.hint == "other"
    with pytest.raises(CheckFailed):
        expect_raises(_Raises(), "ValueError", "f")  # type: ignore[arg-type]


# --- @check ----------------------------------------------------------------------------------------------------------


def test_a_declaration_keeps_what_students_read() -> None:
    @check(points=2, task="mse", es="Frase.", seconds=5)
    def test_first(student: Any) -> None:
        """A sentence
        on two lines.

        Not for students.
        """

    found = declared(test_first)
    assert found is not None
    assert (found.name, found.task, found.points, found.seconds) == ("first", "mse", 2.0, 5)
    assert found.title == Text(es="Frase.", en="A sentence on two lines.")
    assert declared(len) is None
    assert declared(None) is None


@pytest.mark.parametrize("points", [0, -1, NAN, INF])
def test_points_have_to_be_positive(points: float) -> None:
    def test_a(student: Any) -> None:
        """Sentence."""

    with pytest.raises(CourseError, match="test_a: points"):
        check(points=points, task="t", es="x")(test_a)


def test_a_check_needs_its_name_and_both_sentences() -> None:
    def test_silent(student: Any) -> None: ...

    def helper(student: Any) -> None:
        """Sentence."""

    with pytest.raises(CourseError, match="docstring"):
        check(points=1, task="t", es="x")(test_silent)
    with pytest.raises(CourseError, match="starts with test_"):
        check(points=1, task="t", es="x")(helper)
    helper.__name__ = "test_helper"
    with pytest.raises(CourseError, match="es="):
        check(points=1, task="t", es=" ")(helper)


# --- verdicts --------------------------------------------------------------------------------------------------------

HINTS = {"half": Text(es="mitad", en="half")}
WORDS = Text(es="palabras", en="words")


def test_whatever_the_student_did_fails_the_check_in_words() -> None:
    for error in (BadReply(WORDS), Missing(WORDS), NotDone(WORDS), Raised(WORDS, ("ValueError",))):
        assert judge(error, HINTS) == (Outcome.FAILED, WORDS, None, None)
    for predicate in (KernelDied(WORDS), TimedOut(WORDS)):
        outcome, text, _, fault = judge(predicate, HINTS)
        assert (outcome, text.en, fault) == (Outcome.FAILED, "Your code words.", None)
    assert judge(AssertionError("got 41537"), HINTS)[0] is Outcome.FAILED
    assert "41537" not in str(judge(AssertionError("got 41537"), HINTS))
    assert judge(None, HINTS)[0] is Outcome.PASSED


def test_why_there_was_no_answer_is_kept_apart_from_the_words() -> None:
    words = (
        NotDone(WORDS),
        Missing(WORDS),
        Raised(WORDS, ("ValueError",)),
        TimedOut(WORDS),
        KernelDied(WORDS),
        BadReply(WORDS),
    )
    assert [cause(error) for error in words] == list(Cause)
    assert [cause(error) for error in (None, CheckFailed("half"), AssertionError(), EngineError("gone"))] == [None] * 4


def test_a_hint_is_told_in_the_authors_words() -> None:
    assert judge(CheckFailed("half"), HINTS) == (Outcome.FAILED, HINTS["half"], "half", None)
    assert judge(CheckFailed(), HINTS)[0] is Outcome.FAILED


def test_a_hint_without_words_is_the_graders_fault() -> None:
    outcome, _, hint, fault = judge(CheckFailed("unheard"), HINTS)
    assert (outcome, hint, fault) == (Outcome.UNJUDGED, None, "HINTS has no 'unheard'")


@pytest.mark.parametrize(
    "error", [TypeError("41537"), KeyError("41537"), EngineError("gone"), SystemExit(), pytest.skip.Exception("x")]
)
def test_any_other_exception_is_ours_and_quotes_no_value(error: BaseException) -> None:
    outcome, message, _, fault = judge(error, HINTS)
    assert outcome is Outcome.UNJUDGED
    assert "fault on our side" in message.en
    assert fault is not None
    assert type(error).__name__ in fault
    assert "41537" not in fault


def test_a_course_error_tells_the_author_what_to_do() -> None:
    assert judge(CourseError("points must be positive"), HINTS)[3] == "points must be positive"
