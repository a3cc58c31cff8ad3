"""A worker's engine whose submissions are graded on a cluster: the queue, the verdicts and the marks stay here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograder.cluster import Place, RemoteGrader
from autograder.course import Course
from autograder.devices import Inventory
from autograder.engine import Engine
from autograder.errors import ClusterError
from autograder.records import Report


class Elsewhere:
    """What `Grading` asks of an `Engine`, on the cluster at `place`; safe to use from several threads.

    The course is packed at the first submission, and anew when one of its files has changed. What was begun with the old files
    ends with them.

    Args:
        engine: knows the course; it grades nothing here.
    """

    def __init__(self, engine: Engine, place: Place) -> None:
        self._engine, self._place = engine, place
        self._lock = threading.Lock()
        self._grader: RemoteGrader | None = None
        self._using: dict[RemoteGrader, int] = {}

    @property
    def course(self) -> Course:
        """Whose assignments are graded."""
        return self._engine.course

    @property
    def sandbox(self) -> bool:
        """Whether student code is run behind walls."""
        return self._engine.sandbox

    @property
    def inventory(self) -> Inventory:
        """See `Engine.inventory`."""
        return self._engine.inventory

    def grade(self, data: bytes, assignment: str | None = None) -> Report:
        """See `RemoteGrader.grade`.

        Raises:
            ClusterError: there is no scheduler or no worker that would give this machine's verdicts; the next call looks again.
        """
        with self._used() as grader:
            try:
                return grader.grade(data, assignment)
            except ClusterError:
                self._drop(grader)
                raise

    def points(self, name: str) -> dict[str, float]:
        """See `Engine.points`."""
        return self._engine.points(name)

    def forget(self, name: str) -> None:
        """See `Engine.forget`; the next submission meets the course as it is then."""
        self._engine.forget(name)
        self._drop(self._grader)

    def warm(self, names: Sequence[str]) -> None:
        """Workers of a cluster warm up by themselves."""

    def cancel(self) -> None:
        """Let every call of `grade` end at once."""
        with self._lock:
            graders = list(self._using)
        for grader in graders:
            grader.cancel()

    def close(self) -> None:
        """Leave the cluster."""
        self.cancel()
        self._drop(self._grader)

    @contextmanager
    def _used(self) -> Iterator[RemoteGrader]:
        with self._lock:
            if self._grader is None:
                self._grader = RemoteGrader(self._engine, self._place)
                self._using[self._grader] = 0
            grader = self._grader
            self._using[grader] += 1
        try:
            yield grader
        finally:
            with self._lock:
                self._using[grader] -= 1
            self._sweep()

    def _drop(self, grader: RemoteGrader | None) -> None:
        with self._lock:
            if grader is not None and self._grader is grader:
                self._grader = None
        self._sweep()

    def _sweep(self) -> None:
        """Close those that nobody uses any more."""
        with self._lock:
            idle = [each for each, uses in self._using.items() if not uses and each is not self._grader]
            for each in idle:
                del self._using[each]
        for each in idle:
            each.close()
