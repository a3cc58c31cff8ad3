"""What somebody's attempts at an activity amount to: lateness, deductions, which attempt counts. Pure functions of the rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.records import Status
from autograder.serve.tables import Activity, Attempt, Counts, Extension

_DAY = timedelta(days=1)
_GRACE = timedelta(minutes=1)
"""Clocks of the LMS and ours differ, and a large file takes a while to arrive."""


@dataclass(frozen=True)
class Mark:
    """What one attempt is worth."""

    attempt: Attempt
    score: float
    """After any deduction; in points of `max_score`, rounded to hundredths."""
    max_score: float
    late: timedelta
    """Zero when it was in time."""
    deducted: float
    """Points taken off for lateness; never from a mark that a person gave."""
    final: bool
    """Whether nothing is left for a person to decide."""


@dataclass(frozen=True)
class Standing:
    """The mark of one person for one activity."""

    mark: Mark | None
    """`None` while nothing has been judged."""
    waiting: int
    """Attempts that are not graded yet."""


def due_at(activity: Activity, extension: Extension | None) -> datetime | None:
    """When this person has to hand in; `None` without a date. An extension only ever gives time."""
    if activity.due_at is None:
        return None
    return max(activity.due_at, extension.due_at) if extension else activity.due_at


def closes_at(activity: Activity, extension: Extension | None) -> datetime | None:
    """From when on nothing is taken of this person; an extension moves it too, where it would come earlier."""
    if activity.closes_at is None:
        return None
    return max(activity.closes_at, extension.due_at) if extension else activity.closes_at


def late_by(activity: Activity, extension: Extension | None, handed_in_at: datetime) -> timedelta:
    """How late something is; the first minute does not count."""
    due = due_at(activity, extension)
    if due is None or handed_in_at - due <= _GRACE:
        return timedelta(0)
    return handed_in_at - due


def deduction(activity: Activity, late: timedelta) -> float:
    """The share of what was earned that lateness costs, from 0 to 1."""
    days = math.ceil(late / _DAY)
    return min(activity.late_percent_per_day * days, activity.late_percent_at_most) / 100


def mark(activity: Activity, extension: Extension | None, attempt: Attempt) -> Mark | None:
    """What an attempt is worth; `None` while it is not judged."""
    if attempt.status is None or attempt.max_score is None:
        return None
    late = late_by(activity, extension, attempt.handed_in_at)
    if attempt.decided_score is not None:
        return Mark(attempt, round(attempt.decided_score, 2), attempt.max_score, late, 0.0, True)
    earned = attempt.score or 0.0
    deducted = round(earned * deduction(activity, late), 2)
    final = attempt.status != Status.NEEDS_REVIEW
    return Mark(attempt, round(earned - deducted, 2), attempt.max_score, late, deducted, final)


def standing(activity: Activity, extension: Extension | None, attempts: Sequence[Attempt]) -> Standing:
    """The mark of one person, of whom `attempts` are all, in any order.

    A rejected file is no attempt where anything else was judged. Where the last or a better attempt still needs a person, that one
    is the mark and not final: nobody's mark should fall and rise again while we look.
    """
    marks = [found for each in attempts if (found := mark(activity, extension, each)) is not None]
    counted = [each for each in marks if each.attempt.status != Status.REJECTED] or marks
    waiting = sum(each.status is None for each in attempts)
    return Standing(_chosen(counted, Counts(activity.counts)), waiting)


def _chosen(marks: Iterable[Mark], counts: Counts) -> Mark | None:
    if counts is Counts.LAST:
        return max(marks, key=lambda each: each.attempt.number, default=None)
    # Of equal marks the one that is settled, then the first: a later equal attempt changes nothing.
    best = max(marks, key=lambda each: (each.score, each.final, -each.attempt.number), default=None)
    if best is None:
        return None
    # What is unjudged may still turn out better.
    open_ones = [each for each in marks if not each.final and _possible(each) > best.score]
    return max(open_ones, key=lambda each: (each.score, -each.attempt.number), default=best)


def _possible(each: Mark) -> float:
    """The most that a person could still make of it."""
    share = each.deducted / each.attempt.score if each.attempt.score else 0.0
    return each.max_score * (1 - share)
