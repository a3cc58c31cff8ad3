"""One engine for all submissions of an nbgrader run, and for all clicks on Autograde that follow each other."""

from __future__ import annotations

import atexit
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.course import Course
from autograder.engine import Engine

IDLE_SECONDS = 300.0
"""How long warm processes wait for the next submission; importing TensorFlow again takes 8 s, keeping it half a gigabyte."""


class _Warmth:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._made_for: str | None = None
        self._timer: threading.Timer | None = None
        atexit.register(self.close)

    @contextmanager
    def lent(self, course: Course, sandbox: bool) -> Iterator[Engine]:
        """The engine for `course` as its files are now; one caller at a time, as nbgrader grades one submission at a time."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            # A formgrader runs for weeks, and the course's files change meanwhile.
            wanted = _state(course, sandbox)
            if self._engine is None or self._made_for != wanted:
                self.close()
                self._engine, self._made_for = Engine(course, sandbox=sandbox), wanted
            try:
                yield self._engine
            finally:
                self._timer = threading.Timer(IDLE_SECONDS, self.close)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """End the warm processes; the next submission starts new ones."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None


def _state(course: Course, sandbox: bool) -> str:
    digest = hashlib.sha256(repr((course, sandbox)).encode())
    for name in course.names:
        digest.update(course.assignment(name).notebook.read_bytes())
    return digest.hexdigest()


_warmth = _Warmth()
lent = _warmth.lent
close = _warmth.close
