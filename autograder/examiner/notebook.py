"""Runs a prepared notebook on the student's side, and brings it back when its process dies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.course import Limits
from autograder.errors import KernelDied, StudentError, TimedOut
from autograder.kernel.session import Answer, Session
from autograder.records import Cell, CellRun, Output, Role
from autograder.text import Text

_TRACEBACKS = 100_000
"""Characters of tracebacks that a cell may show beyond its other outputs."""
_REPLAYED = frozenset({Role.SETUP, Role.TASK, Role.EXTRA})
"""What brings the student's functions about; by the rule in docs/authoring.md no task builds on a demo cell."""


@dataclass
class Clock:
    """Wall-clock seconds that a submission has left for its own code."""

    left: float

    def spend(self, started: float) -> None:
        """Charge the time since `started` (monotonic)."""
        self.left -= time.monotonic() - started


@dataclass
class LiveNotebook:
    """One submission's notebook with its process.

    A cell that outran its clock or took the process down is not run again, so an endless loop in one task costs the others
    nothing but one clock.
    """

    cells: Sequence[Cell]
    limits: Limits
    start: Callable[[], Session]
    """Starts a fresh walled process."""
    seed: int = 0
    run_demos: bool = True
    walls: tuple[str, ...] = ()
    _session: Session | None = None
    _clock: Clock = field(init=False)
    _skip: set[str] = field(default_factory=set)
    _check_left: float = 0.0

    def __post_init__(self) -> None:
        self._clock = Clock(self.limits.total_seconds)

    def run(self) -> tuple[CellRun, ...]:
        """Run every cell once, top to bottom, whatever happens in between.

        Raises:
            EngineError: no process could be started.
        """
        runs = []
        for number, cell in enumerate(self.cells, start=1):
            if cell.role in _REPLAYED or (self.run_demos and cell.role is Role.DEMO):
                self._ensure(until=number - 1)
                runs.append(self._run_cell(number, cell))
            else:
                runs.append(CellRun(cell))
        return tuple(runs)

    def budget(self, seconds: float) -> None:
        """Give the next check its own clock."""
        self._check_left = seconds

    def ask(self, op: str, arrays: list[np.ndarray] | None = None, **fields: Any) -> Answer:
        """Ask the student's process within the current check's clock; a dead process is replaced first.

        Raises:
            StudentError: the student's side failed, in words.
            EngineError: ours did.
        """
        self._ensure(until=len(self.cells))
        assert self._session is not None
        seconds = min(self._check_left, self._clock.left)
        if seconds <= 0:
            raise TimedOut(_spent(self._clock.left <= 0, self.limits))
        started = time.monotonic()
        try:
            return self._session.ask(op, seconds, arrays, **fields)
        finally:
            self._check_left -= time.monotonic() - started
            self._clock.spend(started)

    def source_line(self, place: Any) -> str | None:
        """The line of the submission that `place` (cell id, line number from 1) points to."""
        if not (isinstance(place, list) and [type(part) for part in place] == [str, int]):
            return None
        for cell in self.cells:
            if cell.id == place[0]:
                lines = cell.source.splitlines()
                if 1 <= place[1] <= len(lines):
                    return lines[place[1] - 1].strip()[:200]
        return None

    def mentions(self, word: str) -> bool:
        """Whether `word` is an identifier that stands in the submission."""
        return word.isidentifier() and any(re.search(rf"\b{word}\b", cell.source) for cell in self.cells)

    def close(self) -> None:
        """End the student's process and everything it started."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def alive(self) -> bool:
        """Whether a process holds the notebook's state right now."""
        return self._session is not None and self._session.alive

    def _ensure(self, until: int) -> None:
        """A living process that has run the first `until` cells."""
        while not self.alive:
            self.close()
            self._session = self.start()
            self.walls = self._session.walls
            for number, cell in enumerate(self.cells[:until], start=1):
                if cell.role in _REPLAYED and cell.id not in self._skip and self._clock.left > 0:
                    self._run_cell(number, cell)
                    if not self.alive:
                        break

    def _run_cell(self, number: int, cell: Cell) -> CellRun:
        assert self._session is not None
        seconds = min(self.limits.cell_seconds, self._clock.left)
        if seconds <= 0:
            return CellRun(cell, problem=_spent(True, self.limits))
        started = time.monotonic()
        try:
            answer = self._session.ask(
                "cell", seconds, id=cell.id, source=cell.source, seed=self.seed * 1009 + number
            ).header
        except TimedOut:
            self._skip.add(cell.id)
            problem = Text(
                es=f"La celda {number} tardó más de {seconds:.0f} s y se detuvo.",
                en=f"Cell {number} ran longer than {seconds:.0f} s and was stopped.",
            )
            return CellRun(cell, problem=problem, seconds=time.monotonic() - started)
        except KernelDied as error:
            self._skip.add(cell.id)
            problem = Text(es=f"La celda {number} {error.text.es}.", en=f"Cell {number} {error.text.en}.")
            return CellRun(cell, problem=problem, seconds=time.monotonic() - started)
        except StudentError as error:
            self._skip.add(cell.id)
            return CellRun(cell, problem=error.text, seconds=time.monotonic() - started)
        finally:
            self._clock.spend(started)
        outputs = _outputs(answer.get("outputs"), self.limits.output)
        return CellRun(cell, outputs, _stopped(number, answer.get("raised")), time.monotonic() - started)


def _stopped(number: int, raised: Any) -> Text | None:
    if not isinstance(raised, dict):
        return None
    name = exception_name(raised.get("types"))
    return Text(es=f"La celda {number} se detuvo con {name.es}.", en=f"Cell {number} stopped with {name.en}.")


def _outputs(value: Any, cap: int) -> tuple[Output, ...]:
    """What the student side says a cell showed, held to `cap` characters once more: its own counting may be forged."""
    room = cap + _TRACEBACKS
    found: list[Output] = []
    for item in value[:1000] if isinstance(value, list) else ():
        mime, data = (item.get("mime"), item.get("data")) if isinstance(item, dict) else (None, None)
        if not isinstance(mime, str) or not isinstance(data, str):
            continue
        if len(data) > room:
            return (*found, Output("cut", str(cap)))
        room -= len(data)
        # Lone surrogates would stop whatever writes this down later.
        found.append(Output(mime[:80], data.encode("utf-8", "replace").decode()))
    return tuple(found)


def _spent(total: bool, limits: Limits) -> Text:
    if total:
        return Text(
            es=f"agotó el tiempo de toda la entrega ({limits.total_seconds:.0f} s)",
            en=f"used up the time of the whole submission ({limits.total_seconds:.0f} s)",
        )
    return Text(es="agotó el tiempo de esta comprobación", en="used up the time of this check")


_TOLD = frozenset(
    [
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "EOFError",
        "FileNotFoundError",
        "FloatingPointError",
        "ImportError",
        "IndentationError",
        "IndexError",
        "InterruptedError",
        "IsADirectoryError",
        "KeyError",
        "KeyboardInterrupt",
        "LookupError",
        "MemoryError",
        "ModuleNotFoundError",
        "NameError",
        "NotADirectoryError",
        "NotImplementedError",
        "OSError",
        "OverflowError",
        "PermissionError",
        "RecursionError",
        "RuntimeError",
        "StopIteration",
        "SyntaxError",
        "SystemExit",
        "TabError",
        "TimeoutError",
        "TypeError",
        "UnboundLocalError",
        "UnicodeDecodeError",
        "UnicodeEncodeError",
        "ValueError",
        "ZeroDivisionError",
        "AxisError",
        "LinAlgError",
        "InvalidArgumentError",
        "ResourceExhaustedError",
        "NotFittedError",
    ]
)


def exception_name(types: Any) -> Text:
    """The most specific well-known class among an exception's; a name of the student's own could spell out hidden inputs."""
    for name in types if isinstance(types, list | tuple) else ():
        if isinstance(name, str) and name in _TOLD:
            return Text(es=name, en=name)
    return Text(es="una excepción", en="an exception")
