"""A grader whose submissions are graded by a cluster."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any

from autograder.cluster import roster, tasks
from autograder.cluster.identity import Identity
from autograder.cluster.place import Place
from autograder.cluster.roster import Member
from autograder.cluster.tasks import Bundle, Task
from autograder.course import Course
from autograder.data import choose
from autograder.devices import class_of
from autograder.engine import Engine
from autograder.errors import ClusterError, CourseError, EngineError
from autograder.fingerprint import Fingerprints
from autograder.packing import course_files, zipped
from autograder.records import Report
from autograder.text import Text

AHEAD = 4
"""Submissions for each slot of the cluster: one that is graded, and some that have arrived when that is done."""
_AT_LEAST = 32
"""On the smallest cluster: what takes milliseconds is then not held up by the way."""
_CONNECT_SECONDS = 10.0
_JOIN_SECONDS = 60.0
"""For how long a run that finds no worker at all waits for the first."""
_DESERTED_SECONDS = 300.0
"""And for the next, when the last is gone."""
_LOOK_SECONDS = 1.0
_RETURN_SECONDS = 20.0
"""What a nanny may take to start a worker anew, before its whole machine counts as lost."""
_DEATHS = 2
"""Workers that die under a submission that is alone on them; then it is not tried again."""
_LOSSES = 8
"""Workers lost under a submission for whatever reason; likewise."""


class RemoteGrader:
    """Grades submissions of one course on a cluster; use it as a context manager, from any number of threads.

    It has what `batch.grade_class` asks of an `Engine`, and every call of `grade` waits for its verdict. The course is packed once:
    when its files change, make another one.

    Args:
        engine: knows the course; it grades nothing here, so it starts no process.
        tell: called, from a thread of its own, with a sentence about each worker that cannot be used.

    Raises:
        ClusterError: there is no scheduler at `place`, or no worker that would give this machine's verdicts.
        UsageError: certificates cannot be used.
        CourseError: the course cannot be packed.
    """

    def __init__(self, engine: Engine, place: Place, tell: Callable[[str], None] = lambda line: None) -> None:
        self.course: Course = engine.course
        self.sandbox = engine.sandbox
        self.inventory = engine.inventory
        self._engine, self._place, self._tell = engine, place, tell
        self._ours = Identity.here(sandbox=engine.sandbox)
        self._fingerprints = Fingerprints(engine.course, sandbox=engine.sandbox, inventory=engine.inventory)
        self._fingerprints_lock = threading.Lock()
        content = zipped(course_files(engine.course, engine.course.select(()), pinned=True))
        self._bundle = hashlib.sha256(content).hexdigest()
        self._full = any(choose(each.settings.data) == "full" for each in engine.course.select(()))
        self._run = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: set[threading.Event] = set()
        self._over: EngineError | None = None
        self._told: set[str] = set()
        self._fit: list[Member] = []
        self._done = threading.Event()
        self._client = _connect(place)
        try:
            self._client.set_metadata(
                [tasks.BUNDLES, self._bundle], Bundle(content, self._ours.surroundings).to_message()
            )
            self._wait_for_workers()
        except BaseException:
            self._client.close(timeout=5)
            raise
        self._watcher = threading.Thread(target=self._watch, name="cluster", daemon=True)
        self._watcher.start()

    def __enter__(self) -> RemoteGrader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def ahead(self) -> int:
        """How many calls of `grade` keep every slot of the present cluster busy."""
        return max(_AT_LEAST, AHEAD * sum(member.slots for member in self._fit))

    def grade(self, data: bytes, assignment: str | None = None, student: str = "") -> Report:
        """Grade one notebook somewhere; the verdict is that of `Engine.grade`. Who calls first is served first.

        Workers may be lost under it. It is then graded elsewhere, alone on its worker, so that it takes nobody along if it was the
        cause. It is given up when two workers died under it alone and their machines live, or when any eight were lost.

        Raises:
            ClusterError: the scheduler is gone, or no worker is left.
            CourseError: as `Engine.grade`.
            EngineError: it was given up, refused, or met a fault of a worker; the sentence says which.
        """
        number = next(self._numbers)
        with self._fingerprints_lock:
            fingerprint = self._fingerprints.of(data, assignment)
        deaths: list[dict[str, str]] = []
        alone = False
        for attempt in range(_LOSSES):
            name = f"{hashlib.sha256(data).hexdigest()[:12]}-{self._run}-{number}-{attempt}"
            task = Task(name, self._run, self._bundle, fingerprint, assignment, alone)
            answer = self._attempt(data, task, number)
            if "report" in answer:
                return Report.from_dict(answer["report"]).named(student)
            if lost := answer.get("interrupted"):
                deaths += [lost] if alone else []
                alone = True
                if len(deaths) >= _DEATHS:
                    # A machine that was switched off says nothing about what it graded.
                    deaths = [each for each in deaths if self._came_back(each)]
                if len(deaths) >= _DEATHS:
                    homes = ", ".join(each["home"] for each in deaths)
                    raise EngineError(
                        f"Workers died while they graded it and nothing else ({homes}); it is not tried again."
                    )
            elif answer.get("error") == "wall":
                self._say(f"The worker {answer['worker']} leaves: {answer['said']}")
            elif answer.get("error") == "course":
                raise CourseError(answer["said"])
            elif "error" in answer:
                raise EngineError(f"Not graded on {answer['worker']}: {answer['said']}")
        raise EngineError(f"Its worker was lost {_LOSSES} times; it is not tried again.")

    def rejected(self, reason: Text, assignment: str | None, student: str, sha: str = "") -> Report:
        """As `Engine.rejected`."""
        return self._engine.rejected(reason, assignment, student, sha)

    def preload(self, name: str) -> tuple[str, ...]:
        """As `Engine.preload`."""
        return self._engine.preload(name)

    def warm(self, names: Sequence[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Workers warm up by themselves, when the first submission of an assignment arrives; `meanwhile` is begun."""
        if meanwhile is not None:
            threading.Thread(target=meanwhile).start()

    def cancel(self) -> None:
        """Let every call of `grade` end at once, by an `EngineError`; what workers are at, they finish for nobody."""
        self._end(EngineError("Interrupted."))

    def close(self) -> None:
        """Leave the cluster."""
        self.cancel()
        self._done.set()
        self._watcher.join()
        if self._client.status == "running":
            with suppress(Exception):
                self._client.set_metadata([tasks.BEGUN, self._run], {})
        self._client.close(timeout=5)

    def _attempt(self, data: bytes, task: Task, number: int) -> dict[str, Any]:
        """What a worker answers; nothing, when Dask could not say what became of the task."""
        from distributed import KilledWorker

        answered = threading.Event()
        with self._lock:
            if self._over:
                raise self._over
            self._waiting.add(answered)
        future = self._client.submit(
            tasks.grade,
            data,
            asdict(task),
            key=task.name,
            priority=-number,
            resources=self._needs(task.assignment),
            pure=False,
        )
        try:
            future.add_done_callback(lambda _: answered.set())
            answered.wait()
            if self._over:
                raise self._over
            answer: dict[str, Any] = json.loads(future.result(timeout=_CONNECT_SECONDS))
            return answer
        except KilledWorker:
            # It stood in the queues of workers that died, and was never begun.
            return {}
        except EngineError:
            raise
        except Exception as error:
            if self._client.status != "running" or future.cancelled():
                self._end(self._gone())
            raise self._over or EngineError(f"{type(error).__name__}: {error}") from error
        finally:
            with self._lock:
                self._waiting.discard(answered)
            with suppress(Exception):
                future.cancel() if not future.done() else future.release()

    def _needs(self, assignment: str | None) -> dict[str, float]:
        """Dask's resources for one submission."""
        names = [assignment] if assignment in self.course.names else self.course.names
        asked = [self.course.assignment(name) for name in names if name]
        stores = [self._ours.store] if self._ours.store and self._full else []
        needs = dict.fromkeys([self._ours.kind, *stores], 1.0)
        needs[tasks.MEMORY] = float(max(each.limits.memory for each in asked))
        on_cards = any(class_of(each, self.inventory) == "gpu" for each in asked)
        # Without such a worker it goes to any, which says that it has no card.
        if on_cards and any(member.cards for member in self._fit):
            needs[tasks.CARDS] = 1.0
        return needs

    def _gone(self) -> ClusterError:
        return ClusterError(
            f"The scheduler at {self._place.address} is gone: what is graded stays; start it and its workers, then give "
            "the same command again to go on."
        )

    def _end(self, why: EngineError) -> None:
        with self._lock:
            self._over = self._over or why
            for event in self._waiting:
                event.set()

    def _say(self, line: str) -> None:
        with self._lock:
            new = line not in self._told
            self._told.add(line)
        if new:
            self._tell(line)

    def _look(self) -> tuple[list[Member], list[str]]:
        """Every worker there is, and why some of them cannot be used; who can is noted."""
        found = roster.members(self._client.scheduler_info(n_workers=-1))
        unfit = {member.address: member.unfit(self._ours, full=self._full) for member in found}
        self._fit = [member for member in found if unfit[member.address] is None]
        return found, [why for why in unfit.values() if why]

    def _wait_for_workers(self) -> None:
        until = time.monotonic() + _JOIN_SECONDS
        while True:
            found, unfit = self._look()
            if self._fit:
                break
            if found:
                raise ClusterError(f"Nobody at {self._place.address} can grade. {unfit[0]}")
            if time.monotonic() > until:
                raise ClusterError(
                    f"No worker has joined {self._place.address}: start `autograder worker {self._place.address}` on "
                    "each machine, then give the same command again."
                )
            time.sleep(_LOOK_SECONDS / 4)
        for line in unfit:
            self._say(line)

    def _watch(self) -> None:
        """Look at the cluster as long as this grader lives."""
        seen = time.monotonic()
        while not self._done.wait(_LOOK_SECONDS):
            try:
                if self._client.status != "running":
                    raise OSError
                _, unfit = self._look()
            except Exception:
                # Whatever broke: nothing that the scheduler had of ours is there when it comes back.
                self._end(self._gone())
                return
            for line in unfit:
                self._say(line)
            now = time.monotonic()
            seen = now if self._fit else seen
            if now - seen > _DESERTED_SECONDS:
                self._end(
                    ClusterError(
                        f"No worker is left at {self._place.address}: what is graded stays; start some, then give the "
                        "same command again to go on."
                    )
                )
                return

    def _came_back(self, lost: dict[str, str]) -> bool:
        """Whether the machine of a lost worker lives, so that it was the worker alone that died."""
        until = time.monotonic() + _RETURN_SECONDS
        while not self._over and time.monotonic() < until:
            if any(member.home == lost["home"] and member.born != lost["born"] for member in self._fit):
                return True
            time.sleep(_LOOK_SECONDS / 4)
        return False


def _connect(place: Place) -> Any:
    import dask.config
    from distributed import Client

    for name in ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado.application"):
        # What it would say of a scheduler that is gone, we say in one sentence.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # Its graph is one submission, however large.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"})
    try:
        return Client(place.address, security=place.security(), timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ClusterError(
            f"No scheduler answers at {place.address} ({error}): start `dask scheduler` there with certificates of the "
            "same CA, then give the same command again."
        ) from error
