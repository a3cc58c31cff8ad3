"""Who watches which attempt: one look at the database answers everybody, about twice a second, and none while nobody watches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection

from autograder.serve.database import Database
from autograder.serve.progress import Progress, progress
from autograder.serve.tables import State

SECONDS = 0.5
"""Between two looks."""
QUIET_SECONDS = 15.0
"""After which a listener hears that there is nothing new, so that proxies keep the connection."""
AT_MOST = 10
"""Streams of one person; somebody with more pages open has them reload instead."""
_log = logging.getLogger("autograder.serve")


class TooMany(Exception):
    """The person listens often enough."""


class _Listener:
    def __init__(self, attempt: int, person: int) -> None:
        self.attempt = attempt
        self.person = person
        self.latest: Progress | None = None
        self.news = asyncio.Event()

    def tell(self, found: Progress) -> None:
        if found != self.latest:
            self.latest = found
            self.news.set()


class Hub:
    """All listeners of one service; to be used from its event loop alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[_Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self.looks = 0
        """How often the database was asked."""

    async def listen(self, attempt: int, person: int) -> AsyncIterator[Progress | None]:
        """Where the attempt is, now and whenever that changes; `None` when nothing has changed for a while. Ends when it is done.

        Raises:
            TooMany: before anything is told.
        """
        listener = self._join(attempt, person)
        try:
            while True:
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        await listener.news.wait()
                except TimeoutError:
                    yield None
                    continue
                listener.news.clear()
                yield listener.latest
                if listener.latest is not None and listener.latest.state is State.DONE:
                    return
        finally:
            self._listeners.discard(listener)

    def full(self, person: int) -> bool:
        """Whether this person may open no further stream."""
        return sum(each.person == person for each in self._listeners) >= AT_MOST

    def _join(self, attempt: int, person: int) -> _Listener:
        if self.full(person):
            raise TooMany
        listener = _Listener(attempt, person)
        self._listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        return listener

    async def _look(self) -> None:
        try:
            while self._listeners:
                self.looks += 1
                watched = {each.attempt for each in self._listeners}
                try:
                    found = await asyncio.to_thread(self._read, watched)
                except Exception:
                    # Nobody's page is worth less for one look that failed; the next one may not.
                    _log.exception("the progress of attempts could not be read")
                else:
                    for each in tuple(self._listeners):
                        if each.attempt in found:
                            each.tell(found[each.attempt])
                await asyncio.sleep(SECONDS)
        finally:
            self._task = None

    def _read(self, watched: Collection[int]) -> dict[int, Progress]:
        with self._database.read() as db:
            return progress(db, watched)
