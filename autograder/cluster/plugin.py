"""What runs in a worker's process: Dask knows it as a plugin, and tasks find it there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from distributed import Worker, WorkerPlugin
from distributed.core import Status
from distributed.utils import sync

from autograder.cluster import tasks
from autograder.cluster.identity import Identity
from autograder.cluster.tasks import Bundle, Task
from autograder.cluster.worker import LOG, Offer, log_lines
from autograder.cluster.workshop import Refused, Workshop
from autograder.errors import AutograderError, CourseError, WallError

_log = logging.getLogger(LOG)


class Interrupted(Exception):
    """Another worker had begun this very task, and was lost."""

    def __init__(self, worker: Mapping[str, str]) -> None:
        super().__init__()
        self.worker = dict(worker)


@dataclass
class Grading(WorkerPlugin):
    """Grades what arrives at one worker."""

    identity: Identity
    offer: Offer
    home: str
    """Of the nanny; a worker that appears under the same one is the successor of one that died."""
    name: str = field(default=tasks.PLUGIN, init=False)

    def setup(self, worker: Worker) -> None:
        """Called by Dask when the worker starts."""
        log_lines()
        self._worker = worker
        self._workshop = Workshop(self.identity, self._fetch)
        worker.loop.add_callback(self._announce)

    def teardown(self, worker: Worker) -> None:
        """Called by Dask when the worker ends in order."""
        self._workshop.close()

    def card(self, worker: Worker) -> dict[str, Any]:
        """What the scheduler is told of this worker, for clients to read."""
        return {"identity": asdict(self.identity), **self._own}

    def answer(self, data: bytes, task: Task) -> bytes:
        """What became of a task, as JSON: a `report`; `interrupted`, with the worker that had begun it; or an `error` of some kind.

        Kinds: `refused` (not graded here), `wall` (this worker grades nothing any more), `course`, `fault`.
        """
        started = time.monotonic()
        sha = hashlib.sha256(data).hexdigest()[:12]
        try:
            report = self._workshop.grade(data, task, lambda: self._begin(task))
            answer: dict[str, Any] = {"report": asdict(report)}
            _log.info("graded %s in %.2f s", sha, time.monotonic() - started)
        except Interrupted as error:
            answer = {"interrupted": error.worker}
            _log.info("sent back %s: it was begun on %s, which was lost", sha, error.worker["home"])
        except Exception as error:
            kind = next((kind for kind, known in _KINDS.items() if isinstance(error, known)), "fault")
            told = str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {error}"
            answer = {"error": kind, "said": told, "worker": self.home}
            # Of an error that is not ours, the words could be anybody's.
            _log.error("not graded %s (%s): %s", sha, kind, told if kind != "fault" else type(error).__name__)
            if kind == "wall":
                self._worker.loop.add_callback(self._worker.close_gracefully, reason="a wall is missing")
        return json.dumps(answer).encode()

    async def _announce(self) -> None:
        """Say that this worker has joined, once it has."""
        while self._worker.status != Status.running:
            await asyncio.sleep(0.05)
        _log.info(
            "%s joined %s: %d at a time, %.1f GiB, %s",
            *(self._worker.address, self._worker.scheduler.address, self.offer.jobs, self.offer.memory / (1 << 30)),
            "walls checked" if self.offer.sandbox else "NO SANDBOX",
        )

    @cached_property
    def _own(self) -> dict[str, str]:
        return {"home": self.home, "born": f"{os.getpid()}-{secrets.token_hex(4)}"}

    def _fetch(self, sha: str) -> Bundle | None:
        keys = [tasks.BUNDLES, sha]
        message = sync(self._worker.loop, self._worker.scheduler.get_metadata, keys=keys, default=None)
        return Bundle.from_message(message) if message else None

    def _begin(self, task: Task) -> None:
        """Note that this worker begins the task; a task that another one had begun is not begun again.

        Dask gives the tasks of a lost worker to others at once. One that brings workers down would go through the cluster like
        that; the client is told instead, and decides.
        """

        async def begin() -> dict[str, str]:
            keys, scheduler = [tasks.BEGUN, task.run, task.name], self._worker.scheduler
            # Side by side, since whoever had begun it is gone: together they take as long as one of them.
            known, _ = await asyncio.gather(
                scheduler.get_metadata(keys=keys, default={}),
                scheduler.set_metadata(keys=[*keys, self._own["born"]], value=self._own["home"]),
            )
            return {born: home for born, home in known.items() if born != self._own["born"]}

        for born, home in sync(self._worker.loop, begin).items():
            raise Interrupted({"home": home, "born": born})


_KINDS: dict[str, type[Exception]] = {"refused": Refused, "wall": WallError, "course": CourseError}
