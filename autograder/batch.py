"""A class: every submission graded once, several at a time, and nothing lost when one of them is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import Protocol

from autograder.course import Course
from autograder.devices import Inventory
from autograder.errors import ClusterError, CourseError, WallError
from autograder.fingerprint import Fingerprints
from autograder.intake import Handed
from autograder.journal import Journal
from autograder.records import Report, Status
from autograder.text import Text

_LOST = Text(
    es="La entrega no se ha podido juzgar por un fallo nuestro; la mirará una persona.",
    en="The submission could not be judged because of a fault on our side; a person will look at it.",
)
_NOTHING = Text(es="No hay ningún cuaderno en la entrega.", en="There is no notebook in the submission.")
_AHEAD = 64
"""Submissions that wait in the executor: enough to keep any number of jobs busy, and no more results than that in memory."""
_STOPS = (WallError, CourseError, ClusterError)
"""What would meet every other submission too."""


class Grader(Protocol):
    """What grades single submissions: an `Engine` here, a `cluster.RemoteGrader` elsewhere."""

    @property
    def course(self) -> Course:
        """Whose assignments it grades."""

    @property
    def sandbox(self) -> bool:
        """Whether student code is run behind walls."""

    def grade(self, data: bytes, assignment: str | None = None, student: str = "") -> Report:
        """See `Engine.grade`; called in a thread of the executor, which waits for the verdict."""

    def rejected(self, reason: Text, assignment: str | None, student: str, sha: str = "") -> Report:
        """See `Engine.rejected`."""

    def preload(self, name: str) -> tuple[str, ...]:
        """See `Engine.preload`."""

    @property
    def inventory(self) -> Inventory:
        """The cards that assignments on a GPU are computed on, as far as they decide a verdict's key."""

    def warm(self, names: Sequence[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Called before the first submission, with the assignments that will come; see `Engine.warm`."""

    def cancel(self) -> None:
        """Called when the class is given up: let every call of `grade` end at once."""


@dataclass(frozen=True)
class Graded:
    """One submission of a class with its verdict."""

    report: Report
    """Without its cells where the journal holds them, so that a large class does not fill the memory."""
    key: str | None = None
    """Under which the journal holds the whole verdict."""
    fresh: bool = True
    """Whether it was graded now, rather than found in the journal or equal to another of the class."""

    def whole(self, journal: Journal | None) -> Report:
        """The report with its cells, as far as the journal still has them."""
        if journal is None or self.key is None:
            return self.report
        return replace(self.report, cells=journal.cells(self.key))


def grade_class(
    engine: Grader,
    handed: Sequence[Handed],
    executor: Executor,
    done: Callable[[Graded], None] = lambda graded: None,
    *,
    journal: Journal | None = None,
    fresh: bool = False,
    meanwhile: Callable[[], None] | None = None,
    ahead: Callable[[], int] = lambda: _AHEAD,
) -> list[Graded]:
    """Grade everything that was handed in, in the order of `handed`; files with equal bytes once.

    Args:
        executor: runs the gradings; threads are enough, since each waits for processes of its own.
        done: called in this thread with each verdict as it is ready.
        journal: what it holds is not graded again, and every verdict is kept there as soon as it is known; not those in which
            something was our fault, so that the next run tries again.
        fresh: grade everything again all the same.
        meanwhile: begun in a thread of its own while warm processes start, and not waited for; not begun where none is needed.
        ahead: how many submissions the executor is to have at a time; asked again and again, since a cluster grows and shrinks.

    Raises:
        WallError: a wall could not be raised; what was running ends, nothing more is started.
        CourseError: an assignment's own source is wrong; likewise.
        ClusterError: whoever was to grade is out of reach; likewise.
        EngineError: the journal could not be written; likewise. What it holds already stays.
    """
    return _Batch(engine, handed, executor, done, journal, fresh, ahead).run(meanwhile)


class _Batch:
    def __init__(
        self,
        engine: Grader,
        handed: Sequence[Handed],
        executor: Executor,
        done: Callable[[Graded], None],
        journal: Journal | None,
        fresh: bool,
        ahead: Callable[[], int],
    ) -> None:
        self._engine, self._handed, self._executor = engine, handed, executor
        self._done, self._journal, self._fresh = done, journal, fresh
        self._ahead = ahead
        self._graded: dict[int, Graded] = {}

    def run(self, meanwhile: Callable[[], None] | None) -> list[Graded]:
        waiting = self._known()
        running: dict[Future[Report], str] = {}
        keys = iter(sorted(waiting, key=self._order(waiting), reverse=True))
        asked = {self._handed[place].assignment for places in waiting.values() for place in places}
        if waiting:
            self._engine.warm(sorted(name for name in asked if name in self._engine.course.names), meanwhile)
        try:
            while True:
                for key in keys:
                    item = self._handed[waiting[key][0]]
                    data = item.data
                    assert data is not None
                    running[self._executor.submit(self._engine.grade, data, item.assignment)] = key
                    if len(running) >= self._ahead():
                        break
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    key = running.pop(future)
                    self._finish(key, waiting[key], future)
        except BaseException:
            for future in running:
                future.cancel()
            self._engine.cancel()
            raise
        return [self._graded[place] for place in sorted(self._graded)]

    def _known(self) -> dict[str, list[int]]:
        """Settle what needs no grading; the places of the rest by fingerprint."""
        prints = Fingerprints(self._engine.course, sandbox=self._engine.sandbox, inventory=self._engine.inventory)
        waiting: dict[str, list[int]] = {}
        for place, item in enumerate(self._handed):
            data = item.data
            if data is None:
                report = self._engine.rejected(item.problem or _NOTHING, item.assignment, item.student)
                self._settle(place, Graded(report))
                continue
            key = prints.of(data, item.assignment)
            kept = self._journal.find(key) if self._journal is not None and not self._fresh else None
            if kept is None:
                waiting.setdefault(key, []).append(place)
            else:
                self._settle(place, Graded(_for(item, kept), key, fresh=False))
        return waiting

    def _order(self, waiting: Mapping[str, list[int]]) -> Callable[[str], tuple[float, float]]:
        """What to sort by so that the longest come last: begun at the end, one of them would keep a single core busy.

        How long submissions of an assignment took is known from the journal. Where it is not, more libraries to load promise more
        work; what could be any assignment counts as the longest of all.
        """
        known = self._journal.seconds() if waiting and self._journal is not None else {}
        names = self._engine.course.names

        def size(key: str) -> tuple[float, float]:
            name = self._handed[waiting[key][0]].assignment
            if name not in names:
                return math.inf, math.inf
            return known.get(name, math.inf), len(self._engine.preload(name))

        return size

    def _finish(self, key: str, places: list[int], future: Future[Report]) -> None:
        kept = False
        try:
            report = future.result()
        except _STOPS:
            raise
        except Exception as error:
            # Whatever went wrong with this one, the others still have to be graded.
            report = _lost(self._handed[places[0]], error)
        else:
            if self._journal is not None and not report.faults:
                self._journal.keep(key, report)
                report, kept = replace(report, cells=()), True
        for place in places:
            verdict = _for(self._handed[place], report)
            self._settle(place, Graded(verdict, key if kept else None, fresh=place == places[0]))

    def _settle(self, place: int, graded: Graded) -> None:
        self._graded[place] = graded
        self._done(graded)


def _for(item: Handed, report: Report) -> Report:
    named = report.named(item.student)
    return named.with_repair(item.problem) if item.problem else named


def _lost(item: Handed, error: Exception) -> Report:
    return Report(
        student=item.student,
        assignment=item.assignment or "",
        status=Status.NEEDS_REVIEW,
        reason=_LOST,
        faults=(f"{type(error).__name__}: {error}",),
    )
