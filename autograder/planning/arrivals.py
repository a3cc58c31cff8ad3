"""When students hand in: a rush towards the deadline, by a model or as it was at an earlier one.

The default is hyperbolic: the pressure to act grows as one over the time that is left. So registrations to two conferences came in
(V. Alfi, G. Parisi, L. Pietronero, "Conference registration: how people react to a deadline", Nature Physics 3, 746, 2007;
V. Alfi, A. Gabrielli, L. Pietronero, "How people react to a deadline", Cent. Eur. J. Phys. 7, 483-489, 2009), and so students
worked for an examination (C. J. König, M. Kleinmann, "Deadline rush: a time management phenomenon and its mathematical
description", J. Psychol. 139, 33-45, 2005). A pure hyperbola is infinite at the deadline, so it is flattened within one scale of
it, an hour unless told otherwise.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from autograder.errors import UsageError
from autograder.files import read_regular

Hours = NDArray[np.float64]
"""(submission,) in hours after the deadline; negative before it."""
Shape = Literal["hyperbolic", "exponential", "even"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
_LARGEST = 64 << 20
"""Bytes of a file of recorded times."""


class Arrivals(Protocol):
    """A deadline at which submissions can be drawn."""

    @property
    def hours(self) -> float:
        """How long before the deadline the first submission may come; not negative."""

    def draw(self, random: np.random.Generator, count: int) -> Hours:
        """`count` moments of handing in, ascending."""


@dataclass(frozen=True)
class Rush:
    """A model of a deadline rush: how the density of submissions depends on the time r that is left until the deadline."""

    hours: float
    """From the first moment at which one can hand in until the deadline; more than 0."""
    shape: Shape = "hyperbolic"
    """`hyperbolic`: 1 / (r + scale); `exponential`: e^(-r / scale); `even`: the same at all times."""
    scale: float = 1.0
    """Hours; more than 0."""

    def draw(self, random: np.random.Generator, count: int) -> Hours:
        """`count` moments, each drawn on its own by inverting the distribution function, and then sorted."""
        share = random.uniform(size=count)
        match self.shape:
            case "hyperbolic":
                left = self.scale * np.expm1(share * math.log1p(self.hours / self.scale))
            case "exponential":
                left = -self.scale * np.log1p(share * math.expm1(-self.hours / self.scale))
            case "even":
                left = self.hours * share
        return -np.sort(left)[::-1]


@dataclass(frozen=True)
class Recorded:
    """An earlier deadline, as it was."""

    times: tuple[float, ...]
    """Hours after the deadline, ascending, at least one."""

    @property
    def hours(self) -> float:
        """From the first submission until the deadline; 0 where all came late."""
        return max(0.0, -self.times[0])

    def draw(self, random: np.random.Generator, count: int) -> Hours:
        """`count` moments by the distribution of the recorded ones; between two neighbours each moment is as likely."""
        return np.sort(np.quantile(self.times, random.uniform(size=count)))


def read_recorded(path: Path, deadline: datetime | None) -> Recorded:
    """The times in a text or CSV file: the first field of each line, either a date (ISO 8601) or hours after the deadline.

    Empty lines and those that start with `#` are skipped, and so is a first line that is neither, as a heading.

    Raises:
        UsageError: the file cannot be read, a line is neither, dates come without `deadline`, or with a time zone on one side only.
    """
    try:
        data, _ = read_regular(path, _LARGEST)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} could not be read as a file of times: {reason}.") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{path} is larger than {_LARGEST >> 20} MiB: give the times alone.")
    times = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        field = row[0].strip() if row else ""
        if not field or field.startswith("#"):
            continue
        try:
            times.append(_hours(field, deadline))
        except ValueError as error:
            if number == 1:
                continue
            raise UsageError(
                f"{path}, line {number}: {field[:60]!r} is neither a date such as 2026-03-01T23:10:00 nor a number of hours "
                "after the deadline, such as -2.5."
            ) from error
        except _NoDeadline as error:
            raise UsageError(f"{path}, line {number}: {error}") from error
    if not times:
        raise UsageError(f"{path} holds no time: give one a line, as a date or in hours after the deadline.")
    return Recorded(tuple(sorted(times)))


class _NoDeadline(Exception):
    """Dates that cannot be compared with a deadline."""


def _hours(field: str, deadline: datetime | None) -> float:
    try:
        hours = float(field)
    except ValueError:
        at = datetime.fromisoformat(field)
        if deadline is None:
            raise _NoDeadline(
                "dates need the deadline that they were handed in for: give it with --deadline."
            ) from None
        if (at.tzinfo is None) != (deadline.tzinfo is None):
            raise _NoDeadline("the dates and --deadline must both name a time zone, or neither.") from None
        return (at - deadline).total_seconds() / 3600
    if not math.isfinite(hours):
        raise ValueError(field)
    return hours
