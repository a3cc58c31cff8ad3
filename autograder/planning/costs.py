"""What a submission costs: the seconds that gradings took, as the journal kept them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from autograder.errors import UsageError
from autograder.journal import verdicts_in
from autograder.text import near


@dataclass(frozen=True)
class Cost:
    """What one submission of an assignment takes of one core, by the clock."""

    assignment: str | None
    """`None` where the seconds were given rather than measured."""
    seconds: tuple[float, ...]
    """One for each grading, at least one; a submission of the future takes one of them, drawn at random."""

    @property
    def mean(self) -> float:
        """Seconds on average."""
        return fmean(self.seconds)


def measured(folder: Path, names: Sequence[str] = ()) -> tuple[Cost, ...]:
    """The costs of assignments by the journal in `folder`, sorted by name; of all that it holds when none is named.

    They were measured with as many submissions at once as that machine then graded, so what those cost each other is in them.

    Raises:
        UsageError: there is no journal, or nothing in it about one of `names`.
        EngineError: a grader is at work there, or the journal cannot be read.
    """
    taken: dict[str, list[float]] = {}
    for report in verdicts_in(folder):
        taken.setdefault(report.assignment, []).append(report.seconds)
    if not taken:
        raise UsageError(f"The journal in {folder} holds no verdict: grade a class first, or give --seconds.")
    for name in names:
        if name not in taken:
            raise UsageError(f"The journal in {folder} holds no verdict on {name}: {near(name, sorted(taken))}")
    return tuple(Cost(name, tuple(taken[name])) for name in sorted(names or taken))
