"""What the coordinator hears of one examination, and the report that is made of it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course import Assignment
from autograder.errors import WallError
from autograder.kernel import wire
from autograder.records import OUR_FAULT, TOO_CLOSE, Cause, Cell, CellRun, CheckResult, Outcome, Output, Report, Status
from autograder.text import Text

_REVIEW = Text(
    es="Una parte no se ha podido juzgar por un fallo nuestro; la mirará una persona.",
    en="A part could not be judged because of a fault on our side; a person will look at it.",
)
_CLOSE = Text(
    es="Un resultado queda tan cerca de su límite que el azar podría decidirlo; lo mirará una persona.",
    en="A result is so close to its limit that chance could decide it; a person will look at it.",
)


@dataclass
class Examination:
    """What has been heard of one examination so far."""

    announced: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, CheckResult] = field(default_factory=dict)
    cells: list[dict[str, Any]] = field(default_factory=list)
    walls: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)
    data: str | None = None
    device: str | None = None
    over: bool = False
    """Whether the examiner has said its last word."""

    @property
    def stumbled(self) -> bool:
        """Whether some check had no answer to judge, for a reason that what else runs on the machine can have."""
        undone = (None, Cause.NOT_DONE)
        return bool(self.faults) or any(result.cause not in undone for result in self.results.values())

    def listen(self, sock: socket.socket, deadline: float) -> None:
        """Take in the examiner's events until it is done; whatever was heard before a loss stays.

        Args:
            deadline: monotonic time after which the examiner counts as stuck, which is our fault.

        Raises:
            WallError: a wall could not be raised; nothing was run.
        """
        while True:
            try:
                event, _arrays = wire.receive(sock, deadline)
            except wire.Late:
                self.faults.append("the examination took too long and was given up")
                return
            except (wire.WireError, OSError) as error:
                self.faults.append(f"the examining process was lost ({error})")
                return
            kind = event["event"]
            if kind == "checks":
                self.announced = event["checks"]
            elif kind == "cell":
                self.cells.append(event["cell"])
            elif kind == "result":
                result = CheckResult.from_dict(event["result"])
                self.results[result.id] = result
                if event["fault"]:
                    self.faults.append(f"{result.id}: {event['fault']}")
            elif kind == "stopped":
                self.over = True
                if event["wall"]:
                    raise WallError(event["why"])
                self.faults.append(event["why"])
                return
            else:
                self.over = True
                self.walls = tuple(event["walls"])
                if event["broken"]:
                    self.faults.append(f"the hidden grader is broken: {event['broken']}")
                return

    def report(self, assignment: Assignment, cells: Sequence[Cell], max_score: float) -> Report:
        """The verdict on what was heard; a check that was announced and never judged is unjudged."""
        checks = []
        for announced in self.announced:
            check_id = f"{assignment.name}.{announced['name']}"
            unjudged = CheckResult(
                check_id,
                announced["task"],
                Outcome.UNJUDGED,
                announced["points"],
                Text(**announced["title"]),
                OUR_FAULT,
            )
            checks.append(self.results.get(check_id, unjudged))
        open_ = [check for check in checks if check.outcome is Outcome.UNJUDGED]
        clean = checks and not open_
        close = open_ and all(check.message == TOO_CLOSE for check in open_)
        return Report(
            student="",
            assignment=assignment.name,
            status=Status.GRADED if clean else Status.NEEDS_REVIEW,
            checks=tuple(checks),
            grader_sha256=assignment.grader_sha256,
            walls=self.walls,
            reason=None if clean else _CLOSE if close else _REVIEW,
            cells=_cell_runs(cells, self.cells),
            max_score=max_score,
            data=self.data,
            device=self.device,
            faults=tuple(self.faults),
        )


def _cell_runs(cells: Sequence[Cell], heard: Sequence[dict[str, Any]]) -> tuple[CellRun, ...]:
    runs = {item["id"]: item for item in heard}
    return tuple(
        CellRun(
            cell,
            tuple(Output(**output) for output in runs[cell.id]["outputs"]),
            Text(**runs[cell.id]["problem"]) if runs[cell.id]["problem"] else None,
            runs[cell.id]["seconds"],
        )
        if cell.id in runs
        else CellRun(cell)
        for cell in cells
    )
