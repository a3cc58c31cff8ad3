"""Pairs of submissions that have more in common than the task explains, by the fingerprints of copydetect.

A fingerprint is a run of `RUN` tokens. Lines that were released do not count, nor do runs that a good part of the class wrote,
since a short task has few right answers. Every run is compared, not a sample of them (a window of 1), so the result is the same
each time.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autograder.similarity._answers import Answers
from autograder.similarity._tokens import Tokens, tokenize

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

RUN = 12
"""Tokens in a row that have to agree to count at all."""
LEAST = 30
"""Runs that a pair must share, about forty tokens in a row; below that likeness says nothing."""
COMMON_SHARE, COMMON_COUNT = 1 / 3, 10
"""A run in more submissions than both is what everybody writes."""
MOST = 200
"""Pairs that are told of one assignment."""
BINS = 10
_BLOCK = 2_048
"""Runs counted at a time, so that memory does not grow with what a class wrote."""

Parts = tuple[tuple[str, bool], ...]
"""A source in pieces, each with whether it is marked."""


@dataclass(frozen=True)
class Passage:
    """What two answers to one task have in common."""

    task: str
    first: Parts
    second: Parts


@dataclass(frozen=True)
class Match:
    """Two submissions of one assignment that are much alike."""

    first: str
    second: str
    """The students, in the order of their names."""
    overlap: float
    """Share of the shorter one's own runs that the other has too, 0 to 1."""
    above: float
    """Share of the class's pairs that have less in common, 0 to 1."""
    runs: int
    """Runs in common."""
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Comparison:
    """One assignment compared."""

    assignment: str
    submissions: int
    pairs: int
    """Pairs in which both wrote enough of their own to be compared."""
    median: float
    """Overlap of the pair in the middle."""
    high: float
    """Overlap that 95 of 100 pairs stay below."""
    bins: tuple[int, ...]
    """Pairs per tenth of overlap."""
    found: int
    """Pairs at or above the threshold."""
    matches: tuple[Match, ...]
    """The first `MOST` of them, the most alike first."""


def compare(answers: Sequence[Answers], stubs: Mapping[str, Sequence[str]], threshold: float) -> Comparison:
    """The submissions in `answers`, all of one assignment, each with each.

    Args:
        stubs: task → sources of the released cell.
        threshold: overlap from which a pair is told, 0 to 1.
    """
    prints = _Prints(answers, stubs)
    shared = prints.shared()
    sizes = prints.sizes()
    first, second = np.triu_indices(len(answers), 1)
    common, smaller = shared[first, second], np.minimum(sizes[first], sizes[second])
    enough = smaller >= LEAST
    first, second, common, smaller = (array[enough] for array in (first, second, common, smaller))
    overlap = common / np.maximum(smaller, 1)
    told = np.flatnonzero((overlap >= threshold) & (common >= LEAST))
    ranked = np.sort(overlap)
    matches = [
        Match(
            answers[first[at]].student,
            answers[second[at]].student,
            float(overlap[at]),
            float(np.searchsorted(ranked, overlap[at]) / len(ranked)),
            int(common[at]),
            prints.passages(int(first[at]), int(second[at])),
        )
        for at in told[np.argsort(-overlap[told], kind="stable")][:MOST]
    ]
    counts = np.bincount(np.minimum((overlap * BINS + 1e-9).astype(int), BINS - 1), minlength=BINS)
    return Comparison(
        assignment=answers[0].assignment if answers else "",
        submissions=len(answers),
        pairs=len(overlap),
        median=float(np.median(overlap)) if len(overlap) else 0.0,
        high=float(np.quantile(overlap, 0.95)) if len(overlap) else 0.0,
        bins=tuple(counts.tolist()),
        found=len(told),
        matches=tuple(matches),
    )


@dataclass(frozen=True)
class _Task:
    """The runs of one task, once for each submission that has them; all arrays `(runs,)`."""

    owners: np.ndarray
    """Which submission."""
    columns: np.ndarray
    """Which run, numbered from 0."""
    own: np.ndarray
    """Whether it counts: not so what most of the class wrote."""
    hashes: np.ndarray
    """copydetect's name for each number, `(different runs,)`."""
    times: np.ndarray
    """Submissions that have it, `(different runs,)`."""


class _Prints:
    """The fingerprints of a class: names of runs, since copydetect's objects for a large class would fill the memory."""

    def __init__(self, answers: Sequence[Answers], stubs: Mapping[str, Sequence[str]]) -> None:
        self._answers = answers
        self._released = {
            task: {line.strip() for stub in found for line in stub.split("\n")} for task, found in stubs.items()
        }
        tasks = dict.fromkeys(task for one in answers for task in one.tasks)
        self._limit = max(COMMON_COUNT, COMMON_SHARE * len(answers))
        self._tasks = {task: self._read(task) for task in tasks}

    def _read(self, task: str) -> _Task:
        runs = [
            np.fromiter(self._print(place, task)[0].hashes if task in one.tasks else (), np.int64)
            for place, one in enumerate(self._answers)
        ]
        hashes, columns, times = np.unique(np.concatenate(runs), return_inverse=True, return_counts=True)
        owners = np.repeat(np.arange(len(runs)), [len(each) for each in runs])
        return _Task(owners, columns, times[columns] <= self._limit, hashes, times)

    def sizes(self) -> np.ndarray:
        """Runs of its own in each submission, `(submissions,)`."""
        count = len(self._answers)
        return sum(
            (np.bincount(task.owners[task.own], minlength=count) for task in self._tasks.values()), np.zeros(count)
        )

    def shared(self) -> np.ndarray:
        """Runs that each two submissions have in common, `(submissions, submissions)`.

        By products of matrices: to have copydetect compare each pair takes 30 µs a pair and task, ten minutes in a class of 3000.
        """
        count = len(self._answers)
        shared = np.zeros((count, count), np.float32)
        for task in self._tasks.values():
            # What only one wrote is shared with nobody.
            held = task.own & (task.times[task.columns] > 1)
            owners = task.owners[held]
            _, columns = np.unique(task.columns[held], return_inverse=True)
            for start in range(0, int(columns.max(initial=-1)) + 1, _BLOCK):
                inside = (columns >= start) & (columns < start + _BLOCK)
                block = np.zeros((count, _BLOCK), np.float32)
                block[owners[inside], columns[inside] - start] = 1
                shared += block @ block.T
        return shared

    def passages(self, first: int, second: int) -> tuple[Passage, ...]:
        """What two submissions have in common, task by task."""
        from copydetect import compare_files

        found = []
        for name, task in self._tasks.items():
            if name not in self._answers[first].tasks or name not in self._answers[second].tasks:
                continue
            common = set(task.hashes[task.times > self._limit].tolist())
            sides = [self._print(place, name) for place in (first, second)]
            for side, _ in sides:
                side.hashes = side.hashes - common
                side.hash_idx = {run: side.hash_idx[run] for run in side.hashes}
            if sides[0][0].hashes.isdisjoint(sides[1][0].hashes):
                continue
            _, _, slices = compare_files(sides[0][0], sides[1][0])
            marked = [
                _parts(self._answers[place].tasks[name], tokens, each)
                for place, (_, tokens), each in zip((first, second), sides, slices, strict=True)
            ]
            found.append(Passage(name, marked[0], marked[1]))
        return tuple(found)

    def _print(self, place: int, task: str) -> tuple[CodeFingerprint, Tokens]:
        from copydetect import CodeFingerprint

        tokens = tokenize(self._answers[place].tasks[task], self._released.get(task, ()))
        # Already tokens: copydetect's own reading of Python counts characters, and takes every name for the same one.
        return CodeFingerprint("answer.py", RUN, 1, filter=False, fp=io.StringIO(tokens.text)), tokens


def _parts(source: str, tokens: Tokens, slices: np.ndarray) -> Parts:
    """`source` in pieces; `slices` are the first and the last token of each run of tokens, `(2, runs)`."""
    parts, done = [], 0
    for first, last in slices.T.astype(int).tolist():
        for start, end in tokens.places(first, last, source):
            parts += [(source[done:start], False), (source[start:end], True)]
            done = end
    return tuple((text, marked) for text, marked in [*parts, (source[done:], False)] if text)
