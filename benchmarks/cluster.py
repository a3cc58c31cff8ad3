"""What a cluster costs, what two workers are worth, and what is left of a class whose workers are killed: three measurements.

    python benchmarks/cluster.py overhead [--submissions 10000]
    python benchmarks/cluster.py speedup [--assignment 04_xor_mlp] [--submissions 24]
    python benchmarks/cluster.py kill [--submissions 40] [--every 4]

- `overhead`: files that are no notebooks go the whole way through scheduler, two workers and the journal, and are rejected there at
  once, so that what is left is the way.
- `speedup`: a class graded by one worker with one job, by two of them, and by one again, each already warm.
- `kill`: a class graded while workers are killed, with everything that they started, and others join; its reports are compared with
  this machine's. With `--part worker` the worker's process alone is killed, as when memory runs out, and its nanny starts another.

The scheduler and the workers are real processes of this machine, on its loopback interface.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.authoring import read_template  # noqa: E402
from autograder.batch import grade_class  # noqa: E402
from autograder.cluster import RemoteGrader  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.engine import Engine  # noqa: E402
from autograder.intake import Handed  # noqa: E402
from autograder.journal import Journal  # noqa: E402
from autograder.records import Report  # noqa: E402
from autograder.variants import mistakes  # noqa: E402
from tests.cluster import Cluster, Started  # noqa: E402


def main() -> int:
    """Run one measurement; 0 when it holds what docs/cluster.md says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["overhead", "speedup", "kill"])
    parser.add_argument("--submissions", type=int)
    parser.add_argument("--assignment")
    parser.add_argument("--every", type=float, default=4.0, help="seconds between two kills")
    parser.add_argument("--part", choices=["machine", "worker"], default="machine", help="what is killed")
    options = parser.parse_args()
    course = Course.load(ROOT)
    with tempfile.TemporaryDirectory(prefix="cluster-") as folder, Cluster(Path(folder)) as cluster:
        if options.what == "overhead":
            return overhead(course, cluster, options.submissions or 10_000)
        if options.what == "speedup":
            return speedup(course, cluster, options.assignment or "04_xor_mlp", options.submissions or 24)
        name = options.assignment or "02_matrix_products"
        return kill(course, cluster, name, options.submissions or 40, options.every, options.part)


def overhead(course: Course, cluster: Cluster, size: int) -> int:
    """Milliseconds of each submission that nobody has to grade."""
    cluster.join("--jobs", "1", count=2)
    items = [Handed(f"s{n}", "02_matrix_products", b"no notebook %d" % n, "", None) for n in range(size)]
    # In memory: how long a disk takes to hold a verdict is another measurement, and the same without a cluster.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with Engine(course) as engine, tempfile.TemporaryDirectory(dir=memory) as out:
        graded(engine, cluster, items[:20])
        with Journal(Path(out)) as journal:
            started = time.monotonic()
            found = graded(engine, cluster, items, journal)
            each = (time.monotonic() - started) / size * 1000
    assert {report.status.value for report in found} == {"rejected"}, "nothing was to be graded"
    print(f"{size} submissions, 2 workers: {each:.2f} ms each, journal {'in memory' if memory else 'on disk'}")
    return int(each >= 5)


def speedup(course: Course, cluster: Cluster, name: str, size: int) -> int:
    """How many times faster two workers are than one."""
    items = make_class(course, name, size)

    def timed() -> float:
        graded(engine, cluster, items[:4])
        started = time.monotonic()
        graded(engine, cluster, items)
        return time.monotonic() - started

    with Engine(course) as engine:
        cluster.join("--jobs", "1")
        before = timed()
        [second] = cluster.join("--jobs", "1")
        both = timed()
        second.process.terminate()
        second.process.wait()
        after = timed()
    ratio = (before + after) / 2 / both
    print(
        f"{size} of {name}: one worker {before:.1f} s, two {both:.1f} s, one again {after:.1f} s: {ratio:.2f} times as fast"
    )
    return int(ratio < 1.8)


def kill(course: Course, cluster: Cluster, name: str, size: int, every: float, part: str) -> int:
    """Whether killed workers change anything."""
    items = make_class(course, name, size)
    with Engine(course) as engine, tempfile.TemporaryDirectory() as out:
        with ThreadPoolExecutor(2) as executor:
            here = [one.report for one in grade_class(engine, items, executor)]
        cluster.join("--jobs", "1", count=2)
        over, killed = threading.Event(), 0

        def killing() -> None:
            nonlocal killed
            chance = random.Random(0)
            while not over.wait(every):
                alive = [one for one in cluster.workers if one.process.poll() is None]
                doomed = chance.choice(alive)
                if part == "machine":
                    doomed.kill()
                    cluster.begin("--jobs", "1")
                else:
                    kill_worker(doomed)
                killed += 1

        thread = threading.Thread(target=killing)
        thread.start()
        try:
            with Journal(Path(out)) as journal:
                there = graded(engine, cluster, items, journal)
        finally:
            over.set()
            thread.join()
    wrong = [ours.student for ours, theirs in zip(here, there, strict=True) if timeless(ours) != timeless(theirs)]
    lost = [report.faults for report in there if report.faults]
    print(
        f"{size} of {name}, {killed} times a {part} killed: {len(there)} reports, {len(wrong)} of them other ones {wrong} {lost}"
    )
    return int(bool(wrong) or len(there) != size)


def kill_worker(one: Started) -> None:
    """End the worker's process that a nanny has started; where it is just being started anew, there is none."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            if parent == one.process.pid and b"spawn_main" in path.with_name("cmdline").read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


def graded(engine: Engine, cluster: Cluster, items: Sequence[Handed], journal: Journal | None = None) -> list[Report]:
    """The class, by the code that `autograder grade --dask` runs."""
    tell = functools.partial(print, file=sys.stderr)
    with RemoteGrader(engine, cluster.place, tell) as grader, ThreadPoolExecutor(1 << 14) as executor:
        found = grade_class(grader, items, executor, journal=journal, ahead=lambda: grader.ahead)
    return [one.report for one in found]


def timeless(report: Report) -> Report:
    """Without what the clock said, and without cells, which a journal keeps apart."""
    return replace(report, seconds=0.0, cells=(), checks=tuple(replace(check, seconds=0.0) for check in report.checks))


def make_class(course: Course, name: str, size: int) -> list[Handed]:
    """The reference and the author's mistakes in turn, each with a comment of its own."""
    template = read_template(course.assignment(name), course.language)
    answers = [{}, *({each.task: each.source} for each in mistakes(course.assignment(name)))]
    items = []
    for number in range(size):
        notebook = template.reference(answers[number % len(answers)])
        notebook.metadata["number"] = number
        items.append(Handed(f"s{number:03}", name, json.dumps(notebook).encode(), f"s{number:03}", None))
    return items


if __name__ == "__main__":
    sys.exit(main())
