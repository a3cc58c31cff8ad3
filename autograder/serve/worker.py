"""The worker: `python -m autograder.serve.worker` grades what is in the queue, and sends marks to the LMS, until it is told to end.

`autograder serve` starts one as a child process, or as many as `AUTOGRADER_WORKERS` says. More may run on other machines: with the
same `AUTOGRADER_DATABASE` (PostgreSQL), `AUTOGRADER_URL` and course, and an `AUTOGRADER_DATA` folder that all of them share, since
uploads and keys lie there. A worker holds jobs by leases, so it may be killed at any moment: what it held is taken again.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from autograder.course import Course
from autograder.engine import Engine
from autograder.errors import ClusterError, WallError
from autograder.fingerprint import engine_sha256
from autograder.machine import default_jobs
from autograder.serve import queue, tables
from autograder.serve.database import Database
from autograder.serve.grading import CANNOT, PAUSE, Grading, Task
from autograder.serve.postman import Postman
from autograder.serve.settings import Settings
from autograder.serve.tables import Activity, Job, Kind, State
from autograder.serve.uploads import Uploads
from autograder.serve.web.service import now

if TYPE_CHECKING:
    from autograder.serve.elsewhere import Elsewhere

RENEW_SECONDS = 10.0
"""Between renewals of the leases; several may fail before a job is lost."""
GRACE_SECONDS = 8.0
"""What running jobs get to finish when the worker is told to end."""
POSTMEN = 2
"""A platform that answers slowly then keeps the marks of others waiting for less."""
_ON_CLUSTER = 32
"""Jobs that one worker holds at a time where a cluster grades them; it has threads that wait, and nothing else to do."""
_POLL_SECONDS = 0.3
_CANCEL_SECONDS = 5.0
_log = logging.getLogger("autograder.serve.worker")


class Worker:
    """Grades with one warm engine, several jobs at a time, each in a thread that waits for processes of its own.

    Args:
        name: unique among all that ever held a lease; at most 64 characters.
        clock: gives the time with its zone.
    """

    def __init__(
        self,
        course: Course,
        settings: Settings,
        database: Database,
        name: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.name = name
        self._course = course
        self._settings = settings
        self._database = database
        self._clock = clock
        self._jobs = settings.jobs or (_ON_CLUSTER if settings.dask else default_jobs(course.largest_memory))
        self._stop = threading.Event()
        self._gone = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[int, Task] = {}
        self._problems: dict[str | None, str] = {}
        self._paused_until = float("-inf")
        self._started_at = clock()

    def stop(self) -> None:
        """Begin to end: nothing more is claimed. May be called from a signal handler."""
        self._stop.set()
        self._wake.set()

    def run(self) -> bool:
        """Work until `stop`; whether every thread has ended, so that the process can end in order.

        What runs then gets a few seconds; the rest is given back without blame, at once.
        """
        uploads = Uploads(self._settings.uploads)
        keeper = threading.Thread(target=self._keep_leases, name="leases", daemon=True)
        postmen = [
            Postman(self._database, self._course.language, self._settings, f"{self.name}.{number}", self._clock)
            for number in range(1, POSTMEN + 1)
        ]
        posting = [threading.Thread(target=each.run, args=(self._stop,), name="post", daemon=True) for each in postmen]
        with self._grader() as engine:
            grading = Grading(engine, self._database, uploads, self.name, self._clock)
            pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="grading")
            for thread in (keeper, *posting, threading.Thread(target=self._warm, args=(engine,), daemon=True)):
                thread.start()
            _log.info("the worker has started", extra={"worker": self.name, "jobs": self._jobs})
            while not self._stop.is_set():
                for task in self._claim():
                    pool.submit(self._work, grading, task)
                self._wake.wait(_POLL_SECONDS)
                self._wake.clear()
            ended = self._end(engine, grading)
            for thread in posting:
                thread.join(timeout=GRACE_SECONDS if ended else 0.0)
            self._gone.set()
            self._sign_off()
            pool.shutdown(wait=False, cancel_futures=True)
        _log.info("the worker has ended", extra={"worker": self.name})
        return ended and not any(thread.is_alive() for thread in posting)

    @contextmanager
    def _grader(self) -> Iterator[Engine | Elsewhere]:
        """What grades: an engine of our own, or a cluster."""
        with Engine(self._course, sandbox=self._settings.sandbox) as engine:
            if not self._settings.dask:
                yield engine
                return
            from autograder.cluster import Place
            from autograder.serve.elsewhere import Elsewhere

            elsewhere = Elsewhere(engine, Place.of(self._settings.dask))
            try:
                yield elsewhere
            finally:
                elsewhere.close()

    def _claim(self) -> Sequence[Task]:
        """Take as many jobs as there are free slots."""
        with self._lock:
            busy = len(self._running)
            alone = any(task.suspect for task in self._running.values())
        if alone or busy >= self._jobs or time.monotonic() < self._paused_until:
            return ()
        # After a wall was missing one job tries whether it is there again.
        free = 1 if None in self._problems else self._jobs - busy
        try:
            with self._database.read() as session:
                if not queue.waits(session, self._clock()):
                    return ()
            with self._database.begin() as session:
                jobs = queue.claim(session, self.name, free, self._clock(), idle=not busy)
                tasks = [Task.of(job) for job in jobs]
        except DBAPIError as error:
            _log.warning("the database cannot be asked for jobs: %s", error.orig)
            self._stop.wait(2.0)
            return ()
        with self._lock:
            self._running |= {task.job: task for task in tasks}
        return tasks

    def _work(self, grading: Grading, task: Task) -> None:
        """One job, in a thread of the pool."""
        try:
            grading.run(task)
            self._solved(None, task.assignment)
        except CANNOT as error:
            self._met(error, task)
        except Exception:
            # The lease is not renewed any more, so somebody takes the job again.
            _log.exception("a job could not be settled", extra={"job": task.job, "attempt": task.attempt})
        finally:
            with self._lock:
                del self._running[task.job]
            self._wake.set()

    def _met(self, error: Exception, task: Task) -> None:
        wall = isinstance(error, WallError | ClusterError)
        if wall:
            self._paused_until = time.monotonic() + PAUSE.total_seconds()
        _log.error("nothing can be graded: %s", error, extra={"assignment": task.assignment})
        with self._lock:
            self._problems[None if wall else task.assignment or ""] = str(error)
        self._tell()

    def _solved(self, *names: str | None) -> None:
        with self._lock:
            known = [self._problems.pop(name, None) for name in names]
        if any(known):
            self._tell()

    def _keep_leases(self) -> None:
        """Renew, and say that we are alive, whatever a grading does; the process's own end is what ends the leases."""
        self._tell()
        while not self._gone.wait(RENEW_SECONDS):
            self._tell()

    def _tell(self) -> None:
        with self._lock:
            jobs = list(self._running)
            problem = " ".join(dict.fromkeys(self._problems.values()))
        try:
            with self._database.begin() as session:
                self._renew(session, jobs, problem)
        except DBAPIError as error:
            _log.warning("the leases could not be renewed: %s", error.orig)

    def _renew(self, session: Session, jobs: Sequence[int], problem: str) -> None:
        moment = self._clock()
        if jobs:
            queue.renew(session, self.name, moment, jobs)
        row = session.get(tables.Worker, self.name)
        if row is None:
            row = tables.Worker(
                name=self.name, started_at=self._started_at, jobs=self._jobs, engine_sha256=engine_sha256()
            )
            session.add(row)
        row.seen_at, row.problem = moment, problem
        # Of those that were killed nobody else speaks.
        session.execute(delete(tables.Worker).where(tables.Worker.seen_at < moment - 20 * queue.ALIVE))

    def _end(self, engine: Engine | Elsewhere, grading: Grading) -> bool:
        """Let running jobs finish for a moment, then end them; whether all threads are back."""
        if self._idle_within(GRACE_SECONDS):
            return True
        grading.ending = True
        deadline = time.monotonic() + _CANCEL_SECONDS
        while not self._idle_within(0.2):
            # Again and again: one that was just starting would have been missed.
            engine.cancel()
            if time.monotonic() > deadline:
                return False
        return True

    def _idle_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                if not self._running:
                    return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def _sign_off(self) -> None:
        """Give back what is still held, without blame, and the name."""
        try:
            with self._database.begin() as session:
                held = (Job.worker == self.name, Job.state == State.RUNNING)
                for job in session.scalars(select(Job).where(*held).with_for_update(of=Job)):
                    queue.release(job, self._clock(), blame=False)
                session.execute(delete(tables.Worker).where(tables.Worker.name == self.name))
        except DBAPIError as error:
            _log.warning("the jobs could not be given back, so they come free when their leases end: %s", error.orig)

    def _warm(self, engine: Engine | Elsewhere) -> None:
        """Start what the classes' assignments need, so that the first student does not wait for TensorFlow."""
        try:
            with self._database.read() as session:
                wanted = set(session.scalars(select(Activity.name).where(Activity.kind == Kind.ASSIGNMENT)))
            engine.warm(sorted(wanted & set(self._course.names)))
        except Exception as error:
            # The first job that needs it meets the same error, where it can be told.
            _log.warning("could not warm up: %s", error)


def new_name() -> str:
    """A name for a worker that nobody gave one: `<machine>-<process>-<chance>`."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the process; see `--help`."""
    from argparse import ArgumentParser

    from autograder.serve import lifeline
    from autograder.serve.logs import configure

    parser = ArgumentParser("python -m autograder.serve.worker", description=__doc__)
    parser.add_argument(
        "--course", type=Path, help="the course's folder; by default the one around the working directory"
    )
    parser.add_argument("--jobs", type=int, help="submissions at the same time; by default as cores and memory allow")
    parser.add_argument("--no-sandbox", action="store_true", help="run student code without walls")
    parser.add_argument(
        "--child", action="store_true", help="settings come on standard input, whose end ends the worker"
    )
    parser.add_argument("--name", default="", help="under which jobs are held; unique")
    given = parser.parse_args(arguments)
    configure("worker")
    if given.child:
        settings = lifeline.inherited()
    else:
        root = Course.load(given.course).root
        settings = Settings.read(root, host="127.0.0.1", port=8000, sandbox=not given.no_sandbox, jobs=given.jobs)
    database = Database(settings.database)
    database.check()
    worker = Worker(Course.load(settings.course_root), settings, database, given.name or new_name())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if given.child:
        lifeline.watch(worker.stop, GRACE_SECONDS + _CANCEL_SECONDS + 5.0)
    ended = worker.run()
    database.close()
    if not ended:
        # A thread waits for something that may take minutes; its job has been given back.
        os._exit(0)


if __name__ == "__main__":
    from autograder.errors import AutograderError

    try:
        main()
    except AutograderError as error:
        logging.getLogger("autograder.serve.worker").error("%s", error)
        raise SystemExit(2) from error
