"""How many workers a deadline needs: the same deadlines, drawn from a seed, played with more and with fewer of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from autograder.errors import UsageError
from autograder.planning.arrivals import Arrivals, Recorded, Rush
from autograder.planning.costs import Cost
from autograder.planning.simulation import Run, Seconds, Workers, simulate

SCHEMA = 1
MOST = 4096
"""Workers beyond which none are tried."""
_DEATHS = 7.0
"""A submission that takes this many lifetimes of a worker would be begun a thousand times and more."""


@dataclass(frozen=True)
class Demand:
    """Who hands in what, and when."""

    arrivals: Arrivals
    costs: tuple[Cost, ...]
    """Of the assignments that are due, each of which every student hands in; in a submission each is as likely as the others."""
    students: int | None
    """`None` plays the recorded submissions as they are."""
    attempts: float = 1.0
    """How often a student hands in an assignment on average, at least once each."""

    def draw(self, *seed: int) -> tuple[Seconds, Seconds]:
        """(submission,) when each comes, in seconds after the first moment at which one may come, and what it takes.

        Further attempts come by the same law as first ones: nobody waits for a result before trying again, which is the worst case.
        """
        random = np.random.default_rng(seed)
        if self.students is None:
            assert isinstance(self.arrivals, Recorded)
            at = np.array(self.arrivals.times)
        else:
            firsts = self.students * len(self.costs)
            at = self.arrivals.draw(random, firsts + random.poisson(firsts * (self.attempts - 1)))
        drawn = np.array([random.choice(cost.seconds, at.size) for cost in self.costs])
        takes = drawn[random.integers(len(self.costs), size=at.size), np.arange(at.size)]
        return np.maximum(0.0, (at + self.arrivals.hours) * 3600), takes


@dataclass(frozen=True)
class Target:
    """What is wanted: so many percent of the results within so many seconds."""

    seconds: float
    percentile: float


@dataclass(frozen=True)
class Outlook:
    """What a number of workers makes of the deadlines that were drawn. A wait is from handing in until the result."""

    workers: int
    runs: tuple[Run, ...]
    """One for each deadline."""
    deadline: float
    """On the clock of `runs`, in seconds."""

    @property
    def mean(self) -> float:
        """The mean wait in seconds, over all deadlines."""
        return float(np.concatenate([run.waited for run in self.runs]).mean())

    @property
    def queued(self) -> float:
        """The part of `mean` that passed before a worker was free."""
        return float(np.concatenate([run.queued for run in self.runs]).mean())

    @property
    def longest_queue(self) -> int:
        """The most submissions that waited for a worker at one moment, in the worst of the deadlines."""
        return max(run.longest_queue for run in self.runs)

    @property
    def last(self) -> float:
        """Seconds from the deadline to the last result, in the worst of the deadlines; negative where all came before."""
        return max(float(run.finished.max()) for run in self.runs) - self.deadline

    @property
    def begun_again(self) -> int:
        """Gradings that a failing worker cut short, in all deadlines."""
        return int(sum((run.tries - 1).sum() for run in self.runs))

    def within(self, percentile: float) -> float:
        """The wait in seconds that this percentage of the submissions of all deadlines does not exceed."""
        return float(np.percentile(np.concatenate([run.waited for run in self.runs]), percentile))


@dataclass(frozen=True)
class Advice:
    """What was asked, what was found, and what is therefore enough."""

    demand: Demand
    target: Target
    workers: Workers
    """Their number is that of no row."""
    seed: int
    rows: tuple[Outlook, ...]
    """By rising number of workers."""
    enough: int | None
    """The smallest number of workers that meets the target; `None` where none of those that were tried does."""
    least: float
    """Seconds of the target's percentile with a free worker for everyone: what grading alone takes."""

    def to_json(self) -> dict[str, Any]:
        """The documented shape of `--json` (docs/planning.md)."""
        demand, workers = self.demand, self.workers
        arrivals: dict[str, Any] = {"model": "recorded", "hours": demand.arrivals.hours}
        if isinstance(demand.arrivals, Rush):
            arrivals |= {"model": demand.arrivals.shape, "scale_hours": demand.arrivals.scale}
        between = None if math.isinf(workers.between_failures) else workers.between_failures / 3600
        return {
            "schema": SCHEMA,
            "students": demand.students,
            "attempts": demand.attempts,
            "arrivals": arrivals,
            "costs": [
                {"assignment": cost.assignment, "gradings": len(cost.seconds), "mean_seconds": round(cost.mean, 3)}
                for cost in demand.costs
            ],
            "target": {"wait_minutes": self.target.seconds / 60, "percentile": self.target.percentile},
            "workers": {
                "start_seconds": workers.start,
                "hours_between_failures": between,
                "repair_minutes": workers.repair / 60,
            },
            "seed": self.seed,
            "submissions": [run.arrived.size for run in self.rows[0].runs],
            "rows": [
                {
                    "cores": row.workers,
                    "mean_wait_seconds": round(row.mean, 3),
                    "mean_queue_seconds": round(row.queued, 3),
                    "p95_wait_seconds": round(row.within(95), 3),
                    "target_wait_seconds": round(row.within(self.target.percentile), 3),
                    "longest_queue": row.longest_queue,
                    "last_result_seconds_after_deadline": round(row.last, 3),
                    "begun_again": row.begun_again,
                }
                for row in self.rows
            ],
            "enough": self.enough,
        }


def advise(
    demand: Demand,
    target: Target,
    workers: Workers,
    *,
    cores: Sequence[int] = (),
    runs: int = 5,
    seed: int = 0,
) -> Advice:
    """Find the smallest number of workers that meets `target`, and what more and fewer of them would do.

    All numbers of workers meet the same deadlines and the same submissions, so that their difference is no chance.

    Args:
        workers: what they are like; their number does not matter.
        cores: try these numbers alone; by default the smallest that is enough is searched for.
        runs: deadlines to draw, at least 1.

    Raises:
        UsageError: workers fail so fast that a submission would hardly ever be finished.
        EngineError: simpy is not installed.
    """
    longest = max(second for cost in demand.costs for second in cost.seconds)
    if longest > _DEATHS * workers.between_failures:
        raise UsageError(
            f"A submission takes up to {longest:.0f} s and a worker lasts {workers.between_failures:.0f} s on average, so it would "
            "hardly ever be finished: give more hours between failures."
        )
    drawn = [demand.draw(seed, number) for number in range(runs)]

    @cache
    def look(count: int) -> Outlook:
        crew = replace(workers, count=count)
        played = (simulate(*one, crew, (seed, number)) for number, one in enumerate(drawn))
        return Outlook(count, tuple(played), demand.arrivals.hours * 3600)

    def meets(count: int) -> bool:
        return look(count).within(target.percentile) <= target.seconds

    least = float(np.percentile(np.concatenate([takes for _, takes in drawn]), target.percentile))
    if cores:
        tried = sorted(set(cores))
        enough = next(filter(meets, tried), None)
    else:
        enough = _smallest(meets) if least <= target.seconds else None
        tried = _around(enough) if enough else [1, 2, 4, 8]
    return Advice(demand, target, workers, seed, tuple(map(look, tried)), enough, least)


def _smallest(meets: Callable[[int], bool]) -> int | None:
    """The smallest number that meets, if more are never worse; by doubling, then by halving what is between."""
    high = 1
    while not meets(high):
        if high >= MOST:
            return None
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle, high)
    return high


def _around(enough: int) -> list[int]:
    """The numbers to show: a half, one less, itself, one more, the double."""
    return sorted({max(1, enough // 2), max(1, enough - 1), enough, enough + 1, 2 * enough})
