"""The frozen records that travel from the kernel to the gradebook.

Everything that is shown or stored (terminal, JSON, feedback page, gradebook) is rendered from a `Report`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from autograder.text import Language, Text

SCHEMA = 1
OUR_FAULT = Text(
    es="No se ha podido juzgar por un fallo nuestro. Lo mirará una persona; no te cuesta nada.",
    en="This could not be judged because of a fault on our side. A person will look at it; it costs you nothing.",
)
"""What a student reads beside an unjudged check."""
TOO_CLOSE = Text(
    es="El resultado queda tan cerca del límite que el azar podría decidirlo. Lo mirará una persona; no te cuesta nada.",
    en="The result is so close to the limit that chance could decide it. A person will look at it; it costs you nothing.",
)
"""The same, where nobody is at fault: a measured value within the noise of its threshold."""


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"


class Status(StrEnum):
    """What became of one submission."""

    GRADED = "graded"
    NEEDS_REVIEW = "needs_review"
    REJECTED = "rejected"


class Cause(StrEnum):
    """What kept student code from giving an answer that could be judged."""

    NOT_DONE = "not_done"
    """The released stub is still in place."""
    MISSING = "missing"
    """The name was never defined."""
    RAISED = "raised"
    """It raised an exception."""
    TIMED_OUT = "timed_out"
    """It outran its clock."""
    DIED = "died"
    """It took its process down: memory, processes, exit, signal."""
    BAD_REPLY = "bad_reply"
    """What came back is damaged, oversized, stale or forged."""


class Role(StrEnum):
    """What a cell of an assignment is for; every role but `TASK`, `ANSWER` and `EXTRA` is locked."""

    TEXT = "text"
    """Markdown."""
    SETUP = "setup"
    """Imports and data that student code builds on."""
    TASK = "task"
    """The cell a student fills in."""
    ANSWER = "answer"
    """The text cell in which a student answers a question in their own words; a person marks it."""
    CHECK = "check"
    """A public check; not run when grading, since hidden checks decide."""
    DEMO = "demo"
    """Plots and experiments that use what the student wrote."""
    EXTRA = "extra"
    """A cell that the student added."""


PROSE = (Role.TEXT, Role.ANSWER)
"""The roles whose cells hold Markdown; they are never run."""


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook, reduced to what grading needs."""

    id: str
    """Stable within the assignment; made up for a student's own cells."""
    role: Role
    source: str
    task: str | None = None
    """The task that a `TASK` or `CHECK` cell belongs to; the question of an `ANSWER` cell."""


@dataclass(frozen=True)
class Output:
    """One output of a cell: data from the student's side, never trusted."""

    mime: str
    """`text/plain`, `image/png`, …; `stream/stdout`, `stream/stderr` and `error` for the rest."""
    data: str
    """Text; base64 for images."""


@dataclass(frozen=True)
class CellRun:
    """A cell with what happened when the notebook was run."""

    cell: Cell
    outputs: tuple[Output, ...] = ()
    problem: Text | None = None
    """Why the cell did not finish, in words; `None` when it did."""
    seconds: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CellRun:
        """The inverse of `dataclasses.asdict`."""
        return cls(
            Cell(**{**data["cell"], "role": Role(data["cell"]["role"])}),
            tuple(Output(**output) for output in data["outputs"]),
            Text(**data["problem"]) if data["problem"] else None,
            data["seconds"],
        )


@lru_cache(1 << 12)
def _shared(es: str, en: str) -> Text:
    """One object for all equal sentences: a class repeats few, and they make most of what its reports hold in memory."""
    return Text(es, en)


@dataclass(frozen=True)
class CheckResult:
    """One hidden check, judged."""

    id: str
    """`<assignment>.<check>`, stable across re-wordings."""
    task: str
    outcome: Outcome
    max_points: float
    title: Text
    """What the check asks for."""
    message: Text
    """What happened and what to do next."""
    seconds: float = 0.0
    hint: str | None = None
    """The name of the recognised misconception, if any."""
    room: tuple[float, ...] = ()
    """How far each value that chance moves lay on the right side of its threshold; for calibration, shown to no student."""
    cause: Cause | None = None
    """Why there was no answer to judge; `None` where there was one."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CheckResult:
        """The inverse of `dataclasses.asdict`."""
        texts = {name: _shared(**data[name]) for name in ("title", "message")}
        names = {name: sys.intern(data[name]) for name in ("id", "task")}
        kinds = {
            "outcome": Outcome(data["outcome"]),
            "cause": Cause(data["cause"]) if data.get("cause") else None,
            "room": tuple(data["room"]),
        }
        return cls(**{**data, **texts, **names, **kinds})

    @property
    def points(self) -> float:
        """Points earned; an unjudged check has earned none *yet*."""
        return self.max_points if self.outcome is Outcome.PASSED else 0.0


@dataclass(frozen=True)
class Answer:
    """What was handed in to one question that a person marks; the words themselves stand in the report's cells."""

    question: str
    sha256: str | None
    """Hash of the words; `None` where the cell is as it was released, or gone."""


@dataclass(frozen=True)
class Report:
    """The verdict on one submission."""

    student: str
    assignment: str
    status: Status
    checks: tuple[CheckResult, ...] = ()
    submission_sha256: str = ""
    grader_sha256: str = ""
    walls: tuple[str, ...] = ()
    """Walls that stood while student code ran; empty when nothing was run or with `--no-sandbox`."""
    seconds: float = 0.0
    reason: Text | None = None
    """Why the submission was rejected or needs review."""
    repairs: tuple[Text, ...] = ()
    """What was put right in the notebook before it was run."""
    cells: tuple[CellRun, ...] = field(default=(), repr=False)
    max_score: float = 0.0
    data: str | None = None
    """Which data sets student code saw, `mini` or `full`; `None` where the assignment uses none."""
    backend: str | None = None
    """What Keras computed with; `None` where nothing imports it."""
    device: str | None = None
    """Where student code was computed, `cpu` or `gpu`; `None` where nothing was run."""
    faults: tuple[str, ...] = field(default=(), repr=False)
    """Faults of ours, for whoever runs the course; never shown to a student."""
    answers: tuple[Answer, ...] = ()
    """Answers that a person marks, beyond `score` and `max_score`; empty where nothing could be read."""

    @property
    def score(self) -> float:
        """Sum of the points earned, rounded to hundredths so that 0.1 + 0.2 reads 0.3."""
        return round(sum(check.points for check in self.checks), 2)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Report:
        """The inverse of `dataclasses.asdict`.

        Raises:
            KeyError, TypeError, ValueError: the data are not a report's.
        """
        return cls(
            **{
                **data,
                "status": Status(data["status"]),
                "checks": tuple(map(CheckResult.from_dict, data["checks"])),
                "walls": tuple(data["walls"]),
                "reason": _shared(**data["reason"]) if data["reason"] else None,
                "repairs": tuple(_shared(**repair) for repair in data["repairs"]),
                "cells": tuple(map(CellRun.from_dict, data["cells"])),
                "faults": tuple(data["faults"]),
                "answers": tuple(Answer(**answer) for answer in data["answers"]),
            }
        )

    def named(self, student: str) -> Report:
        """The same verdict for another name (the cache knows no names)."""
        return replace(self, student=student)

    def with_repair(self, repair: Text) -> Report:
        """The same verdict with one more remark on how the submission was read, ahead of the others."""
        return replace(self, repairs=(repair, *self.repairs))

    def to_json(self, language: Language) -> dict[str, Any]:
        """The documented shape of `--json` (README, "Machine-readable reports")."""
        return {
            "schema": SCHEMA,
            "student": self.student,
            "assignment": self.assignment,
            "status": self.status.value,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [
                {
                    "id": check.id,
                    "task": check.task,
                    "outcome": check.outcome.value,
                    "points": check.points,
                    "max_points": check.max_points,
                    "title": check.title.to(language),
                    "message": check.message.to(language),
                    "hint": check.hint,
                    "cause": check.cause.value if check.cause else None,
                    "seconds": round(check.seconds, 3),
                }
                for check in self.checks
            ],
            "submission_sha256": self.submission_sha256,
            "grader_sha256": self.grader_sha256,
            "walls": list(self.walls),
            "seconds": round(self.seconds, 3),
            "data": self.data,
            "backend": self.backend,
            "device": self.device,
            "reason": self.reason.to(language) if self.reason else None,
            "repairs": [repair.to(language) for repair in self.repairs],
        }

    def verdict(self) -> dict[str, Any]:
        """What must be equal whenever the same submission is graded again: everything but the clock."""
        return {
            "status": self.status.value,
            "score": self.score,
            "checks": [(check.id, check.outcome.value, check.hint, asdict(check.message)) for check in self.checks],
        }
