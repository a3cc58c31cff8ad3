"""What a conformance case is: a small submission, and what no grader may let it do."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RIGHT: Mapping[str, str] = {
    "mse": (
        "def mse(a, b):\n"
        "    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()\n"
        "    return float(np.mean((a - b) ** 2))\n"
    ),
    "scale": "def scale(x):\n    x = np.asarray(x, float)\n    return (x - x.min()) / (x.max() - x.min())\n",
}
"""Right answers to the two tasks of the tiny course: 6 points and 4."""
POINTS: Mapping[str, float] = {"mse": 6.0, "scale": 4.0}
HIDDEN = "label-nobody-may-see"
"""Stands in the hidden tests, and nowhere in a submission."""

PROOF = "proof"
"""What a case prints, joined to its token by a hyphen, when it did what no submission may do."""


@dataclass(frozen=True)
class Surroundings:
    """What a case may name of the machine on which it is graded. All of it exists while the submission runs."""

    spot: Path
    """A folder that everybody may write: a file in it afterwards was written from behind the walls."""
    secret: Path
    """A file that everybody may read, of another student, outside everything that a submission needs."""
    content: str = field(default_factory=lambda: f"canary-{secrets.token_hex(8)}")
    """What stands in `secret`, and in the environment of the grader as COURSE_SECRET."""
    token: str = field(default_factory=lambda: f"9{secrets.randbelow(10**8):08}")
    """Seconds that a process of this case sleeps, by which it is found among the machine's."""

    def fill(self, source: str) -> str:
        """`source` with SPOT, SECRET and TOKEN replaced."""
        for name, value in (("SPOT", self.spot), ("SECRET", self.secret), ("TOKEN", self.token)):
            source = source.replace(name, str(value))
        return source


@dataclass(frozen=True)
class Case:
    """One submission. What it does is written for the notebook's own process; SPOT, SECRET and TOKEN are filled in."""

    name: str
    violation: str
    """What a grader lets happen that violates the promise."""
    score: float
    """The only fair one."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Source by task; a task that is not named is answered rightly."""
    extra: str | None = None
    """A cell of the student's own, behind all others."""
    first: str | None = None
    """Likewise, before all others."""
    change: Callable[[dict[str, Any]], Any] | None = None
    """What became of the notebook's JSON on its way; may return bytes, to be handed in as they are."""
    rejected_is_fine: bool = False
    """Whether saying that it is no notebook is as fair as the score."""
    kind: str = ""
    """Filled in by the module that holds the case."""

    @property
    def id(self) -> str:
        """Unique among all cases."""
        return f"{self.kind}-{self.name}"

    def notebook(self, released: dict[str, Any], surroundings: Surroundings) -> bytes:
        """The file that is handed in.

        Args:
            released: nbformat 4 JSON of the released notebook, in which the cell of a task has the id `<task>-answer`.
        """
        made: dict[str, Any] = json.loads(json.dumps(released))
        for cell in made["cells"]:
            task = str(cell.get("id", "")).removesuffix("-answer")
            if cell.get("id") == f"{task}-answer":
                cell["source"] = surroundings.fill(self.answers.get(task, RIGHT[task]))
        if self.first is not None:
            made["cells"].insert(0, _code("first", surroundings.fill(self.first)))
        if self.extra is not None:
            made["cells"].append(_code("extra", surroundings.fill(self.extra)))
        changed = self.change(made) if self.change else None
        return changed if isinstance(changed, bytes) else json.dumps(changed or made).encode()


def _code(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}


@dataclass(frozen=True)
class Seen:
    """What came of one case with one grader."""

    score: float | None
    """`None` when there is no report."""
    printed: str
    """All that the graded notebook and its feedback show."""
    rejected: bool = False
    """The grader said that the file is no notebook of the assignment."""


def violations(case: Case, surroundings: Surroundings, seen: Seen, left: Sequence[str]) -> list[str]:
    """What was violated, in a few words each; empty when the grader held.

    Args:
        left: command lines of all processes on the machine after the grading.
    """
    found = []
    if seen.score is None:
        found.append("no report")
    elif seen.rejected:
        found += [] if case.rejected_is_fine else ["rejected though it can be graded"]
    elif seen.score > case.score:
        found.append(f"{seen.score:g} points where {case.score:g} are fair")
    elif seen.score < case.score:
        found.append(f"only {seen.score:g} points where {case.score:g} are fair")
    if surroundings.content in seen.printed:
        found.append("a secret was read")
    if f"{PROOF}-{surroundings.token}" in seen.printed:
        found.append("a wall was passed")
    if HIDDEN in seen.printed:
        found.append("hidden tests were read")
    if any(surroundings.spot.iterdir()):
        found.append("a file was written outside")
    if any(surroundings.token in line for line in left):
        found.append("a process outlived the run")
    return found
