"""One submission in Gradescope's container: found, graded within what the container allows, and told in `results.json`."""

from __future__ import annotations

import json
import math
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.course import Course, Limits, Settings
from autograder.engine import Engine
from autograder.errors import UsageError, WallError
from autograder.files import write_atomically
from autograder.gradescope import choices, results
from autograder.gradescope.choices import Choices
from autograder.intake import Handed, collect
from autograder.kernel.control import epitaph
from autograder.machine import ControlGroups, available_memory
from autograder.records import OUR_FAULT, Cause, CheckResult, Outcome, Report, Status
from autograder.text import Text

_OURS = 192 << 20
"""Bytes that the examining side may still come to need once everything is warm."""
_LEAST = 256 << 20
"""Bytes below which a limit would end NumPy itself."""
_LAST_SECONDS = 60.0
"""Kept back of Gradescope's own clock for what is begun when the submission's time is up: the last check, and writing results."""
_LARGEST = 4 << 20
"""Bytes read of `submission_metadata.json`, which holds the results of all earlier submissions."""
_FULL = (epitaph({"why": "memory"}).en, "MemoryError", "cannot be rebuilt from its config and weights")
"""By these words a report says that memory was wanting; the last where a network was built a second time."""
_KILLED = epitaph({"signal": int(signal.SIGKILL)}).en
_LATE = "used up the time of the whole submission"
"""Likewise time."""
_FOLDER = "student_1_assignsubmission_file"
"""A name that `intake` takes for one student's folder whatever lies in it."""
_NOTHING = Text(
    es="No hay ningún cuaderno (.ipynb) en la entrega; entrega el archivo .ipynb.",
    en="There is no notebook (.ipynb) in the submission; hand in the .ipynb file.",
)
_SEVERAL = Text(
    es="Hay varios cuadernos en la entrega; entrega uno solo.",
    en="There are several notebooks in the submission; hand in one.",
)
_SMALL = Text(
    es="Le ha faltado memoria o tiempo de este contenedor, que da menos de lo que el curso promete.",
    en="It ran out of this container's memory or time, which is less than the course promises.",
)


@dataclass(frozen=True)
class Shortage:
    """What this container gives a submission where the course promises more."""

    memory: int | None = None
    """Bytes; `None` where there is as much as promised."""
    seconds: float | None = None
    """Of the whole submission; likewise."""
    killed: bool = False
    """The kernel ended a process because the container was full, before the submission's own limit was reached."""


def grade(root: Path) -> None:
    """Grade what lies in `root/submission` and write `root/results/results.json`, whatever happens.

    What instructors should know is printed: Gradescope shows it to them alone.
    """
    chosen, kept = Choices("en"), None
    try:
        chosen = Choices.read(root / "source" / choices.FILE)
        kept = previous_score(root / "submission_metadata.json")
        report = _report(root, chosen, time.monotonic())
        _tell(report)
        made = results.of(report, chosen, kept)
    except Exception as error:
        # A student must get results that say whose fault it is, so nothing may pass here.
        traceback.print_exc()
        print(f"Nothing could be judged: {error}", flush=True)
        made = results.lost(chosen, kept, unsafe=isinstance(error, WallError))
    write_atomically(root / "results" / "results.json", json.dumps(made, indent=1))


def previous_score(path: Path) -> float | None:
    """The score of the newest of the student's earlier submissions that has one, by Gradescope's metadata."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        with path.open("rb") as file:
            earlier = json.loads(file.read(_LARGEST))["previous_submissions"]
        scores = [
            (str(one.get("submission_time")), float(one["score"])) for one in earlier if _is_score(one.get("score"))
        ]
        return max(scores)[1] if scores else None
    return None


def _is_score(value: Any) -> bool:
    with suppress(TypeError, ValueError):
        return math.isfinite(float(value)) and float(value) >= 0
    return False


def _report(root: Path, chosen: Choices, started: float) -> Report:
    course = Course.load(root / "source" / "course")
    only = course.names[0] if len(course.names) == 1 else None
    with Engine(course, sandbox=chosen.sandbox) as engine:
        try:
            handed = _handed(root / "submission", course.names, only)
        except UsageError:
            handed = ()
        found = [one for one in handed if one.data is not None]
        if len(found) != 1:
            told = _SEVERAL if found else next((one.problem for one in handed if one.problem), _NOTHING)
            return engine.rejected(told, only, "")
        data = found[0].data
        assert data is not None
        # Before the memory that is left is looked at.
        engine.warm(course.names if found[0].assignment is None else [found[0].assignment])
        left = chosen.minutes * 60 - _LAST_SECONDS - (time.monotonic() - started)
        engine.course, short = within(course, max(_LEAST, available_memory() - _OURS), left)
        before = ControlGroups().killed()
        report = engine.grade(data, found[0].assignment)
        shortage = short.get(report.assignment, Shortage())
        report = fair(report, replace(shortage, killed=ControlGroups().killed() > before))
    return report.with_repair(found[0].problem) if found[0].problem else report


def _handed(submission: Path, names: Sequence[str], only: str | None) -> tuple[Handed, ...]:
    """What lies in the folder `submission`, however it is named and nested, as one student's."""
    with tempfile.TemporaryDirectory(prefix="autograder-gradescope-") as scratch:
        # Links are copied as links, which intake does not follow; what is no file is left behind.
        with suppress(shutil.Error):
            shutil.copytree(submission, Path(scratch, _FOLDER), symlinks=True)
        return collect([Path(scratch)], names, only)


def within(course: Course, memory: int, seconds: float) -> tuple[Course, dict[str, Shortage]]:
    """`course` with no limit beyond `memory` bytes and `seconds` in all, and for each assignment what it falls short of."""
    settings: dict[str, Settings] = {}
    short: dict[str, Shortage] = {}
    for assignment in course.select(()):
        limits: Limits = assignment.limits
        lowered = replace(
            limits, memory=min(limits.memory, memory), total_seconds=max(1.0, min(limits.total_seconds, seconds))
        )
        settings[assignment.name] = replace(assignment.settings, limits=lowered)
        short[assignment.name] = Shortage(
            lowered.memory if lowered.memory < limits.memory else None,
            lowered.total_seconds if lowered.total_seconds < limits.total_seconds else None,
        )
    return replace(course, assignments=settings), short


def fair(report: Report, shortage: Shortage) -> Report:
    """`report`, where checks that failed for want of what this container does not give are unjudged instead.

    A network that needs a gigabyte is right where the course allows three, also in a container of 768 MiB.
    """
    said = [check.message.en for check in report.checks] + [run.problem.en for run in report.cells if run.problem]
    full: tuple[str, ...] = _FULL if shortage.memory is not None else ()
    if shortage.killed or (shortage.memory is not None and shortage.memory <= _LEAST):
        # The kernel kills in this way, and in some containers it does not say so.
        full += (_KILLED,)
    late = _LATE if shortage.seconds is not None and any(_LATE in words for words in said) else ""
    # What a cell would have defined is missing where the cell was ended.
    lost = late or any(sign in run.problem.en for run in report.cells if run.problem for sign in full)

    def starved(check: CheckResult) -> bool:
        # The call that used up the time is told that it took too long; those after it, that there is no time left.
        if check.cause is Cause.TIMED_OUT:
            return bool(late)
        if shortage.killed and check.cause in (Cause.DIED, Cause.MISSING, Cause.BAD_REPLY):
            return True
        return check.cause is not None and (
            any(sign in check.message.en for sign in full) or (bool(lost) and check.cause is Cause.MISSING)
        )

    if not any(map(starved, report.checks)):
        return report
    checks = tuple(
        replace(check, outcome=Outcome.UNJUDGED, message=_SMALL + OUR_FAULT) if starved(check) else check
        for check in report.checks
    )
    fault = (
        "this container is too small: choose more memory, CPU or a longer timeout in Gradescope's Autograder Settings (it had "
        f"{_shown(shortage)} for the submission), then Rerun Autograder"
    )
    return replace(report, checks=checks, status=Status.NEEDS_REVIEW, reason=_SMALL, faults=(*report.faults, fault))


def _shown(shortage: Shortage) -> str:
    if shortage.killed:
        return "less memory than its processes needed together"
    memory = f"{shortage.memory >> 20} MiB" if shortage.memory is not None else "as much memory as promised"
    seconds = f"{shortage.seconds:.0f} s" if shortage.seconds is not None else "as much time as promised"
    return f"{memory} and {seconds}"


def _tell(report: Report) -> None:
    print(f"{report.assignment or 'no assignment'}: {report.status}, {report.score:g} of {report.max_score:g} points")
    print(f"walls: {', '.join(report.walls) or 'none'}")
    for fault in report.faults:
        print(f"fault of ours: {fault}")
    if report.status is Status.NEEDS_REVIEW:
        print(
            "This submission waits for you: mend what is named above and press Rerun Autograder, or give the points by hand."
        )
