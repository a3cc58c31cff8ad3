"""What each further Keras kernel takes in memory: `.venv/bin/python -m benchmarks.kernels [--kernels N]`.

Starts the warm parent of `04_xor_mlp` and then N walled kernels, one after the other, which stay. Each runs the reference's
notebook as when grading, builds its network and trains it, so that all that TensorFlow sets up at its first operations is there.
After each, the proportional set size (PSS: private pages, and of shared ones its share) of the warm parent and everything below it
is added up: kernels, their supervisors and their processes 1. What the sum has grown by is what the kernel takes. Ends with 1
when a further kernel takes more than 300 MB in the median.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import nbformat
import psutil

from autograder.course import Course
from autograder.engine import Engine
from autograder.examiner.notebook import LiveNotebook
from autograder.intake import prepare, read
from autograder.kernel.session import Session, make_work_folder
from autograder.records import Cell, Role
from autograder.sandbox import Plan, libraries

LIMIT_MB = 300
NAME = "04_xor_mlp"
TRAINING = """
_model = build_xor_model()
_x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
_model.fit(_x, np.array([0, 1, 1, 0]), epochs=20, verbose=0)
_model.predict(_x, verbose=0)
"""


def main() -> int:
    """Start kernels, and print what each has added."""
    parser = argparse.ArgumentParser(description="Memory of Keras kernels; see the top of this file.")
    parser.add_argument("--kernels", type=int, default=6, metavar="N", help="at least 2")
    options = parser.parse_args()
    if options.kernels < 2:
        parser.error("--kernels takes numbers from 2")
    course = Course.load(Path(__file__).resolve().parents[1])
    limits = course.assignment(NAME).limits
    started: list[LiveNotebook] = []
    with Engine(course) as engine, tempfile.TemporaryDirectory(prefix="kernels-") as folder:
        os.chmod(folder, 0o711)
        template = engine.template(NAME, course.language)
        cells = prepare(read(nbformat.writes(template.reference()).encode()), template).cells
        cells = (*(cell for cell in cells if cell.role is not Role.TEXT), Cell("training", Role.EXTRA, TRAINING))
        parent = engine._parent(engine.kind(NAME))

        def start() -> Session:
            plan = Plan.within(limits, make_work_folder(folder), libraries())
            told = {"threads": limits.threads, "output": limits.output, "data": None}
            return Session(parent.requests, "autograder.kernel.child:student", plan, told, limits.reply)

        sums = [proportional()]
        print(f"warm parent: {sums[0] / 1e6:.0f} MB", flush=True)
        try:
            for number in range(1, options.kernels + 1):
                started.append(LiveNotebook(cells, limits, start, run_demos=False))
                if problem := next((run.problem for run in started[-1].run() if run.problem), None):
                    sys.exit(f"kernels: the reference did not run: {problem.en}")
                sums.append(proportional())
                print(f"kernel {number}: {(sums[-1] - sums[-2]) / 1e6:.0f} MB", flush=True)
        finally:
            for notebook in started:
                notebook.close()
    further = statistics.median(after - before for before, after in pairwise(sums[1:])) / 1e6
    print(
        f"a further kernel: {further:.0f} MB in the median ({'within' if further <= LIMIT_MB else 'OVER'} {LIMIT_MB})"
    )
    return int(further > LIMIT_MB)


def proportional() -> int:
    """Bytes (PSS) of all processes below this one."""
    return sum(process.memory_full_info().pss for process in psutil.Process().children(recursive=True))


if __name__ == "__main__":
    sys.exit(main())
