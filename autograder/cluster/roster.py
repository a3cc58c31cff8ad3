"""Which workers a scheduler has, and which of them would give this client's verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.cluster import tasks
from autograder.cluster.identity import Identity


@dataclass(frozen=True)
class Member:
    """One worker."""

    address: str
    slots: int
    """Submissions that it grades at the same time."""
    home: str
    """Name of what starts it anew when it dies."""
    born: str
    """Differs each time."""
    identity: Identity | None
    """`None` where it was not started by `autograder worker` of a version that this one understands."""
    cards: bool = False
    """Whether it computes on cards what is to be computed there."""

    @classmethod
    def of(cls, address: str, told: Mapping[str, Any]) -> Member:
        """From what a scheduler tells of a worker."""
        card = told.get(tasks.PLUGIN)
        try:
            identity = Identity.from_dict(card["identity"]) if card else None
            home, born = (card["home"], card["born"]) if card else (address, address)
        except (KeyError, TypeError):
            identity, home, born = None, address, address
        return cls(address, told["nthreads"], home, born, identity, tasks.CARDS in told.get("resources", {}))

    def unfit(self, ours: Identity, *, full: bool) -> str | None:
        """Why it grades nothing for a client like `ours`, as a sentence; `None` when it does.

        Args:
            full: whether the course uses the full data sets.
        """
        if self.identity is None:
            why = "it was not started with `autograder worker` of this version"
        elif found := ours.differences(self.identity):
            why = "; ".join(found)
        elif full and ours.full != self.identity.full:
            why = f"data sets {(self.identity.full or 'none')[:12]} there, {(ours.full or 'none')[:12]} here (COURSE_DATA)"
        else:
            return None
        return (
            f"The worker {self.home} ({self.address}) gets nothing to grade, since its verdicts could differ: {why}. "
            "Bring it to the same version and start `autograder worker` there again."
        )


def members(info: Mapping[str, Any]) -> list[Member]:
    """The workers in what a scheduler tells of itself."""
    return [Member.of(address, told) for address, told in info["workers"].items()]
