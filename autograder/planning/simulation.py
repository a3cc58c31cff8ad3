"""Submissions, a queue and workers as discrete events: when each submission is begun and when its result is there.

One queue, first come, first served. How long a submission takes belongs to it, not to the worker that gets it, so the same
submissions can be given to any number of workers and the difference is the workers' alone.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import EngineError

if TYPE_CHECKING:
    import simpy

Seconds = NDArray[np.float64]
"""(submission,) in seconds."""


@dataclass(frozen=True)
class Workers:
    """Machines or cores, each of which grades one submission at a time. All times are seconds."""

    count: int
    start: float = 0.0
    """From the start of a worker until it can grade: libraries are imported and walls are tried."""
    between_failures: float = math.inf
    """How long a worker that is ready lasts on average, exponentially distributed; infinite for workers that never fail."""
    repair: float = 0.0
    """From a failure until the worker starts again, on average, exponentially distributed."""


@dataclass(frozen=True)
class Run:
    """What became of each submission; arrays are (submission,), in the order of arrival, in seconds on one clock."""

    arrived: Seconds
    begun: Seconds
    """When the grading began that came to its end, not one that a failing worker cut short."""
    finished: Seconds
    tries: NDArray[np.int64]
    """How many workers began it; more than 1 where some failed."""
    longest_queue: int
    """The most submissions that waited to be begun at one moment."""

    @property
    def queued(self) -> Seconds:
        """From handing in until the grading that counted began."""
        return self.begun - self.arrived

    @property
    def waited(self) -> Seconds:
        """From handing in until the result: what a student waits."""
        return self.finished - self.arrived


def simulate(arrived: Seconds, takes: Seconds, workers: Workers, seed: int | tuple[int, ...] = 0) -> Run:
    """Play one deadline.

    A submission whose worker fails goes back to its place in the queue and is graded from its beginning by the next worker
    that is free. The workers start at time 0.

    Args:
        arrived: (submission,) when each is handed in, ascending and not negative.
        takes: (submission,) how long each takes to grade, wherever it is graded.
        seed: of the failures and repairs, of which each worker has its own sequence; the same seed gives the same run.

    Raises:
        EngineError: simpy is not installed.
    """
    try:
        import simpy
    except ImportError as error:
        raise EngineError('Planning needs simpy: install it with `pip install "autograder[plan]"`.') from error
    if not arrived.size:
        return Run(arrived, arrived, arrived, np.zeros(0, np.int64), 0)
    return _Play(simpy.Environment(), arrived, takes, workers, np.atleast_1d(seed).tolist()).run()


class _Play:
    def __init__(
        self, world: simpy.Environment, arrived: Seconds, takes: Seconds, workers: Workers, seed: list[int]
    ) -> None:
        import simpy

        self._world, self._workers, self._seed = world, workers, seed
        self._arrived, self._takes = arrived.tolist(), takes.tolist()
        # Numbers in the order of arrival: what comes back from a failed worker stands ahead of whatever came later.
        self._queue = simpy.PriorityStore(world)
        self._everything = world.event()
        self._begun, self._finished = [0.0] * arrived.size, [0.0] * arrived.size
        self._tries = [0] * arrived.size
        self._open, self._longest = arrived.size, 0

    def run(self) -> Run:
        self._world.process(self._hand_in())
        for number in range(self._workers.count):
            self._world.process(self._work(np.random.default_rng([*self._seed, number])))
        self._world.run(until=self._everything)
        begun, finished = np.array(self._begun), np.array(self._finished)
        return Run(np.array(self._arrived), begun, finished, np.array(self._tries), self._longest)

    def _hand_in(self) -> Generator[simpy.Event, Any, None]:
        for number, at in enumerate(self._arrived):
            yield self._world.timeout(max(0.0, at - self._world.now))
            self._put(number)

    def _put(self, number: int) -> None:
        self._queue.put(number)
        self._longest = max(self._longest, len(self._queue.items))

    def _work(self, random: np.random.Generator) -> Generator[simpy.Event, Any, None]:
        world, workers = self._world, self._workers
        while True:
            yield world.timeout(workers.start)
            if math.isinf(workers.between_failures):
                fails_at, failure = math.inf, world.event()
            else:
                lasts = random.exponential(workers.between_failures)
                fails_at, failure = world.now + lasts, world.timeout(lasts)
            while True:
                wanted = self._queue.get()
                if not wanted.triggered:
                    yield wanted | failure
                if not wanted.triggered:
                    wanted.cancel()
                    break
                number: int = wanted.value  # type: ignore[assignment]  # what is in the queue
                self._tries[number] += 1
                # A sum of differences may lie a rounding error before the moment that it stands for.
                began = max(world.now, self._arrived[number])
                if world.now + self._takes[number] > fails_at:
                    yield world.timeout(max(0.0, fails_at - world.now))
                    self._put(number)
                    break
                yield world.timeout(self._takes[number])
                self._finish(number, began)
            yield world.timeout(random.exponential(workers.repair))

    def _finish(self, number: int, began: float) -> None:
        self._begun[number] = began
        self._finished[number] = began + self._takes[number]
        self._open -= 1
        if not self._open:
            self._everything.succeed()
