"""Graders that take part in `benchmarks/compare.py`, each with the course as its own users would keep it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import Template, imported
from autograder.course import CONFIG, Course
from autograder.data import mentioned, publish
from autograder.records import Role
from benchmarks.inkernel import load

ROOT = Path(__file__).resolve().parents[1]
_BIN = Path(sys.executable).parent
_NO_CAP = 3600
"""Seconds for a cell at nbgrader, so that no submission is cut."""


class Failure(Exception):
    """A grader did not grade the class as it must, so its time means nothing."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook."""

    student: str
    story: str
    notebook: Any


class Contender:
    """A grader with a class in front of it; `prepare` is not timed, `commands` are.

    Args:
        folder: the contender's own, empty; `home` in it is the home folder of every command.
        course: this course.
        template: the assignment in the course's language.
        students: the class.
    """

    name: str

    def __init__(self, folder: Path, course: Course, template: Template, students: list[Submission]) -> None:
        self.folder, self.course, self.template, self.students = folder, course, template, students
        self.assignment = template.assignment
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        own = ("HOME", "XDG_", "JUPYTER", "IPYTHON", "MPL", "PYTHON", "COURSE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        # First in PATH: what the commands start comes from this virtual environment.
        path = os.pathsep.join((str(_BIN), os.environ.get("PATH", os.defpath)))
        self.environment = {**kept, "HOME": str(self.home), "PATH": path}
        self.prepare()

    @property
    def _file(self) -> str:
        return f"{self.assignment}/{self.assignment}.ipynb"

    def prepare(self) -> None:
        """Write the course and the class."""
        raise NotImplementedError

    def commands(self) -> list[list[str]]:
        """What an instructor types, one after the other, in `folder`."""
        raise NotImplementedError

    def warm_up(self) -> list[str]:
        """A command for one submission, after which libraries are in the file caches and what is kept at home is made."""
        return self.commands()[0]

    def forget(self) -> None:
        """Remove the results of an earlier round."""
        raise NotImplementedError

    def marks(self) -> Mapping[str, float]:
        """Student → points that were given."""
        raise NotImplementedError

    def time(self) -> float:
        """Seconds by the clock that grading the class takes.

        Raises:
            Failure: a command ended otherwise than well.
        """
        started = time.perf_counter()
        for command in self.commands():
            self.run(command)
        return time.perf_counter() - started

    def run(self, command: list[str]) -> str:
        """Run one command; what it printed.

        Raises:
            Failure: it ended otherwise than well.
        """
        program, *arguments = command
        done = subprocess.run(
            [str(_BIN / program), *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        # 1: a submission asks for a person; whether all were judged is read from the marks.
        if done.returncode not in (0, 1):
            raise Failure(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stderr or done.stdout)[-3000:]}")
        return done.stdout


class Autograder(Contender):
    """This engine: warm, walled, as many submissions at once as there are cores."""

    name = "autograder"

    def prepare(self) -> None:
        """The course without its other assignments' time: they are there, and cost nothing."""
        shutil.copytree(self.course.root / "solutions", self.folder / "solutions")
        config = (self.course.root / CONFIG).read_text(encoding="utf-8")
        config += '\nfrom dataclasses import replace\n\ncourse = replace(course, gradebook="sqlite:///gradebook.db")\n'
        (self.folder / CONFIG).write_text(config, encoding="utf-8")
        for student in self.students:
            write(self.folder / "submitted" / student.student / self._file, student.notebook)

    def commands(self) -> list[list[str]]:
        """One command for the class."""
        return [self._command("submitted")]

    def warm_up(self) -> list[str]:
        """One notebook."""
        return self._command(f"submitted/{self.students[0].student}/{self._file}")

    def _command(self, path: str) -> list[str]:
        return ["autograder", "grade", path, "--assignment", self.assignment, "--out", "results", "--fresh"]

    def forget(self) -> None:
        """The journal lies in the same folder."""
        shutil.rmtree(self.folder / "results", ignore_errors=True)

    def marks(self) -> Mapping[str, float]:
        """From the reports."""
        reports = json.loads((self.folder / "results" / "reports.json").read_text(encoding="utf-8"))
        return {report["student"]: report["score"] for report in reports if report["status"] == "graded"}


class Peer(Contender):
    """A grader whose tests run in the student's kernel: `benchmarks.inkernel` gives it this engine's checks."""

    def prepare(self) -> None:
        """Where the notebook loads data, its kernel finds the mini data sets before it starts."""
        self.grader = str(self.course.assignment(self.assignment).grader)
        # On the path of whatever they start: the checks, as an instructor's own helpers would be, and what spares them jsonschema's
        # check of international addresses, which takes two seconds to import.
        (self.folder / "without").mkdir()
        (self.folder / "without" / "rfc3987_syntax.py").write_text("raise ImportError\n")
        self.environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(self.folder / "without")))
        self.data: str | None = None
        if names := mentioned(cell.source for cell in self.template.reference().cells if cell.cell_type == "code"):
            data = self.folder / "data"
            publish("mini", names, data)
            self.data = str(data)
            startup = self.home / ".ipython" / "profile_default" / "startup" / "data.py"
            startup.parent.mkdir(parents=True)
            startup.write_text(
                f"import keras\nfrom autograder.kernel.datasets import serve_from\nserve_from({self.data!r})\n"
            )

    def shown(self, notebook: Any, roles: Iterable[Role] = ()) -> Any:
        """`notebook` without demo cells, which this engine does not run here either, and without cells of `roles`."""
        left_out = {Role.DEMO.value, *(role.value for role in roles)}
        cells = [cell for cell in notebook.cells if cell.metadata.get("autograder", {}).get("role") not in left_out]
        return nbformat.from_dict({**notebook, "cells": cells})

    def call(self, function: str, what: str) -> str:
        """A line of a test cell that calls `inkernel`."""
        return f"{function}({self.grader!r}, {what!r}, globals(), {self.data!r})"


class Nbgrader(Peer):
    """Hidden tests in the notebook, one cell per task with partial credit; a kernel for each submission, one by one."""

    name = "nbgrader"

    def prepare(self) -> None:
        """Let nbgrader make its course."""
        super().prepare()
        for student in self.students:
            write(self.folder / "submitted" / student.student / self._file, self.shown(student.notebook))
        config = f'c = get_config()\nc.CourseDirectory.course_id = "compare"\nc.Execute.timeout = {_NO_CAP}\n'
        (self.folder / "nbgrader_config.py").write_text(config)
        source = self.shown(self.template.reference())
        for cell in source.cells:
            about = cell.metadata["autograder"]
            if about["role"] == Role.CHECK.value:
                # The one without a task sets up otter.
                cell.source = "pass" if about["task"] is None else self._hidden(about["task"])
        write(self.folder / "source" / self._file, source)
        self.run(["nbgrader", "generate_assignment", self.assignment])

    def _hidden(self, task: str) -> str:
        lines = ["from benchmarks.inkernel import earned", self.call("earned", task)]
        return "\n".join(["### BEGIN HIDDEN TESTS", *lines, "### END HIDDEN TESTS"])

    def commands(self) -> list[list[str]]:
        """One command for the class."""
        return [["nbgrader", "autograde", self.assignment]]

    def warm_up(self) -> list[str]:
        """One student's."""
        return [*self.commands()[0], "--student", self.students[0].student]

    def forget(self) -> None:
        """It skips what is graded already."""
        shutil.rmtree(self.folder / "autograded", ignore_errors=True)

    def marks(self) -> Mapping[str, float]:
        """From its gradebook, of those whose graded notebook is there."""
        from nbgrader.api import Gradebook

        graded = [path.parts[-3] for path in (self.folder / "autograded").glob(f"*/{self._file}")]
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db", "compare") as gradebook:
            return {student: gradebook.find_submission(self.assignment, student).score for student in graded}


class Otter(Peer):
    """Test files in a zip, one test case per check; `otter run` for each submission, one by one."""

    name = "otter-grader"

    def prepare(self) -> None:
        """Let otter pack the tests."""
        super().prepare()
        for student in self.students:
            # Without the cells that show public checks while working, which would cost it time here.
            write(self.folder / f"{student.student}.ipynb", self.shown(student.notebook, [Role.CHECK]))
        tests = self.folder / "tests"
        tests.mkdir()
        for task in self.template.points:
            (tests / f"{task}.py").write_text(self._test_file(task))
        self.run(["otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"])

    def _test_file(self, task: str) -> str:
        checks = [check for check in load(self.grader) if check.task == task]
        lines = [
            "from otter.test_files import test_case",
            "from benchmarks.inkernel import require",
            f"OK_FORMAT, name, points = False, {task!r}, {sum(check.points for check in checks)}",
        ]
        for check in checks:
            call = self.call("require", check.name).replace("globals()", "env")
            lines.append(f"@test_case(points={check.points}, hidden=True)\ndef test_{check.name}(env):\n    {call}")
        return "\n".join(lines) + "\n"

    def commands(self) -> list[list[str]]:
        """One command for each submission."""
        return [
            ["otter", "run", "--no-logo", "-a", "autograder.zip", "-o", f"out/{name}", f"{name}.ipynb"]
            for name in (student.student for student in self.students)
        ]

    def forget(self) -> None:
        """It writes its results into folders that exist."""
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        for student in self.students:
            (self.folder / "out" / student.student).mkdir(parents=True)

    def marks(self) -> Mapping[str, float]:
        """From its results."""
        found = {}
        for student in self.students:
            path = self.folder / "out" / student.student / "results.json"
            if path.exists():
                tests = json.loads(path.read_text())["tests"]
                found[student.student] = float(sum(test.get("score") or 0.0 for test in tests))
        return found


class Floor(Peer):
    """No grader at all: `benchmarks.floor` runs the same code in processes forked from a warm one, on all cores."""

    name = "floor"
    keras = "tuned"

    def prepare(self) -> None:
        """One file for each submission."""
        super().prepare()
        for student in self.students:
            notebook = self.shown(student.notebook, [Role.CHECK])
            cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
            path = self.folder / "submitted" / f"{student.student}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(cells))

    def commands(self) -> list[list[str]]:
        """One command for the class."""
        libraries = [name for name in imported(self.course.assignment(self.assignment)) if name != "autograder"]
        module = ["python", "-m", "benchmarks.floor", self.keras]
        return [[*module, self.grader, self.data or "", "submitted", "marks", *libraries]]

    def warm_up(self) -> list[str]:
        """One notebook."""
        shutil.rmtree(self.folder / "one", ignore_errors=True)
        (self.folder / "one").mkdir()
        shutil.copy(self.folder / "submitted" / f"{self.students[0].student}.json", self.folder / "one")
        return ["one" if argument == "submitted" else argument for argument in self.commands()[0]]

    def time(self) -> float:
        """Without the imports before the first fork."""
        return sum(float(self.run(command)) for command in self.commands())

    def forget(self) -> None:
        """It writes a file for each submission."""
        shutil.rmtree(self.folder / "marks", ignore_errors=True)
        (self.folder / "marks").mkdir()

    def marks(self) -> Mapping[str, float]:
        """What the checks said."""
        return {path.stem: float(path.read_text()) for path in (self.folder / "marks").iterdir()}


class UntunedFloor(Floor):
    """The same with Keras as it is installed, which is what students wait for."""

    name = "floor, Keras untuned"
    keras = "untuned"


def write(path: Path, notebook: Any) -> None:
    """Write a notebook, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
