"""From a claimed job to what follows from it: a verdict, another try later, or a person who has to look."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from autograder.engine import Engine
from autograder.errors import AutograderError, ClusterError, CourseError, UsageError, WallError
from autograder.fingerprint import Fingerprints
from autograder.records import OUR_FAULT, TOO_CLOSE, Outcome, Report, Status
from autograder.serve import postings, queue
from autograder.serve.attempts import apply_verdict, audit, packed
from autograder.serve.database import Database
from autograder.serve.tables import Job, Purpose, Verdict
from autograder.serve.uploads import Uploads

if TYPE_CHECKING:
    from autograder.serve.elsewhere import Elsewhere

CANNOT = (WallError, ClusterError, CourseError, UsageError)
"""Nothing is wrong with the submission: this machine or this course grades nothing (of an assignment) until somebody acts."""
PAUSE = timedelta(seconds=60)
"""How long a job waits after one of `CANNOT`."""
_PATIENCE = 120.0
"""Seconds for which a verdict is held in memory while the database takes nothing; then it is graded again."""
_log = logging.getLogger("autograder.serve.worker")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Task:
    """What a thread has to know of the job that it grades."""

    job: int
    attempt: int
    sha256: str
    """Of the notebook's bytes."""
    assignment: str | None
    tries: int
    """This one included."""

    @classmethod
    def of(cls, job: Job) -> Task:
        """Of a job that was just claimed."""
        attempt = job.attempt
        return cls(job.id, attempt.id, attempt.sha256, attempt.activity.name or None, job.tries)

    @property
    def suspect(self) -> bool:
        """Whether it was tried before, and so is not to run beside others."""
        return self.tries > 1


class Sources:
    """Fingerprints of submissions, made anew as soon as an author saves a file of their assignment."""

    def __init__(self, engine: Engine | Elsewhere) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._kept: dict[str | None, tuple[tuple[tuple[int, int, int], ...], Fingerprints]] = {}

    def key(self, data: bytes, assignment: str | None) -> str:
        """The fingerprint of `data` with the assignment as it is on the disk now; the engine has read it no earlier.

        Raises:
            UsageError: there is no such assignment.
            CourseError: its files cannot be read.
        """
        course = self._engine.course
        names = (assignment,) if assignment else course.names
        paths = [path for each in map(course.assignment, names) for path in (each.grader, each.notebook)]
        with self._lock:
            try:
                found = [path.stat() for path in paths]
                stamp = tuple((each.st_ino, each.st_size, each.st_mtime_ns) for each in found)
                if assignment not in self._kept or self._kept[assignment][0] != stamp:
                    for name in names:
                        self._engine.forget(name)
                    self._kept[assignment] = (
                        stamp,
                        Fingerprints(course, sandbox=self._engine.sandbox, inventory=self._engine.inventory),
                    )
                return self._kept[assignment][1].of(data, assignment)
            except OSError as error:
                raise CourseError(f"{error.filename} cannot be read ({error.strerror}): put it back.") from error


class Grading:
    """Grades claimed jobs; safe to use from several threads.

    Args:
        worker: the name under which the jobs were claimed.
        clock: gives the time with its zone.
    """

    def __init__(
        self,
        engine: Engine | Elsewhere,
        database: Database,
        uploads: Uploads,
        worker: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._database = database
        self._uploads = uploads
        self._worker = worker
        self._clock = clock
        self._sources = Sources(engine)
        self.ending = False
        """Set before the engine is told to end what it grades: what comes back then is no verdict."""

    def run(self, task: Task) -> None:
        """Grade one job, or use the verdict that is kept, and note everything that follows.

        What the lease no longer covers is dropped: somebody else grades it.

        Raises:
            WallError, ClusterError, CourseError, UsageError: it could not be graded now, and the job was given back without blame.
            DBAPIError: the database took nothing for minutes; the job comes free when its lease ends.
        """
        if task.tries > queue.MAX_TRIES:
            self._leave_to_a_person(task, "", self._lost(task, f"its worker ended {queue.MAX_TRIES} times"))
            return
        try:
            data = self._uploads.read(task.sha256)
            key = self._sources.key(data, task.assignment)
            if self._is_kept(key):
                self._settle(task, key, None, None)
                return
            started = time.monotonic()
            report = self._engine.grade(data, task.assignment)
            seconds = time.monotonic() - started
            changed = self._sources.key(data, task.assignment) != key
        except CANNOT:
            self.give_back(task, blame=False, wait=timedelta(0) if self.ending else PAUSE)
            raise
        except DBAPIError:
            raise
        except Exception as error:
            _log.exception("a grading failed", extra={"job": task.job, "attempt": task.attempt})
            key, seconds, changed = "", 0.0, False
            report = self._lost(task, f"{type(error).__name__}: {error}")
        if self.ending or changed:
            # Judged by nobody, or half by the old files and half by the new ones.
            self.give_back(task, blame=False)
        elif not _ours(report):
            self._settle(task, key, report, seconds)
        else:
            for fault in report.faults or ("something could not be judged",):
                _log.warning("fault of ours: %s", fault, extra={"job": task.job, "attempt": task.attempt})
            if task.tries < queue.MAX_TRIES:
                self.give_back(task)
            else:
                self._leave_to_a_person(task, key, report)

    def give_back(self, task: Task, *, blame: bool = True, wait: timedelta = timedelta(0)) -> None:
        """Let the job be taken again, by whomever."""

        def write(session: Session) -> None:
            job = queue.held(session, task.job, self._worker)
            if job is not None:
                queue.release(job, self._clock(), blame=blame, wait=wait)

        self._insist(write)

    def _leave_to_a_person(self, task: Task, key: str, report: Report) -> None:
        # Under a key of its own: the next equal file deserves a grading.
        own = hashlib.sha256(f"job {task.job} {key}".encode()).hexdigest()
        self._settle(task, own, report, None)

    def _settle(self, task: Task, key: str, report: Report | None, seconds: float | None) -> None:
        """One transaction: the job is done, and the attempt, the LMS and the audit follow."""
        now = self._clock()
        made = None if report is None else packed(key, report, now)

        def write(session: Session) -> Verdict | None:
            job = queue.held(session, task.job, self._worker)
            if job is None:
                return None
            verdict = session.get(Verdict, key)
            if verdict is None:
                assert made is not None, "a kept verdict has gone"
                verdict = made
                session.add(verdict)
                session.flush()
            queue.finish(job, key, now, seconds)
            if job.purpose == Purpose.GRADE:
                attempt = job.attempt
                apply_verdict(session, attempt, verdict)
                postings.update(session, attempt.activity, attempt.person_id, now)
                detail = f"{attempt.number} {verdict.status} {verdict.score:g}"
                audit(session, "attempt.graded", now, activity=attempt.activity, detail=detail)
            return verdict

        verdict = self._insist(write)
        told = {"job": task.job, "attempt": task.attempt, "assignment": task.assignment, "tries": task.tries}
        if verdict is None:
            _log.warning("the lease was lost, so the verdict is dropped", extra=told)
            return
        told |= {"status": verdict.status, "kept": report is None}
        _log.info("graded", extra=told | ({} if seconds is None else {"seconds": round(seconds, 3)}))

    def _is_kept(self, key: str) -> bool:
        with self._database.read() as session:
            return session.scalar(select(Verdict.key).where(Verdict.key == key)) is not None

    def _insist(self, write: Callable[[Session], _T]) -> _T:
        """Do `write` in one transaction, again while the database is away or another worker kept the same verdict just now.

        Raises:
            DBAPIError: it did not work for minutes.
        """
        deadline = time.monotonic() + _PATIENCE
        delay = 0.1
        while True:
            try:
                with self._database.begin() as session:
                    return write(session)
            except DBAPIError as error:
                if time.monotonic() > deadline or self.ending:
                    raise
                if not isinstance(error, IntegrityError):
                    _log.warning("the database did not take a verdict: %s", error.orig)
            time.sleep(delay)
            delay = min(2 * delay, 5.0)

    def _lost(self, task: Task, fault: str) -> Report:
        """The report on something that could not be graded, which costs nobody a mark."""
        name = task.assignment or ""
        try:
            points = sum(self._engine.points(name).values()) if name else 0.0
        except AutograderError:
            points = 0.0
        return Report(
            student="",
            assignment=name,
            status=Status.NEEDS_REVIEW,
            submission_sha256=task.sha256,
            reason=OUR_FAULT,
            max_score=points,
            faults=(fault,),
        )


def _ours(report: Report) -> bool:
    """Whether something went wrong on our side, so that another try may help; a result too close to its limit stays so."""
    unjudged = [check for check in report.checks if check.outcome is Outcome.UNJUDGED]
    close = unjudged and all(check.message == TOO_CLOSE for check in unjudged)
    return bool(report.faults) or (report.status is Status.NEEDS_REVIEW and not close)
