"""`autograder serve`: brings the database up to date, then keeps the pages and the workers running, each a process of its own."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from autograder.course import Course
from autograder.errors import UsageError
from autograder.serve import lifeline, logs, postings, queue, tables
from autograder.serve.database import Database
from autograder.serve.dev import seed
from autograder.serve.settings import Settings
from autograder.serve.showcase import hand_in_class
from autograder.serve.uploads import Uploads
from autograder.serve.web.service import now

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_SETTLED_SECONDS = 60.0
"""A child that lived so long dies for a new reason, and is started again at once."""
_END_SECONDS = 20.0
"""More than a worker takes to give back what it holds."""
_BIND_SECONDS = 5.0
"""What is left of a service that was killed a moment ago may hold the port for so long."""
_BACKLOG = 2048
_log = logging.getLogger("autograder.serve")


class Child:
    """A process that is started again when it dies, later each time.

    Args:
        start: starts it, under a new name each time where it has one.
        died: called after each death, before the next start.
    """

    def __init__(self, title: str, start: Callable[[], subprocess.Popen[bytes]], died: Callable[[], None]) -> None:
        self.title = title
        self._start = start
        self._died = died
        self._delay = _FIRST_DELAY
        self._next = float("-inf")
        self._began = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def tend(self) -> None:
        """Start it if it is time, and notice if it has died."""
        if self.process is None:
            if time.monotonic() >= self._next:
                self._began = time.monotonic()
                self.process = self._start()
            return
        code = self.process.poll()
        if code is None:
            return
        if time.monotonic() - self._began > _SETTLED_SECONDS:
            self._delay = _FIRST_DELAY
        self._next = time.monotonic() + self._delay
        _log.error("%s ended with %s and is started again", self.title, code, extra={"seconds": self._delay})
        self._delay = min(2 * self._delay, _LONGEST_DELAY)
        self._forget()
        self._died()

    def end(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Until it has ended; at monotonic time `deadline` it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _log.warning("%s does not end and is killed", self.title)
            self.process.kill()
            self.process.wait()
        self._forget()

    def _forget(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process = None


def run(course: Course, settings: Settings, host: str, port: int, *, demo: bool = False) -> None:
    """Serve until interrupted or told to end; then everything that was started has ended.

    Args:
        demo: let the made-up class of `--dev` hand in, once.

    Raises:
        UsageError: database, folder or port cannot be used, or another service uses them.
    """
    logs.configure("launcher")
    with ExitStack() as stack:
        stack.enter_context(_alone(settings))
        listening = stack.enter_context(_listening(host, port))
        database = Database(settings.database)
        stack.callback(database.close)
        database.migrate()
        workers = f"{socket.gethostname()[:32]}/"
        _bury(database, workers)
        if settings.dev:
            with database.begin() as session:
                section = seed(session, course, now())
            if demo:
                handed_in = hand_in_class(database, Uploads(settings.uploads), course, section, now())
                _log.info("the made-up class has handed in", extra={"attempts": handed_in})
        # Its connections are not for the children, and a process that mostly sleeps needs none.
        database.close()
        _tend(_children(settings, database, listening, workers), settings, course)


def _children(settings: Settings, database: Database, listening: socket.socket, workers: str) -> list[Child]:
    number = str(listening.fileno())

    def start_web() -> subprocess.Popen[bytes]:
        return lifeline.start("autograder.serve.web.process", settings, number, sockets=[listening.fileno()])

    def worker(place: int) -> Child:
        names: list[str] = []

        def start() -> subprocess.Popen[bytes]:
            names[:] = [f"{workers}{place}-{secrets.token_hex(4)}"]
            return lifeline.start("autograder.serve.worker", settings, "--name", names[0])

        return Child(f"worker {place}", start, lambda: _bury(database, names[0]))

    return [Child("web", start_web, lambda: None), *map(worker, range(1, settings.workers + 1))]


def _tend(children: list[Child], settings: Settings, course: Course) -> None:
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        _log.info("Serving %s at %s", course.id, settings.base_url)
        while not stop.is_set():
            for child in children:
                child.tend()
            stop.wait(0.2)
    finally:
        for child in children:
            child.end()
        deadline = time.monotonic() + _END_SECONDS
        for child in children:
            child.wait(deadline)
        for number, handler in before.items():
            signal.signal(number, handler)


def _bury(database: Database, beginning: str) -> None:
    """Free what dead workers of ours held, whose names begin so, instead of waiting for their leases to end."""
    from sqlalchemy import delete
    from sqlalchemy.exc import DBAPIError

    try:
        with database.begin() as session:
            freed = queue.abandon(session, beginning, now())
            postings.abandon(session, beginning, now())
            dead = tables.Worker.name.startswith(beginning, autoescape=True)
            session.execute(delete(tables.Worker).where(dead))
    except DBAPIError as error:
        _log.warning("jobs of a dead worker come free when its leases end: %s", error.orig)
        return
    if freed:
        _log.warning("jobs of a dead worker are taken again", extra={"jobs": freed})


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder; the lock ends with this process, however that ends."""
    path = settings.data / "lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                f"Another `autograder serve` uses {settings.data}: end it first, or set AUTOGRADER_DATA to another folder."
            ) from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket on which browsers are answered; it stays open while the process that answers is started again."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(f"--host {host} is no address of this computer ({error.strerror}).") from error
    with socket.socket(family, kind, protocol) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deadline = time.monotonic() + _BIND_SECONDS
        while True:
            try:
                listening.bind(address)
                listening.listen(_BACKLOG)
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise UsageError(f"{host} port {port} cannot be listened on: {error.strerror}.") from error
                if time.monotonic() > deadline:
                    raise UsageError(
                        f"Port {port} of {host} is in use, perhaps by another `autograder serve`: end that, or choose "
                        "another with --port."
                    ) from error
                time.sleep(0.2)
        yield listening
