"""The `@check` decorator: what a hidden check is worth, whose points it carries, and what a student is told about it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from autograder.errors import CourseError
from autograder.text import Text

_Function = TypeVar("_Function", bound=Callable[..., None])
ATTRIBUTE = "__autograder_check__"


@dataclass(frozen=True)
class Check:
    """The declaration of one check."""

    name: str
    """The function's name without `test_`: the stable part of the check's id."""
    task: str
    points: float
    title: Text
    seconds: float | None
    """Clock for the student code that the check runs; `None` for the assignment's own."""


def check(*, points: float, task: str, es: str, seconds: float | None = None) -> Callable[[_Function], _Function]:
    """Mark a test function as a hidden check.

    Args:
        points: what passing it earns, more than 0.
        task: the function of the assignment whose points it carries.
        es: the Spanish sentence a student reads; the first paragraph of the docstring is the English one.
        seconds: wall clock for all student code that it runs.

    Raises:
        CourseError: the function's name, docstring or an argument is unfit; names the function.
    """

    def declare(function: _Function) -> _Function:
        where = f"{function.__code__.co_filename}, {function.__name__}"
        if not function.__name__.startswith("test_"):
            raise CourseError(f"{where}: a check's name starts with test_, or pytest will not find it.")
        english = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
        if not english or not es.strip():
            raise CourseError(f"{where}: a check needs a docstring (English) and es= (Spanish) for students to read.")
        if not (math.isfinite(points) and points > 0):
            raise CourseError(f"{where}: points must be a positive number, not {points!r}.")
        declared = Check(function.__name__.removeprefix("test_"), task, float(points), Text(es, english), seconds)
        setattr(function, ATTRIBUTE, declared)
        return function

    return declare


def declared(function: Any) -> Check | None:
    """The declaration of a test function; `None` if it has none."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, Check) else None
