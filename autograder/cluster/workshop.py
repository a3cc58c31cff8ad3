"""What a worker keeps: unpacked courses, each with a warm engine, and the rule who may run beside whom."""

from __future__ import annotations

import hashlib
import io
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.cluster.identity import Identity
from autograder.cluster.tasks import Bundle, Task
from autograder.course import Course
from autograder.engine import Engine
from autograder.errors import EngineError
from autograder.fingerprint import Fingerprints
from autograder.records import Report
from autograder.scratch import Scratch

_KEPT = 2
"""Courses that stay warm while nobody uses them; each holds its libraries in memory."""


class Refused(EngineError):
    """A task that this worker must not grade: its verdict could differ from the one at home."""


class _Opened:
    """One course, unpacked."""

    def __init__(self, folder: Path, *, sandbox: bool) -> None:
        self.folder = folder
        self.engine = Engine(Course.load(folder), sandbox=sandbox)
        self.fingerprints = Fingerprints(self.engine.course, sandbox=sandbox)
        self.users = 0
        self.warm: set[str | None] = set()

    def close(self) -> None:
        self.engine.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Workshop:
    """Grades tasks of any number of courses; safe to use from several threads.

    Args:
        identity: of this machine.
        fetch: gives the bundle of a hash, or `None`; called once for each course that is not open yet.
    """

    def __init__(self, identity: Identity, fetch: Callable[[str], Bundle | None]) -> None:
        self._identity = identity
        self._fetch = fetch
        self._lock = threading.Lock()
        self._opened: dict[str, _Opened] = {}
        self._door = _Door()
        # Whoever starts on this machine next deletes what is left of a worker that was killed.
        self._scratch = Scratch()

    def grade(self, data: bytes, task: Task, begin: Callable[[], None]) -> Report:
        """Grade one submission.

        Args:
            begin: called when everything is ready, right before the submission is touched; may raise to prevent that.

        Raises:
            Refused: the bundle is damaged, or this machine would not be sure to give the client's verdict.
            WallError: as `Engine.grade`.
            CourseError: likewise.
        """
        with self._course(task.bundle) as course:
            if course.fingerprints.of(data, task.assignment) != task.fingerprint:
                raise Refused(
                    "settings or data sets differ from the client's, so its verdict could be another: "
                    "set COURSE_DATA to the same files on both and start `autograder worker` again"
                )
            if task.assignment not in course.warm:
                # Libraries are loaded before the submission begins, so that it is not blamed when that takes the worker down.
                names = course.engine.course.names
                course.engine.warm([task.assignment] if task.assignment in names else [])
                course.warm.add(task.assignment)
            with self._door.passed(alone=task.alone):
                begin()
                return course.engine.grade(data, task.assignment)

    def close(self) -> None:
        """End what is running and every warm process, and delete everything."""
        with self._lock:
            for course in self._opened.values():
                course.engine.cancel()
                course.close()
            self._opened.clear()
            self._scratch.close()

    @contextmanager
    def _course(self, sha: str) -> Iterator[_Opened]:
        with self._lock:
            if sha not in self._opened:
                self._make_room()
                self._opened[sha] = self._open(sha)
            # The one used last stands last.
            course = self._opened[sha] = self._opened.pop(sha)
            course.users += 1
        try:
            yield course
        finally:
            with self._lock:
                course.users -= 1

    def _make_room(self) -> None:
        idle = [sha for sha, course in self._opened.items() if not course.users]
        for sha in idle[: max(0, len(self._opened) - _KEPT + 1)]:
            self._opened.pop(sha).close()

    def _open(self, sha: str) -> _Opened:
        bundle = self._fetch(sha)
        if bundle is None:
            raise Refused("the scheduler has lost the course: give the same command again")
        client = Identity(bundle.surroundings, None)
        if found := client.differences(self._identity):
            raise Refused(f"{'; '.join(found)}: bring both to the same version and start `autograder worker` again")
        if hashlib.sha256(bundle.content).hexdigest() != sha:
            raise Refused("the packed course is not the one that was asked for: somebody or something changed it")
        folder = Path(self._scratch.path) / f"course-{sha}"
        # Hidden graders: for this user alone, whatever the umask.
        folder.mkdir(mode=0o700)
        with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
            archive.extractall(folder)
        return _Opened(folder, sandbox=bool(self._identity.surroundings["walls"]))


class _Door:
    """Lets tasks in side by side, and some of them only alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def passed(self, *, alone: bool) -> Iterator[None]:
        """Enter, and leave at the end; who wants to be alone keeps others from entering until those inside have left."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = alone
            if alone:
                self._changed.wait_for(lambda: not self._inside)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                if alone:
                    self._closed = False
                self._changed.notify_all()
