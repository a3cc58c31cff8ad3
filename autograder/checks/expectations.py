"""What a hidden check may expect of plain data from the student's side.

Every function judges values that crossed as data, so nothing here can call code of the student's: no `__eq__`, no
`__array__`. NaN and infinities never pass where a number is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.errors import CourseError

if TYPE_CHECKING:
    from autograder.examiner.student import Call, Student


class CheckFailed(AssertionError):
    """A check's expectation does not hold; `hint` names a recognised misconception from the grader's `HINTS`."""

    def __init__(self, hint: str | None = None) -> None:
        super().__init__(hint or "the expectation does not hold")
        self.hint = hint


class Borderline(Exception):
    """A measured value misses its threshold by less than chance alone moves it: the check is unjudged, and a person looks."""


@dataclass(frozen=True)
class Measure:
    """One comparison of a value that chance moves with its threshold; calibration looks at how much room there is."""

    value: float
    threshold: float
    at_least: bool
    """Whether the value has to reach the threshold from below; otherwise it must not exceed it."""

    @property
    def room(self) -> float:
        """Distance to the threshold; negative when it is missed."""
        return self.value - self.threshold if self.at_least else self.threshold - self.value


_measures: list[Measure] = []


def taken() -> tuple[Measure, ...]:
    """What has been measured since this was last called; for the plugin, which calls it after every check."""
    found = tuple(_measures)
    _measures.clear()
    return found


def expect(condition: Any, hint: str | None = None) -> None:
    """Fail unless `condition` is true."""
    if not bool(condition):
        raise CheckFailed(hint)


def expect_number(got: Any, hint: str | None = None) -> float:
    """`got` as a float: a finite real number; NumPy scalars and 0-d arrays count, booleans do not."""
    value = _plain(got)
    if value is None or value.shape != () or value.dtype.kind not in "iuf" or not np.isfinite(value):
        raise CheckFailed(hint)
    return float(value)


def expect_integer(got: Any, hint: str | None = None) -> int:
    """`got` as an int; NumPy's integers count, booleans and floats do not."""
    value = _plain(got)
    if value is None or value.shape != () or value.dtype.kind not in "iu":
        raise CheckFailed(hint)
    return int(value)


def expect_at_least(got: Any, threshold: float, *, noise: float = 0.0, hint: str | None = None) -> None:
    """Fail unless the number `got` reaches `threshold`: for what chance moves, such as an accuracy after training.

    Args:
        noise: how far chance alone moves the value, by `autograder calibrate`. A value that misses by less is unjudged.

    Raises:
        Borderline: it misses by less than `noise`.
    """
    _measure(Measure(expect_number(got, hint), threshold, True), noise, hint)


def expect_at_most(got: Any, threshold: float, *, noise: float = 0.0, hint: str | None = None) -> None:
    """Fail if the number `got` exceeds `threshold`; see `expect_at_least`."""
    _measure(Measure(expect_number(got, hint), threshold, False), noise, hint)


def _measure(measure: Measure, noise: float, hint: str | None) -> None:
    _measures.append(measure)
    if measure.room < -noise:
        raise CheckFailed(hint)
    if measure.room < 0:
        raise Borderline


def expect_array(got: Any, shape: tuple[int, ...] | None = None, hint: str | None = None) -> np.ndarray:
    """`got` as an array of finite real numbers, of `shape` if given; a nested list counts."""
    value = _plain(got)
    if value is None or value.dtype.kind not in "biuf" or not np.all(np.isfinite(value)):
        raise CheckFailed(hint)
    if shape is not None and value.shape != tuple(shape):
        raise CheckFailed(hint)
    return value


def expect_close(
    got: Any,
    want: Any,
    *,
    hint: str | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
    mistaken: Mapping[str, Any] | None = None,
) -> None:
    """Fail unless `got` has the shape of `want` and each element is within `atol + rtol * abs(want)` of it.

    Args:
        hint: told when no misconception is recognised.
        mistaken: hint → the value its misconception gives; the first one that `got` is close to is told. A value that is
            as close to `want` cannot tell the two apart and is passed over.

    Raises:
        CourseError: `want` is no number, or not finite, so nobody could ever pass.
    """
    target = _plain(want)
    if target is None or target.dtype.kind not in "biuf" or not np.all(np.isfinite(target)):
        raise CourseError("expect_close: the value wanted is not made of finite numbers.")
    if _close(got, want, rtol, atol):
        return
    for name, value in (mistaken or {}).items():
        if _close(got, value, rtol, atol) and not _close(value, want, rtol, atol):
            raise CheckFailed(name)
    raise CheckFailed(hint)


def _close(got: Any, want: Any, rtol: float, atol: float) -> bool:
    value, target = _plain(got), _plain(want)
    if value is None or target is None or value.shape != target.shape:
        return False
    if value.dtype.kind not in "biuf" or target.dtype.kind not in "biuf":
        return False
    # A bool is no answer where a number is asked for.
    if value.dtype.kind == "b" and target.dtype.kind != "b":
        return False
    value, target = value.astype(np.float64), target.astype(np.float64)
    # A target of infinity would be close to everything.
    if not (np.all(np.isfinite(value)) and np.all(np.isfinite(target))):
        return False
    return bool(np.all(np.abs(value - target) <= atol + rtol * np.abs(target)))


def expect_raises(
    student: Student, exception: str, name: str, *args: Any, hint: str | None = None, **kwargs: Any
) -> None:
    """Fail unless `student`'s function raises `exception` (a class name) or a subclass of it."""
    call = student.observe(name, *args, **kwargs)
    if exception not in call.exceptions:
        raise CheckFailed(hint)


def expect_unchanged(call: Call, *args: Any, hint: str | None = None) -> None:
    """Fail unless the arguments of an observed call still equal `args`, values, shapes and dtypes alike."""
    if len(call.arguments) != len(args):
        raise CheckFailed(hint)
    if not all(_same(after, before) for after, before in zip(call.arguments, args, strict=True)):
        raise CheckFailed(hint)


def _same(after: Any, before: Any) -> bool:
    value, target = _plain(after), _plain(before)
    if value is not None and target is not None:
        return value.dtype == target.dtype and np.array_equal(value, target, equal_nan=value.dtype.kind in "fc")
    if isinstance(after, list | tuple) and isinstance(before, list | tuple):
        return len(after) == len(before) and all(map(_same, after, before))
    if isinstance(after, dict) and isinstance(before, dict):
        return after.keys() == before.keys() and all(_same(after[key], before[key]) for key in before)
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and after.dtype == before.dtype and np.array_equal(after, before)
    # What stays on the student's side (a model, a history) is compared by no value.
    return after == before if isinstance(before, str | None) else type(after) is type(before)


def _plain(value: Any) -> np.ndarray | None:
    """`value` as an array if it is a number, an array or a regular nested list of numbers; else `None`."""
    if not isinstance(value, bool | int | float | complex | np.ndarray | np.generic | list | tuple):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, OverflowError, TypeError):
        return None
    return array if array.dtype.kind in "biufc" else None
