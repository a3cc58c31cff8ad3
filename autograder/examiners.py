"""One process for each hidden grader, in which its checks are collected; every examination is forked from it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence

from autograder.course import Assignment
from autograder.errors import EngineError
from autograder.kernel.warm import WarmParent, request_fork

EXAMINER = "autograder.examiner.process"
_KEPT = 32
"""Graders whose process is kept; a course has fewer."""


class Examiners:
    """Asks for examinations, from any number of threads.

    Args:
        parent: the warm parent that has imported `EXAMINER`, started anew where it was lost.
    """

    def __init__(self, parent: Callable[[], WarmParent]) -> None:
        self._parent = parent
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str], socket.socket] = {}

    def fork(self, assignment: Assignment, descriptors: Sequence[int]) -> None:
        """Start one examination; it answers, if at all, on the sockets given as `descriptors`.

        Raises:
            EngineError: no process for the grader can be had.
        """
        # What the grader is now, and not what it was when it was first asked for.
        key = str(assignment.grader), assignment.grader_sha256
        with self._lock:
            if key in self._requests:
                try:
                    request_fork(self._requests[key], {}, descriptors)
                    return
                except EngineError:
                    # It is gone, with its parent or by itself; the next one is as good.
                    self._requests.pop(key).close()
            while len(self._requests) >= _KEPT:
                self._requests.pop(next(iter(self._requests))).close()
            self._requests[key] = self._gathering(assignment)
            request_fork(self._requests[key], {}, descriptors)

    def close(self) -> None:
        """Let the processes end; examinations that are running go on."""
        with self._lock:
            for requests in self._requests.values():
                requests.close()
            self._requests.clear()

    def _gathering(self, assignment: Assignment) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._parent().fork({"run": f"{EXAMINER}:gather", "grader": str(assignment.grader)}, [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        return ours
