"""The same classes, the same hidden checks, one machine, one run: this engine, nbgrader, otter, and no grader at all.

    .venv/bin/python -m benchmarks.compare [NAME …] [--submissions N] [--peer-submissions M] [--rounds R]
                                           [--peers nbgrader,otter-grader]

Each assignment (`01_mse`, `04_xor_mlp` and `05_imdb_overfitting` unless named) is handed in by N students: the reference twice,
two of the author's alternatives, then plausible mistakes of different tasks, and last an untouched notebook. The peers may be given
fewer, M of them: they take them one by one, so that a submission costs them the same in a class of any size. The untuned floor gets
as many.

What is timed is the clock of the commands that an instructor types, from a cold start to marks:

- `autograder grade`: warm processes are started, then forked, as many submissions at once as there are cores; everything behind
  walls, models rebuilt and compared; feedback pages and gradebook are part of it.
- `nbgrader autograde`: one submission after the other, a fresh kernel for each, without walls; feedback would be a further command.
- `otter run`: one command and one fresh kernel for each submission, without walls.
- *floor*: the same code in processes forked from a warm one, on all cores, with no grader at all (`benchmarks.floor`); its
  imports are not counted. Where Keras is used there are two: with what this engine does to Keras (`autograder.kernel.tuning`), so
  that what grading adds is seen, and without, which is what the students' code costs by itself.

All run the very same check functions, the peers in the student's kernel (`benchmarks.inkernel`), where models predict for
themselves. The peers are favoured further: their notebooks have no demo cells, otter's no public checks either; making their
courses is not timed; nbgrader's limit per cell is raised, and jsonschema's slow import is spared them as it is here. The mini
data sets serve everybody. A time counts only if the whole class was graded, with full marks for the references and none for the
untouched notebook; marks that differ otherwise are printed.

CPU time is that of the whole machine, and memory what became unavailable on it, both while the commands ran: nothing else may run.
Contenders take turns in every round, after one submission each that does not count; medians are shown, and ratios are those of
seconds per submission. Everything happens in a temporary folder with its own HOME.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from autograder.authoring import Template, imported, read_template
from autograder.backends import needs_keras
from autograder.course import Assignment, Course
from autograder.variants import Variant, alternatives, mistakes
from benchmarks.contenders import Autograder, Contender, Failure, Floor, Nbgrader, Otter, Submission, UntunedFloor

DEFAULT = ("01_mse", "04_xor_mlp", "05_imdb_overfitting")
PACKAGES = ("autograder", "nbgrader", "otter-grader", "ipykernel", "keras", "tensorflow")
PEERS = {peer.name: peer for peer in (Nbgrader, Otter)}


@dataclass(frozen=True)
class Cost:
    """What one round of one contender took for the whole class."""

    seconds: float
    cpu: float
    """Seconds on all cores together."""
    memory: int
    """Bytes, at the worst moment."""


def main() -> int:
    """Compare, and print a table for each assignment."""
    parser = argparse.ArgumentParser(description="Compare graders on the same classes; see the top of this file.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"assignments; {', '.join(DEFAULT)} unless named")
    parser.add_argument("--submissions", type=int, default=8, metavar="N", help="in each class, at least 2")
    parser.add_argument(
        "--peer-submissions", type=int, metavar="M", help="for each peer and the untuned floor; as many as N"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="the median of R rounds is shown")
    parser.add_argument("--peers", default=",".join(PEERS), help="which of them take part")
    options = parser.parse_args()
    if options.submissions < 2 or options.rounds < 1:
        parser.error("--submissions takes numbers from 2, --rounds from 1")
    few = options.peer_submissions or options.submissions
    if not 2 <= few <= options.submissions:
        parser.error("--peer-submissions takes numbers from 2 to those of --submissions")
    if unknown := set(filter(None, options.peers.split(","))) - set(PEERS):
        parser.error(f"--peers knows no {sorted(unknown)[0]}; there are {', '.join(PEERS)}")
    course = Course.load(Path(__file__).resolve().parents[1])
    slow = [UntunedFloor, *(PEERS[name] for name in options.peers.split(",") if name)]
    for name in options.names or DEFAULT:
        template = read_template(course.assignment(name), course.language)
        keras = needs_keras(imported(course.assignment(name)))
        students = make_class(course.assignment(name), template, options.submissions)
        with tempfile.TemporaryDirectory(prefix="compare-") as folder:
            # Walled processes run under their own user id and have to pass through.
            os.chmod(folder, 0o711)
            contenders = [
                kind(Path(folder) / kind.name, course, template, fewer(students, few) if kind in slow else students)
                for kind in (Floor, Autograder, *slow)
                if keras or kind is not UntunedFloor
            ]
            print(table(template, contenders, contend(contenders, options.rounds)), flush=True)
    print(machine())
    return 0


def make_class(assignment: Assignment, template: Template, count: int) -> list[Submission]:
    """`count` submissions: see the top of this file."""
    whole = [("reference", template.reference()), ("reference", template.reference())]
    for variant in alternatives(assignment)[:2]:
        whole.append((f"alternative {variant.name}", template.reference({variant.task: variant.source})))
    wrong = [
        (f"mistake {variant.name}", template.reference({variant.task: variant.source}))
        for variant in _task_by_task(mistakes(assignment))
    ]
    chosen: list[tuple[str, Any]] = [*whole, *wrong][: count - 1]
    while len(chosen) < count - 1:
        chosen.append(chosen[len(chosen) % len(whole)])
    chosen.append(("untouched", template.notebook()))
    return [Submission(f"s{number:02}", *item) for number, item in enumerate(chosen, start=1)]


def fewer(students: list[Submission], count: int) -> list[Submission]:
    """The first of a class, and the untouched notebook, which comes last."""
    return [*students[: count - 1], students[-1]]


def _task_by_task(variants: tuple[Variant, ...]) -> Iterator[Variant]:
    """The first mistake of every task, then the second of every task, and so on."""
    tasks: dict[str, list[Variant]] = {}
    for variant in variants:
        tasks.setdefault(variant.task, []).append(variant)
    return (variant for variant in chain.from_iterable(zip_longest(*tasks.values())) if variant is not None)


def contend(contenders: list[Contender], rounds: int) -> Mapping[str, list[Cost]]:
    """Let the contenders take turns; what each round cost them.

    Raises:
        Failure: one of them did not grade the class as it must.
    """
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for contender in contenders:
        contender.forget()
        contender.run(contender.warm_up())
    for number in range(1, rounds + 1):
        marks = {}
        for contender in contenders:
            print(f"round {number} of {rounds}: {contender.name} …", file=sys.stderr, flush=True)
            contender.forget()
            cost = measured(contender)
            marks[contender.name] = require(contender)
            costs[contender.name].append(cost)
        differing(contenders[0].students, marks)
    return costs


def measured(contender: Contender) -> Cost:
    """What one round costs."""
    lowest = available = _available()
    done = threading.Event()

    def watch() -> None:
        nonlocal lowest
        while not done.wait(0.1):
            lowest = min(lowest, _available())

    watcher = threading.Thread(target=watch)
    busy = _busy()
    watcher.start()
    try:
        seconds = contender.time()
    finally:
        done.set()
        watcher.join()
    return Cost(seconds, _busy() - busy, available - lowest)


def _available() -> int:
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) << 10


def _busy() -> float:
    """CPU seconds of the whole machine since it started, without idling and waiting."""
    with open("/proc/stat") as lines:
        user, nice, system, _idle, _waiting, *interrupts = map(int, lines.readline().split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def require(contender: Contender) -> Mapping[str, float]:
    """The marks that the contender gave, which have to be right where there is no doubt."""
    marks = contender.marks()
    for student in contender.students:
        if student.student not in marks:
            raise Failure(f"{contender.name} did not grade {student.student} ({student.story})")
        whole = sum(contender.template.points.values())
        wanted = {"reference": whole, "untouched": 0.0}.get(student.story)
        if wanted is not None and abs(marks[student.student] - wanted) > 1e-6:
            raise Failure(
                f"{contender.name} gave {student.student} ({student.story}) {marks[student.student]:g} points"
            )
    return marks


def differing(students: list[Submission], marks: Mapping[str, Mapping[str, float]]) -> None:
    """Print where the contenders do not agree."""
    for student in students:
        given = {name: round(theirs[student.student], 2) for name, theirs in marks.items() if student.student in theirs}
        if len(set(given.values())) > 1:
            print(f"marks differ on {student.student} ({student.story}): {given}", file=sys.stderr, flush=True)


def table(template: Template, contenders: list[Contender], costs: Mapping[str, list[Cost]]) -> str:
    """The result for one assignment as Markdown."""
    rounds, sizes = len(costs["floor"]), {contender.name: len(contender.students) for contender in contenders}
    each = {name: statistics.median(cost.seconds for cost in found) / sizes[name] for name, found in costs.items()}
    students = contenders[0].students
    rows = []
    for name, rounds_of_it in costs.items():
        seconds = [cost.seconds for cost in rounds_of_it]
        median, count = statistics.median(seconds), sizes[name]
        cpu = statistics.median(cost.cpu for cost in rounds_of_it) / count
        memory = statistics.median(cost.memory for cost in rounds_of_it)
        rows.append(
            f"| {name} | {count} | {median:.1f} | {min(seconds):.1f}–{max(seconds):.1f} | {each[name]:.2f} | {cpu:.2f} "
            f"| {memory / 2**20:.0f} | {each[name] / each['autograder']:.2f} | {each[name] / each['floor']:.2f} |"
        )
    return "\n".join(
        [
            f"## {template.assignment}",
            "",
            f"{len(students)} submissions: {', '.join(student.story for student in students)}.",
            "",
            f"| median of {rounds} | notebooks | s | from–to | s each | CPU s each | MiB at worst | × autograder | × floor |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
            *rows,
            "",
        ]
    )


def machine() -> str:
    """Where and with what it was measured."""
    cores = len(os.sched_getaffinity(0))
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    today = time.strftime("%Y-%m-%d")
    return (
        f"{today}: {cores} cores, load at the end {os.getloadavg()[0]:.1f}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"compare: {failure}")
