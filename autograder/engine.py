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

from autograder.authoring import Template, imported, read_template
from autograder.authoring.release import SELF_CHECK
from autograder.backends import NEEDS_TENSORFLOW, backend_of, needs_keras, preloaded
from autograder.course import Assignment, Backend, Course
from autograder.data import Profile, choose, mentioned, publish
from autograder.devices import THIS_MACHINE, Inventory, Slot, Slots, class_of
from autograder.errors import DataError, DeviceError, EngineError, SubmissionRejected
from autograder.examination import Examination
from autograder.examiners import EXAMINER, Examiners
from autograder.intake import identify, prepare, read
from autograder.kernel import wire
from autograder.kernel.warm import WarmParent, cache_folder, remove_tree
from autograder.records import PROSE, Answer, Cell, Report, Role, Status
from autograder.sandbox import Plan, libraries
from autograder.scratch import Scratch
from autograder.sight import sees
from autograder.text import LANGUAGES, Language, Text

_STUDENT = "autograder.kernel.child"
Kind = tuple[tuple[str, ...], Backend | None]
"""Of a warm parent: the modules that it has imported, and what Keras computes with in it."""
_EXAMINING: Kind = ((EXAMINER,), None)
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
        inventory: the cards that assignments on a GPU are computed on.
    """

    def __init__(self, course: Course, *, sandbox: bool = True, inventory: Inventory = THIS_MACHINE) -> None:
        self.course = course
        self.sandbox = sandbox
        self.inventory = inventory
        self._slots = Slots(inventory)
        self._lock = threading.Lock()
        self._parents: dict[Kind, WarmParent] = {}
        self._examiners = Examiners(lambda: self._parent(_EXAMINING))
        self._sights: dict[tuple[Kind, str], bool] = {}
        self._templates: dict[tuple[str, Language], Template] = {}
        self._imported: dict[str, tuple[str, ...]] = {}
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
        self._slots.close()
        with self._lock:
            for channel in self._channels:
                with contextlib.suppress(OSError):
                    # The examiner hears its end and goes, and what it started goes with it.
                    channel.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the warm processes and delete the work folders."""
        self._endings.shutdown()
        self._examiners.close()
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
            self._imported.pop(name, None)

    def points(self, name: str) -> dict[str, float]:
        """Points per task of an assignment."""
        return dict(self.template(name, self.course.language).points)

    def warm(self, names: Sequence[str], meanwhile: Callable[[], None] | None = None) -> None:
        """Start the processes that grading these assignments needs, side by side, and read assignments and data meanwhile.

        Args:
            meanwhile: begun in a thread of its own once all is read, and not waited for.

        Raises:
            CourseError: the source of one is wrong.
        """
        starting: dict[Kind, threading.Thread] = {}
        try:
            for kind in chain([_EXAMINING], map(self.kind, names)):
                if kind not in starting:
                    starting[kind] = threading.Thread(target=self._quietly_warm, args=(kind,))
                    starting[kind].start()
            for name in names:
                template = self.template(name, self.course.language)
                # Like a process that does not start, a full disk is told by the first submission that meets it.
                with contextlib.suppress(OSError):
                    self._data(self.course.assignment(name), template)
            if meanwhile is not None:
                # Not before: two threads share one core, and the first submission waits for the assignment alone.
                threading.Thread(target=meanwhile).start()
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
        backend = backend_of(chosen, prepared.cells)
        examination = self._examine(chosen, template, prepared.cells, backend, seed)
        report = examination.report(chosen, prepared.cells, sum(template.points.values()))
        elsewhere = (NEEDS_TENSORFLOW,) if backend not in (None, chosen.backend) else ()
        return replace(
            report,
            student=student,
            submission_sha256=sha,
            repairs=(*prepared.repairs, *elsewhere),
            answers=_answers(prepared.cells, template),
            seconds=time.monotonic() - started,
            backend=backend,
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

    def _examine(
        self, assignment: Assignment, template: Template, cells: Sequence[Cell], backend: Backend | None, seed: int
    ) -> Examination:
        """The examination, on a card where the course says so."""
        memory = assignment.limits.gpu_memory

        def run(slot: Slot | None = None, problem: str | None = None) -> Examination:
            return self._run(assignment, template, cells, backend, seed, slot, problem)

        if class_of(assignment, self.inventory) == "cpu":
            return run()
        try:
            with self._slots.claim(memory) as slot:
                found = run(slot) if self._sees(assignment, backend, slot) else None
            if found is None:
                if assignment.device == "prefer-gpu":
                    return run()
                raise DeviceError(
                    f"{backend or 'What it imports'} does not see the GPU from behind the walls; see docs/devices.md."
                )
            if not (slot.shared and found.stumbled):
                return found
            # What stopped it may have been a neighbour's doing, who took memory or time; alone on a card it is its own.
            with self._slots.claim(memory, alone=True) as slot:
                return run(slot)
        except DeviceError as error:
            return run(problem=str(error))

    def _sees(self, assignment: Assignment, backend: Backend | None, slot: Slot) -> bool:
        """Whether the backend sees the slot's card; asked once for each card."""
        kind = self.preload(assignment.name, backend), backend
        key = kind, slot.card.uuid
        if key not in self._sights:
            self._sights[key] = sees(
                self._parent(kind), slot, assignment.limits, sandbox=self.sandbox, scratch=self._scratch.path
            )
        return self._sights[key]

    def _run(
        self,
        assignment: Assignment,
        template: Template,
        cells: Sequence[Cell],
        backend: Backend | None,
        seed: int,
        slot: Slot | None,
        problem: str | None,
    ) -> Examination:
        students = self._parent((self.preload(assignment.name, backend), backend))
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
            "place": slot.place if slot else {},
            "problem": data.problem or problem,
            "scratch": scratch,
            "seed": seed,
            "run_demos": assignment.run_demos,
            "data": asdict(data),
        }
        examination = Examination(data=data.profile, device="gpu" if slot else "cpu")
        with self._lock:
            self._channels.add(ours)
        try:
            with theirs:
                self._examiners.fork(assignment, [theirs.fileno(), students.requests.fileno()])
            wire.send(ours, job)
            examination.listen(ours, time.monotonic() + assignment.limits.total_seconds + _MARGIN_SECONDS)
        finally:
            seconds = _ENDING_SECONDS if examination.over else 0.0
            if slot is None:
                self._endings.submit(self._end, ours, scratch, seconds)
            else:
                # Whoever gets the place next gets all of its memory.
                self._end(ours, scratch, seconds)
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

    def preload(self, name: str, backend: Backend | None = None) -> tuple[str, ...]:
        """The modules that the warm parent of an assignment, for one backend, has imported before its first fork."""
        libraries = preloaded(self._libraries(name), backend)
        inline = ("matplotlib_inline.backend_inline",) if any(n.startswith("matplotlib") for n in libraries) else ()
        return (*libraries, *inline, _STUDENT)

    def kind(self, name: str) -> Kind:
        """Of the warm parent that an assignment's reference needs; where Keras can only mean TensorFlow, its cells are not read."""
        assignment = self.course.assignment(name)
        backend: Backend | None = None
        if needs_keras(self._libraries(name)):
            backend = assignment.backend
            if backend != "tensorflow":
                template = self.template(name, self.course.language)
                answers = template.solutions
                solved = (replace(cell, source=answers.get(cell.task or "", cell.source)) for cell in template.cells)
                backend = backend_of(assignment, solved)
        return self.preload(name, backend), backend

    def _libraries(self, name: str) -> tuple[str, ...]:
        if name not in self._imported:
            self._imported[name] = imported(self.course.assignment(name))
        return self._imported[name]

    def _parent(self, kind: Kind) -> WarmParent:
        with self._lock:
            parent = self._parents.get(kind)
            if parent is not None and not parent.alive:
                self._parents.pop(kind).close()
                parent = None
        if parent is None:
            preload, backend = kind
            parent = WarmParent(preload, cache_folder() / "matplotlib", backend)
            with self._lock:
                if kind in self._parents:
                    parent.close()
                parent = self._parents.setdefault(kind, parent)
        return parent

    def _quietly_warm(self, kind: Kind) -> None:
        try:
            self._parent(kind)
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
