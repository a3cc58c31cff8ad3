"""The engine: `grade(submission, assignment) -> Report`, the same bytes in, the same verdicts out.

An `Engine` owns the warm processes, nothing else; any number of threads may grade with it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from types import TracebackType

from autograder.authoring import Template, read_template
from autograder.authoring.release import SELF_CHECK
from autograder.course import Assignment, Course
from autograder.data import Profile, choose, mentioned, publish
from autograder.errors import DataError, EngineError, SubmissionRejected
from autograder.examination import Examination
from autograder.intake import identify, prepare, read
from autograder.kernel import wire
from autograder.kernel.warm import WarmParent, cache_folder, remove_tree
from autograder.records import PROSE, Answer, Cell, Report, Role, Status
from autograder.sandbox import Plan, libraries
from autograder.scratch import Scratch
from autograder.text import LANGUAGES, Language, Text

_EXAMINER = "autograder.examiner.process"
_STUDENT = "autograder.kernel.child"
_MARGIN_SECONDS = 300.0
"""What an examination may take beyond the student's own clock before it counts as stuck (our fault)."""

_ENDING_SECONDS = 30.0
"""What an examiner may take, after its last word, to end the processes of its submission."""


@dataclass(frozen=True)
class _Data:
    """The data sets that one submission sees."""

    profile: Profile | None = None
    folder: str | None = None
    problem: str | None = None
    """Why they cannot be used; then nothing is run, and every check is unjudged."""


class Engine:
    """Grades submissions of one course; use it as a context manager.

    Args:
        course: the course whose assignments are graded.
        sandbox: `False` runs student code without walls; every report then says so.
    """

    def __init__(self, course: Course, *, sandbox: bool = True) -> None:
        self.course = course
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._parents: dict[tuple[str, ...], WarmParent] = {}
        self._templates: dict[tuple[str, Language], Template] = {}
        self._preloads: dict[str, tuple[str, ...]] = {}
        self._channels: set[socket.socket] = set()
        self._data_lock = threading.Lock()
        self._published: dict[Profile, _Data] = {}
        self._endings = ThreadPoolExecutor(thread_name_prefix="ending")
        self._scratch = Scratch()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cancel(self) -> None:
        """End the examinations that are running; each comes back unjudged, at once."""
        with self._lock:
            for channel in self._channels:
                with contextlib.suppress(OSError):
                    # The examiner hears its end and goes, and what it started goes with it.
                    channel.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the warm processes and delete the work folders."""
        self._endings.shutdown()
        with self._lock:
            for parent in self._parents.values():
                parent.close()
            self._parents.clear()
        self._scratch.close()

    def template(self, name: str, language: Language) -> Template:
        """The assignment's notebook in one language, read once.

        Raises:
            CourseError: its source is wrong.
            UsageError: there is no such assignment.
        """
        with self._lock:
            if (name, language) not in self._templates:
                self._templates[name, language] = read_template(self.course.assignment(name), language)
            return self._templates[name, language]

    def forget(self, name: str) -> None:
        """Read the assignment's source anew when it is needed next, since it has changed."""
        with self._lock:
            self._templates = {key: template for key, template in self._templates.items() if key[0] != name}
            self._preloads.pop(name, None)

    def points(self, name: str) -> dict[str, float]:
        """Points per task of an assignment."""
        return dict(self.template(name, self.course.language).points)

    def warm(self, names: Sequence[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Start the processes that grading these assignments needs, side by side, and read assignments and data meanwhile.

        Args:
            meanwhile: begun in a thread of its own while they start, and not waited for.

        Raises:
            CourseError: the source of one is wrong.
        """
        starting: dict[tuple[str, ...], threading.Thread] = {}
        try:
            for preload in chain([(_EXAMINER,)], map(self.preload, names)):
                if preload not in starting:
                    starting[preload] = threading.Thread(target=self._quietly_warm, args=(preload,))
                    starting[preload].start()
            if meanwhile is not None:
                threading.Thread(target=meanwhile).start()
            for name in names:
                template = self.template(name, self.course.language)
                # Like a process that does not start, a full disk is told by the first submission that meets it.
                with contextlib.suppress(OSError):
                    self._data(self.course.assignment(name), template)
        finally:
            for thread in starting.values():
                thread.join()

    def grade(self, data: bytes, assignment: str | None = None, student: str = "", *, seed: int = 0) -> Report:
        """Grade one notebook.

        Args:
            data: the bytes of the file as it was handed in.
            assignment: its assignment; `None` leaves it to the notebook to say.
            student: carried into the report.
            seed: of the chance in notebook and checks: 0 when grading; calibration varies it.

        Raises:
            WallError: a wall could not be raised; nothing was run.
            CourseError: the assignment's own source is wrong.
        """
        started = time.monotonic()
        sha = hashlib.sha256(data).hexdigest()
        name = assignment
        try:
            document = read(data)
            name = name or identify(document, [self.template(n, self.course.language) for n in self.course.names])
            language = document.language if document.language in LANGUAGES else self.course.language
            template = self.template(name, language)
            prepared = prepare(document, template)
        except SubmissionRejected as error:
            return self.rejected(error.text, name, student, sha)
        chosen = self.course.assignment(name)
        examination = self._examine(chosen, template, prepared.cells, seed)
        report = examination.report(chosen, prepared.cells, sum(template.points.values()))
        return replace(
            report,
            student=student,
            submission_sha256=sha,
            repairs=prepared.repairs,
            answers=_answers(prepared.cells, template),
            seconds=time.monotonic() - started,
        )

    def rejected(self, reason: Text, assignment: str | None, student: str, sha: str = "") -> Report:
        """The report on a file that cannot be graded."""
        known = assignment in self.course.names
        return Report(
            student=student,
            assignment=assignment or "",
            status=Status.REJECTED,
            submission_sha256=sha,
            grader_sha256=self.course.assignment(assignment).grader_sha256 if known and assignment else "",
            reason=reason,
            max_score=sum(self.points(assignment).values()) if known and assignment else 0.0,
        )

    def _examine(self, assignment: Assignment, template: Template, cells: Sequence[Cell], seed: int) -> Examination:
        examiner = self._parent((_EXAMINER,))
        students = self._parent(self.preload(assignment.name))
        ours, theirs = socket.socketpair()
        scratch = tempfile.mkdtemp(dir=self._scratch.path)
        os.chmod(scratch, 0o711)
        data = self._data(assignment, template)
        read = (*libraries(), *([data.folder] if data.folder else ()))
        plan = Plan.within(assignment.limits, scratch, read, sandbox=self.sandbox)
        job = {
            "assignment": assignment.name,
            "grader": str(assignment.grader),
            "cells": [
                {"id": c.id, "role": c.role.value, "source": c.source, "task": c.task}
                for c in cells
                if c.role not in PROSE
            ],
            "limits": asdict(assignment.limits),
            "plan": plan.to_json(),
            "scratch": scratch,
            "seed": seed,
            "run_demos": assignment.run_demos,
            "data": asdict(data),
        }
        examination = Examination(data=data.profile)
        with self._lock:
            self._channels.add(ours)
        try:
            with theirs:
                examiner.fork({"run": f"{_EXAMINER}:examine"}, [theirs.fileno(), students.requests.fileno()])
            wire.send(ours, job)
            examination.listen(ours, time.monotonic() + assignment.limits.total_seconds + _MARGIN_SECONDS)
        finally:
            self._endings.submit(self._end, ours, scratch, _ENDING_SECONDS if examination.over else 0.0)
        return examination

    def _end(self, channel: socket.socket, scratch: str, seconds: float) -> None:
        """Clear up behind an examiner that ends its student processes, while the next submission is begun.

        Args:
            seconds: what it is given for that before its connection is closed, which ends it and them.
        """
        channel.settimeout(seconds)
        with channel, contextlib.suppress(OSError):
            channel.recv(1)
        with self._lock:
            self._channels.discard(channel)
        remove_tree(scratch)

    def _data(self, assignment: Assignment, template: Template) -> _Data:
        """The data sets for one assignment, published once per profile."""
        code = (cell for cell in template.reference().cells if cell.cell_type == "code")
        # A question may show how data are loaded; asking it loads nothing.
        names = mentioned(cell.source for cell in code if cell.id != SELF_CHECK)
        if not names:
            return _Data()
        profile = choose(assignment.settings.data)
        with self._data_lock:
            if profile not in self._published:
                folder = os.path.join(self._scratch.path, f"data-{profile}")
                try:
                    publish(profile, names, Path(folder))
                    self._published[profile] = _Data(profile, folder)
                except DataError as error:
                    self._published[profile] = _Data(profile, problem=str(error))
            return self._published[profile]

    def preload(self, name: str) -> tuple[str, ...]:
        """The modules that the warm parent of an assignment has imported before its first fork."""
        if name not in self._preloads:
            # Without the quiz, which takes longer to draw than all the rest to read: the parent starts while it is drawn.
            known = self._templates.get((name, self.course.language))
            short = known or read_template(self.course.assignment(name), self.course.language, self_check=False)
            self._preloads[name] = short.preload
        libraries = self._preloads[name]
        inline = ("matplotlib_inline.backend_inline",) if any(n.startswith("matplotlib") for n in libraries) else ()
        return (*libraries, *inline, _STUDENT)

    def _parent(self, preload: tuple[str, ...]) -> WarmParent:
        with self._lock:
            parent = self._parents.get(preload)
            if parent is not None and not parent.alive:
                self._parents.pop(preload).close()
                parent = None
        if parent is None:
            parent = WarmParent(preload, cache_folder() / "matplotlib")
            with self._lock:
                if preload in self._parents:
                    parent.close()
                parent = self._parents.setdefault(preload, parent)
        return parent

    def _quietly_warm(self, preload: tuple[str, ...]) -> None:
        try:
            self._parent(preload)
        except EngineError:
            # The first submission that needs it meets the same error, where it can be told.
            return


def _answers(cells: Sequence[Cell], template: Template) -> tuple[Answer, ...]:
    """What was handed in to each question that a person marks."""
    released = {cell.task: cell.source for cell in template.cells if cell.role is Role.ANSWER}
    return tuple(
        Answer(
            cell.task, None if cell.source == released[cell.task] else hashlib.sha256(cell.source.encode()).hexdigest()
        )
        for cell in cells
        if cell.role is Role.ANSWER and cell.task is not None
    )
