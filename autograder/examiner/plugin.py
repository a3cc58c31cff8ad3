"""The pytest plugin that turns a hidden grader's test functions into `CheckResult`s."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from autograder.checks.declaration import Check, declared
from autograder.checks.expectations import Borderline, CheckFailed, taken
from autograder.data import DataSets
from autograder.errors import (
    BadReply,
    CourseError,
    EngineError,
    KernelDied,
    Missing,
    NotDone,
    Raised,
    StudentError,
    TimedOut,
)
from autograder.examiner.notebook import LiveNotebook
from autograder.examiner.student import Student
from autograder.records import OUR_FAULT, TOO_CLOSE, Cause, CheckResult, Outcome
from autograder.text import Text

PASSED = Text(es="Correcto.", en="Right.")
_WRONG = Text(
    es="Tu código se ejecuta, pero el resultado no es el que se pide.",
    en="Your code runs, but its result is not what was asked for.",
)


class Examined(Protocol):
    """One submission's examination, as the plugin sees it."""

    assignment: str
    """Prefix of the check ids."""
    seed: int
    """0 when grading; `autograder calibrate` varies it."""
    seconds: float
    """Clock of a check that names none."""
    data: DataSets
    """The data sets that student code sees."""

    def announce(self, checks: list[Check]) -> None:
        """Called once with the checks, before any student code runs."""

    def begin(self) -> tuple[LiveNotebook, Student]:
        """Called once after that; runs the notebook."""

    def report(self, result: CheckResult, fault: str | None) -> None:
        """Called with each result and, when the fault is not the student's, where it arose."""


class GraderPlugin:
    """Collects the checks, provides the fixtures, and reports each verdict as soon as it is known.

    Args:
        examined: called once the checks are collected; what it returns is judged.
    """

    def __init__(self, examined: Callable[[], Examined]) -> None:
        self._examined = examined
        self._now: Examined
        self._live: tuple[LiveNotebook, Student] | None = None
        self._checks: list[Check] = []
        self.broken: str | None = None
        """Why the grader could not be collected; `None` if it could."""
        self.collected = False
        """Whether pytest came as far as naming the checks; a grader that exits on import keeps it from that."""
        self.stopped: EngineError | None = None
        """Why nothing could be run at all: a wall that could not be raised, a process that did not start."""

    # --- fixtures ----------------------------------------------------------------------------------------------------

    @pytest.fixture
    def student(self) -> Student:
        assert self._live is not None
        return self._live[1]

    @pytest.fixture
    def data(self) -> DataSets:
        return self._now.data

    @pytest.fixture
    def seed(self, request: pytest.FixtureRequest) -> int:
        # Not `hash`, which differs from process to process.
        return zlib.crc32(f"{self._now.seed}:{request.node.name}".encode())

    @pytest.fixture
    def rng(self, seed: int) -> np.random.Generator:
        return np.random.default_rng(seed)

    # --- hooks -------------------------------------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken = f"{Path(str(report.nodeid)).name} could not be imported: {_last_line(report.longrepr)}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        checks = []
        for item in session.items:
            found = declared(getattr(item, "function", None))
            if found is None:
                self.broken = f"{item.name} has no @check, so it has neither a task nor points."
            else:
                checks.append(found)
        names = [found.name for found in checks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            # Parametrised, or in two classes: one id would carry its points more than once.
            self.broken = f"there is more than one check called {twice[0]}."
        if not checks and self.broken is None:
            self.broken = "it holds no check."
        self.collected = True
        self._checks = checks

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        self._now = self._examined()
        if self.broken is not None:
            return True
        self._now.announce(self._checks)
        try:
            self._live = self._now.begin()
        except EngineError as error:
            self.stopped = error
            return True
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        found = declared(getattr(item, "function", None))
        assert found is not None
        assert self._live is not None
        self._live[0].budget(found.seconds or self._now.seconds)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        assert call.when != "collect"
        if call.when == "call" or (call.when == "setup" and call.excinfo is not None):
            self._judge(item, call)
        # pytest's own would render every traceback, which nobody reads: parsing the grader for that took half of an examination.
        return pytest.TestReport(
            item.nodeid, item.location, {}, "failed" if call.excinfo else "passed", None, call.when
        )

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        found = declared(getattr(item, "function", None))
        assert found is not None
        error = call.excinfo.value if call.excinfo is not None else None
        hints: Mapping[str, Text] = getattr(getattr(item, "module", None), "HINTS", {})
        outcome, message, hint, fault = judge(error, hints)
        assert self._live is not None
        remarks = self._live[1].remarked()
        if outcome is not Outcome.UNJUDGED:
            for remark in remarks:
                message = message + remark
        result = CheckResult(
            id=f"{self._now.assignment}.{found.name}",
            task=found.task,
            outcome=outcome,
            max_points=found.points,
            title=found.title,
            message=message,
            seconds=call.duration,
            hint=hint,
            cause=cause(error),
            room=tuple(measure.room for measure in taken()),
        )
        self._now.report(result, fault)


def judge(error: BaseException | None, hints: Mapping[str, Text]) -> tuple[Outcome, Text, str | None, str | None]:
    """Outcome, message, hint and our fault (if it is one) for what a check raised."""
    if error is None:
        return Outcome.PASSED, PASSED, None, None
    if isinstance(error, Borderline):
        return Outcome.UNJUDGED, TOO_CLOSE, None, None
    if isinstance(error, CheckFailed):
        if error.hint is not None and error.hint not in hints:
            return Outcome.UNJUDGED, OUR_FAULT, None, f"HINTS has no {error.hint!r}"
        return Outcome.FAILED, hints[error.hint] if error.hint else _WRONG, error.hint, None
    if isinstance(error, KernelDied | TimedOut):
        text = Text(es=f"Tu código {error.text.es}.", en=f"Your code {error.text.en}.")
        return Outcome.FAILED, text, None, None
    if isinstance(error, StudentError):
        return Outcome.FAILED, error.text, None, None
    if isinstance(error, AssertionError):
        return Outcome.FAILED, _WRONG, None, None
    return Outcome.UNJUDGED, OUR_FAULT, None, _where(error)


def cause(error: BaseException | None) -> Cause | None:
    """Why there was no answer to judge; `None` where a check passed, failed by its own words, or was stopped by us."""
    return next((found for kind, found in _CAUSES.items() if isinstance(error, kind)), None)


_CAUSES: Mapping[type[StudentError], Cause] = {
    NotDone: Cause.NOT_DONE,
    Missing: Cause.MISSING,
    Raised: Cause.RAISED,
    TimedOut: Cause.TIMED_OUT,
    KernelDied: Cause.DIED,
    BadReply: Cause.BAD_REPLY,
}


def _where(error: BaseException) -> str:
    """Class and place of a fault of ours; its message is left out, since it may quote hidden values."""
    place = ""
    step = error.__traceback__
    while step is not None:
        place = f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
        step = step.tb_next
    if isinstance(error, CourseError):
        return str(error)
    return f"{type(error).__name__} at {place}"


def _last_line(longrepr: object) -> str:
    lines = [line.strip() for line in str(longrepr).splitlines() if line.strip()]
    return next((line.removeprefix("E").strip() for line in reversed(lines)), "no reason given")[:300]
