"""What travels between a client and its workers: a submission's bytes with hashes one way, JSON the other.

Dask pickles the call below between machines that trust each other; of a submission, and of what became of it, nothing but bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PLUGIN = "autograder"
"""What does the work on a worker, by the name that Dask knows it under."""
MEMORY = "MEM"
CARDS = "GPU"
"""Dask's resource for the bytes that submissions may take together on a worker."""
BUNDLES = "autograder-bundles"
"""Where the scheduler keeps courses, by their hashes: a few hundred KiB each, until it ends."""
BEGUN = "autograder-begun"
"""Where it keeps, for each run and each of its tasks, which worker began it."""


@dataclass(frozen=True)
class Task:
    """One submission to be graded, beside its bytes."""

    name: str
    """Of this attempt; unique."""
    run: str
    """Of the client; unique."""
    bundle: str
    """SHA-256 of the packed course."""
    fingerprint: str
    """Under which the client will keep the verdict (`fingerprint.Fingerprints`)."""
    assignment: str | None
    alone: bool = False
    """Whether nothing else may run beside it on its worker."""


@dataclass(frozen=True)
class Bundle:
    """A packed course, as the scheduler keeps it."""

    content: bytes
    surroundings: Mapping[str, Any]
    """Of the client (`fingerprint.surroundings`)."""

    def to_message(self) -> dict[str, Any]:
        """As plain data."""
        return {"content": self.content, "surroundings": json.dumps(self.surroundings)}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Bundle:
        """The inverse."""
        return cls(message["content"], json.loads(message["surroundings"]))


def grade(data: bytes, task: Mapping[str, Any]) -> bytes:
    """Run by Dask on a worker: its answer as JSON, see `worker.Grading.answer`. It raises nothing: Dask would log arguments."""
    from distributed import get_worker

    grading: Any = get_worker().plugins[PLUGIN]
    answer: bytes = grading.answer(data, Task(**task))
    return answer
