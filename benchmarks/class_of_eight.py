"""One class of eight, graded twice on this machine in one run: by `autograder grade` and by `nbgrader autograde`.

    .venv/bin/python benchmarks/class_of_eight.py [--assignment NAME] [--submissions N] [--rounds R]

The class: one assignment of the course (`04_xor_mlp` unless told otherwise) handed in by N students: the reference
twice, two of the author's alternatives, then plausible mistakes of different tasks, and last an untouched notebook.
Both graders get the same files.

What is timed: the wall clock of one command, as an instructor types it, from a cold start to marks in the gradebook.

- `autograder grade submitted --assignment NAME` starts its warm processes, then forks; as many submissions at once as
  there are cores; setup, task and students' own cells are run (demo cells where the course's settings say so: not for
  `04_xor_mlp`), then the hidden grader with five trainings of its own, all of it behind walls. Small arrays reach TensorFlow
  directly (`autograder.kernel.tuning`), which nbgrader's kernels do not have. Feedback pages are part of it.
- `nbgrader autograde NAME` takes one submission after the other, since it knows no other way; a fresh kernel for each;
  every cell is run, with one hidden test cell per task, in the student's own kernel and without walls. Feedback would
  be a further command.

Where they differ otherwise, nbgrader is favoured. Its test cells hold the notebook's public checks as plain asserts, which is less
work than the hidden grader does; otter, which shows those checks to students, is not loaded; making the nbgrader course
is not timed; its limit of seconds per cell is raised so that no submission is cut. Libraries and matplotlib's list of
fonts are in the file caches for both: one import before the clock starts. With several rounds the commands take turns,
and the median is shown. A time counts only if the whole class was graded, with full marks for the references and none
for the untouched notebook.

Everything happens in a temporary folder with its own HOME; neither the course nor its gradebook is touched.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import Template, read_template
from autograder.course import CONFIG, Assignment, Course
from autograder.records import Role
from autograder.variants import Variant, alternatives, mistakes

PACKAGES = ("autograder", "nbgrader", "ipykernel", "keras", "tensorflow")
_IN_OWN_GRADEBOOK = (
    '\nfrom dataclasses import replace\n\ncourse = replace(course, gradebook="sqlite:///gradebook.db")\n'
)
_NBGRADER_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "benchmark"
c.Execute.timeout = 3600
"""


@dataclass(frozen=True)
class Submission:
    """One student's notebook."""

    student: str
    story: str
    notebook: Any


class Failure(Exception):
    """A grader did not grade the class as it must, so its time means nothing."""


def main() -> int:
    """Make the class, time both graders, print the table."""
    parser = argparse.ArgumentParser(description="Time autograder and nbgrader on one class; see the top of this file.")
    parser.add_argument("--assignment", default="04_xor_mlp", metavar="NAME")
    parser.add_argument("--submissions", type=int, default=8, metavar="N")
    parser.add_argument("--rounds", type=int, default=1, metavar="R", help="the median of R rounds is shown")
    parser.add_argument("--course", type=Path, default=None, help="folder of the course; by default here or above")
    options = parser.parse_args()
    if options.submissions < 1 or options.rounds < 1:
        parser.error("--submissions and --rounds take numbers from 1")
    course = Course.load(options.course)
    assignment = course.assignment(options.assignment)
    template = read_template(assignment, course.language)
    students = make_class(assignment, template, options.submissions)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        # Walled processes run under their own user id and have to pass through.
        os.chmod(folder, 0o711)
        bench = Bench(Path(folder), course, template, students)
        bench.warm_file_caches()
        seconds: dict[str, list[float]] = {"autograder": [], "nbgrader": []}
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds} …", file=sys.stderr, flush=True)
            seconds["autograder"].append(bench.autograder())
            seconds["nbgrader"].append(bench.nbgrader())
    print(table(template.assignment, students, seconds))
    return 0


def make_class(assignment: Assignment, template: Template, count: int) -> list[Submission]:
    """`count` submissions: see the top of this file."""
    whole: list[tuple[str, Any]] = [("reference", template.reference()), ("reference", template.reference())]
    for variant in alternatives(assignment)[:2]:
        whole.append((f"alternative {variant.name}", template.reference({variant.task: variant.source})))
    wrong = [
        (f"mistake {variant.name}", template.reference({variant.task: variant.source}))
        for variant in _task_by_task(mistakes(assignment))
    ]
    chosen = [*whole, *wrong][: max(1, count - 1)]
    while len(chosen) < count - 1:
        chosen.append(chosen[len(chosen) % len(whole)])
    if count > 1:
        chosen.append(("untouched", template.notebook()))
    return [Submission(f"s{number:02}", *item) for number, item in enumerate(chosen, start=1)]


def _task_by_task(variants: tuple[Variant, ...]) -> Iterator[Variant]:
    """The first mistake of every task, then the second of every task, and so on."""
    tasks: dict[str, list[Variant]] = {}
    for variant in variants:
        tasks.setdefault(variant.task, []).append(variant)
    return (variant for variant in chain.from_iterable(zip_longest(*tasks.values())) if variant is not None)


class Bench:
    """Two courses in one folder, and the commands that grade them."""

    def __init__(self, folder: Path, course: Course, template: Template, students: list[Submission]) -> None:
        self._name = template.assignment
        self._students = students
        self._ours = folder / "autograder"
        self._theirs = folder / "nbgrader"
        self._home = folder / "home"
        self._home.mkdir()
        own = ("HOME", "XDG_", "JUPYTER", "IPYTHON", "MPL", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        # First in PATH: nbgrader's kernel and what it starts come from this virtual environment.
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        self._environment = {**kept, "HOME": str(self._home), "PATH": path}
        shutil.copytree(course.root / "solutions", self._ours / "solutions")
        config = (course.root / CONFIG).read_text(encoding="utf-8")
        (self._ours / CONFIG).write_text(config + _IN_OWN_GRADEBOOK, encoding="utf-8")
        for top in (self._ours, self._theirs):
            for student in students:
                _write(self._notebook_in(top / "submitted" / student.student), student.notebook)
        (self._theirs / "nbgrader_config.py").write_text(_NBGRADER_CONFIG)
        _write(self._notebook_in(self._theirs / "source"), nbgrader_source(template))
        self._run(["nbgrader", "generate_assignment", self._name], self._theirs)

    def warm_file_caches(self) -> None:
        """Read the libraries once, and let matplotlib make the list of fonts that each grader looks for in its own place."""
        code = "import importlib.util as u, matplotlib.pyplot\nif u.find_spec('keras'): import keras"
        for place in (".cache/matplotlib", ".cache/autograder/matplotlib"):
            self._run([sys.executable, "-c", code], self._home, MPLCONFIGDIR=str(self._home / place))

    def autograder(self) -> float:
        """Seconds of `autograder grade`."""
        out = self._ours / "results"
        shutil.rmtree(out, ignore_errors=True)
        command = ["autograder", "grade", "submitted", "--assignment", self._name, "--out", str(out), *_fresh()]
        # Exit code 1: some submission asks for a person. Whether all were judged is read from the reports.
        seconds = self._run(command, self._ours, fine=(0, 1))
        reports = json.loads((out / "reports.json").read_text(encoding="utf-8"))
        self._require(
            "autograder",
            {item["student"]: item["score"] / item["max_score"] for item in reports if item["status"] == "graded"},
        )
        return seconds

    def nbgrader(self) -> float:
        """Seconds of `nbgrader autograde`."""
        from nbgrader.api import Gradebook

        shutil.rmtree(self._theirs / "autograded", ignore_errors=True)
        seconds = self._run(["nbgrader", "autograde", self._name], self._theirs)
        graded = [path.parts[-3] for path in (self._theirs / "autograded").glob(f"*/{self._name}/{self._name}.ipynb")]
        with Gradebook(f"sqlite:///{self._theirs}/gradebook.db", "benchmark") as gradebook:
            found = {student: gradebook.find_submission(self._name, student) for student in graded}
            self._require("nbgrader", {student: item.score / item.max_score for student, item in found.items()})
        return seconds

    def _require(self, grader: str, marks: Mapping[str, float]) -> None:
        """`marks`: student → share of all points, 0 to 1."""
        for student in self._students:
            if student.student not in marks:
                raise Failure(f"{grader} did not grade {student.student} ({student.story})")
            wanted = {"reference": 1.0, "untouched": 0.0}.get(student.story)
            got = marks[student.student]
            if wanted is not None and abs(got - wanted) > 1e-6:
                raise Failure(f"{grader} gave {student.student} ({student.story}) {got:.0%} of the points")

    def _notebook_in(self, folder: Path) -> Path:
        return folder / self._name / f"{self._name}.ipynb"

    def _run(self, command: list[str], folder: Path, fine: tuple[int, ...] = (0,), **variables: str) -> float:
        started = time.perf_counter()
        done = subprocess.run(
            [shutil.which(command[0], path=self._environment["PATH"]) or command[0], *command[1:]],
            cwd=folder,
            env={**self._environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - started
        if done.returncode not in fine:
            raise Failure(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stderr or done.stdout)[-3000:]}")
        return seconds


def nbgrader_source(template: Template) -> Any:
    """The assignment as an nbgrader course would hold it: solved, with hidden tests in the place of otter's checks."""
    notebook = template.reference()
    for cell in notebook.cells:
        about = cell.metadata["autograder"]
        if about["role"] == Role.CHECK.value:
            # The one without a task sets up otter.
            cell.source = "pass" if about["task"] is None else _hidden_tests(template.tests[about["task"]])
    return notebook


def _hidden_tests(otter_test: str) -> str:
    """An otter test file as one nbgrader test cell: each function defined, then called with the names it asks for."""
    lines = ["### BEGIN HIDDEN TESTS"]
    for node in ast.parse(otter_test).body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            arguments = ", ".join(argument.arg for argument in node.args.args)
            lines += [ast.unparse(node), f"{node.name}({arguments})"]
        elif isinstance(node, ast.Import | ast.ImportFrom) and "otter" not in ast.unparse(node):
            lines.append(ast.unparse(node))
    return "\n".join([*lines, "### END HIDDEN TESTS"])


def _fresh() -> list[str]:
    """The option that forbids results of an earlier round, where the command has it."""
    from autograder.cli import cli

    names = {name for parameter in cli.commands["grade"].params for name in parameter.opts}
    return ["--fresh"] if "--fresh" in names else []


def _write(path: Path, notebook: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def table(name: str, students: list[Submission], seconds: Mapping[str, list[float]]) -> str:
    """The result as Markdown."""
    rounds = len(seconds["nbgrader"])
    median = {grader: statistics.median(times) for grader, times in seconds.items()}
    rows = [
        f"| {label} | {median[grader]:.1f} | {median[grader] / len(students):.1f} | {min(times):.1f} to {max(times):.1f} |"
        for grader, label, times in (
            ("autograder", "`autograder grade`", seconds["autograder"]),
            ("nbgrader", "`nbgrader autograde`", seconds["nbgrader"]),
        )
    ]
    cores = len(os.sched_getaffinity(0))
    return "\n".join(
        [
            f"{len(students)} submissions of {name} ({', '.join(student.story for student in students)})",
            "",
            f"| median of {rounds} | seconds, whole class | per submission | rounds |",
            "|---|--:|--:|--:|",
            *rows,
            "",
            f"nbgrader takes {median['nbgrader'] / median['autograder']:.2f} times as long.",
            f"{cores} cores, load {os.getloadavg()[0]:.1f}, {platform.system()} {platform.release()}, "
            f"Python {platform.python_version()}; "
            + ", ".join(f"{package} {version(package)}" for package in PACKAGES),
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"class_of_eight: {failure}")
