"""What it costs to grade an unchanged class again: `.venv/bin/python -m benchmarks.again [--submissions N] [--assignment NAME]`.

The class: N students (1,000 unless told otherwise), whose notebooks are the reference, the author's mistakes and alternatives in
turn, each with a comment of its own, so that no two files are equal and every one has to be found by its own fingerprint. It is
graded once, from nothing, then three times again with the same command; each time is the clock of the whole command, from the
start of Python to the table. Verdicts, pages and marks have to be the same every time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from autograder.authoring import read_template
from autograder.course import Course
from autograder.variants import alternatives, mistakes

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Grade once and again, and print the times."""
    parser = argparse.ArgumentParser(description="Time the regrading of an unchanged class; see the top of this file.")
    parser.add_argument("--submissions", type=int, default=1000, metavar="N")
    parser.add_argument("--assignment", default="01_mse", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="again-") as name:
        folder = Path(name)
        os.chmod(folder, 0o711)
        make_class(folder, options.assignment, options.submissions)
        command = [str(Path(sys.executable).with_name("autograder")), "grade", "in", "--out", "out"]
        first, made = timed(command, folder), results(folder)
        print(f"{options.submissions} submissions of {options.assignment}: {first:.1f} s", flush=True)
        again = []
        for _ in range(3):
            again.append(timed(command, folder))
            if results(folder) != made:
                sys.exit("again: something differs from the first time")
        times = ", ".join(f"{seconds:.1f}" for seconds in again)
        load = os.getloadavg()[0]
        print(f"again: median {statistics.median(again):.1f} s ({times}); nothing differs; load {load:.1f}")
    return 0


def make_class(folder: Path, name: str, count: int) -> None:
    """A course of one assignment, and its class in `in`."""
    course = Course.load(ROOT)
    assignment = course.assignment(name)
    shutil.copytree(assignment.folder, folder / "solutions" / name)
    config = 'from autograder.course import Course\n\ncourse = Course(id="again", run_demos=False)\n'
    (folder / "course_config.py").write_text(config)
    template = read_template(assignment, course.language)
    answers = [{}, *({each.task: each.source} for each in (*mistakes(assignment), *alternatives(assignment)))]
    for number, answer in enumerate(islice(cycle(answers), count)):
        notebook = template.reference(answer)
        cell = next(cell for cell in notebook.cells if cell.metadata["autograder"]["role"] == "task")
        cell.source += f"\n# student {number}"
        path = folder / "in" / f"student{number:05}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))


def timed(command: list[str], folder: Path) -> float:
    """Seconds of one command; 1 is no failure, since some answers ask for a person."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"again: {' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - started


def results(folder: Path) -> dict[str, str]:
    """A hash of everything that students and teachers get."""
    paths = [
        folder / "out" / "reports.json",
        *(folder / "out" / "feedback").iterdir(),
        *(folder / "out" / "receipts").iterdir(),
    ]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


if __name__ == "__main__":
    sys.exit(main())
