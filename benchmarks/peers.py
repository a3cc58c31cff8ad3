"""nbgrader and otter, each with the tiny course of the conformance suite as its own users would write it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from benchmarks.capped import CLASS, Box, Left
from tests.conformance.case import HIDDEN, POINTS, RIGHT, Case, Seen, Surroundings

NAME = "90_tiny"
SECONDS = 40.0
"""Wall clock for one submission."""
CELL_SECONDS = 10
"""nbgrader's limit for one cell, which is 30 as it comes; otter has none."""
_BIN = Path(sys.executable).parent
_STUBS = {task: source.partition("\n")[0] + "\n    ...\n" for task, source in RIGHT.items()}
_SETUP = "import numpy as np\n"
_HIDDEN_TESTS = {
    "mse": f"""\
SECRET_LABEL = "{HIDDEN}"
assert np.isclose(mse([41537, 1, 4], [41539, 3, 6]), 4.0)
assert np.isclose(mse(np.ones((4, 1)), np.zeros(4)), 1.0)
""",
    "scale": """\
x = np.random.default_rng(7).normal(size=5)
expected = (x - x.min()) / (x.max() - x.min())
np.testing.assert_allclose(scale(x), expected, rtol=1e-6)
""",
}
_PUBLIC_TESTS = {"mse": "assert mse([1], [2]) == 1\n", "scale": "assert scale([1, 2])[0] == 0\n"}


class Peer:
    """A grader of others', ready to grade cases."""

    name: str
    """The package."""
    command: str

    def __init__(self, home: Path) -> None:
        """`home`: a folder whose content is the home folder at every run."""
        self._folder = Path(tempfile.mkdtemp(prefix=f"peer-{self.name}-"))
        self._course = self._folder / "course"
        self._course.mkdir()
        shutil.copytree(home, self._folder / "home")
        # jsonschema's check of international addresses takes two seconds to import, in each of up to four processes.
        (self._folder / "without").mkdir()
        (self._folder / "without" / "rfc3987_syntax.py").write_text("raise ImportError\n")
        self.released = self.prepare()

    def close(self) -> None:
        """Delete the course."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def prepare(self) -> dict[str, Any]:
        """Make the course in `self._course`, and return the notebook that students get."""
        raise NotImplementedError

    def commands(self, case: Case) -> list[list[str]]:
        """What an instructor types."""
        raise NotImplementedError

    def place(self) -> str:
        """Where the submission lies, below the course."""
        raise NotImplementedError

    def wanted(self) -> list[str]:
        """The files that hold the result, below the course."""
        raise NotImplementedError

    def read(self, left: Left, files: Mapping[str, bytes]) -> tuple[float | None, str]:
        """The score, and what the notebook printed."""
        raise NotImplementedError

    def grade(self, case: Case, box: Box) -> tuple[Seen, Surroundings, Left]:
        """Grade one case in a copy of the course."""
        around = Surroundings(CLASS / "spot", CLASS / "others" / "sibling.txt")
        with tempfile.TemporaryDirectory(prefix="case-") as name:
            files = Path(name) / "class"
            shutil.copytree(self._folder, files)
            (files / "spot").mkdir()
            (files / "others").mkdir()
            (files / "others" / "sibling.txt").write_text(around.content)
            submitted = files / "course" / self.place()
            submitted.parent.mkdir(parents=True, exist_ok=True)
            submitted.write_bytes(case.notebook(self.released, around))
            variables = {
                "PATH": os.pathsep.join((str(_BIN), "/usr/bin", "/bin")),
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(CLASS / "without"),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "COURSE_SECRET": around.content,
            }
            wanted = [f"course/{path}" for path in self.wanted()]
            left = box.run(files, self.commands(case), SECONDS, variables, wanted)
        score, printed = self.read(left, {path.removeprefix("course/"): data for path, data in left.files.items()})
        # A damaged file may be refused, as long as the command says so in its own time.
        rejected = case.kind == "confuse" and score is None and left.status is not None
        return Seen(0.0 if rejected else score, printed, rejected), around, left


class Nbgrader(Peer):
    """Hidden tests between marks, a gradebook, `nbgrader autograde`."""

    name = "nbgrader"
    command = "nbgrader autograde"

    def prepare(self) -> dict[str, Any]:
        """Write the source, and let nbgrader make what students get."""
        cells = [
            _cell("title", "# Tiny"),
            _about("setup", _SETUP, locked=True),
        ]
        for task, points in POINTS.items():
            head, _, body = RIGHT[task].partition("\n")
            solved = f"{head}\n    ### BEGIN SOLUTION\n{body}    ### END SOLUTION\n"
            tests = f"{_PUBLIC_TESTS[task]}### BEGIN HIDDEN TESTS\n{_HIDDEN_TESTS[task]}### END HIDDEN TESTS\n"
            cells += [
                _about(f"{task}-answer", solved, solution=True),
                _about(f"{task}-test", tests, grade=True, locked=True, points=points),
            ]
        source = self._course / "source" / NAME / f"{NAME}.ipynb"
        source.parent.mkdir(parents=True)
        nbformat.write(_notebook(cells), source)
        (self._course / "nbgrader_config.py").write_text(
            f'c = get_config()\nc.CourseDirectory.course_id = "tiny"\nc.Execute.timeout = {CELL_SECONDS}\n'
        )
        _run([str(_BIN / "nbgrader"), "generate_assignment", NAME], self._course)
        released: dict[str, Any] = json.loads((self._course / "release" / NAME / f"{NAME}.ipynb").read_text())
        return released

    def commands(self, case: Case) -> list[list[str]]:
        """One submission at a time."""
        return [[str(_BIN / "nbgrader"), "autograde", NAME, "--student=s1"]]

    def place(self) -> str:
        """nbgrader's own layout."""
        return f"submitted/s1/{NAME}/{NAME}.ipynb"

    def wanted(self) -> list[str]:
        """Marks are in the gradebook, outputs in the graded notebook."""
        return ["gradebook.db", f"autograded/s1/{NAME}/{NAME}.ipynb"]

    def read(self, left: Left, files: Mapping[str, bytes]) -> tuple[float | None, str]:
        """Marks count when nbgrader says that the submission was graded."""
        graded = files.get(self.wanted()[1])
        printed = _printed(graded, lambda cell: cell["metadata"].get("nbgrader", {}).get("grade", False))
        if left.status != 0 or graded is None or "gradebook.db" not in files:
            return None, printed
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(files["gradebook.db"])
            file.flush()
            with contextlib.closing(sqlite3.connect(file.name)) as database:
                rows = database.execute("SELECT coalesce(manual_score, auto_score) FROM grade").fetchall()
        return float(sum(row[0] or 0.0 for row in rows)), printed


class Otter(Peer):
    """Test files in a zip, `otter run`."""

    name = "otter-grader"
    command = "otter run"

    def prepare(self) -> dict[str, Any]:
        """Write the tests, and let otter pack them."""
        tests = self._course / "tests"
        tests.mkdir()
        cells = [_cell("title", "# Tiny"), _cell("init", f'import otter\ngrader = otter.Notebook("{NAME}.ipynb")')]
        cells.append(_cell("setup", _SETUP))
        for task, points in POINTS.items():
            (tests / f"{task}.py").write_text(_otter_test(task, points))
            cells += [_cell(f"{task}-answer", _STUBS[task]), _cell(f"{task}-check", f'grader.check("{task}")')]
        _run([str(_BIN / "otter"), "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"], self._course)
        shutil.rmtree(tests)
        return dict(json.loads(nbformat.writes(_notebook(cells))))

    def commands(self, case: Case) -> list[list[str]]:
        """Where a case prints what it found, the executed notebook is taken out of otter's own results, too."""
        run = [str(_BIN / "otter"), "run", "--no-logo", "-a", "autograder.zip", "-o", ".", f"{NAME}.ipynb"]
        if case.kind not in ("read", "escape"):
            return [run]
        code = (
            "import dill, nbformat; notebook = dill.load(open('results.pkl', 'rb')).notebook; "
            "nbformat.write(notebook, 'executed.ipynb')"
        )
        return [[*run, "-p"], [sys.executable, "-c", code]]

    def place(self) -> str:
        """Beside the zip."""
        return f"{NAME}.ipynb"

    def wanted(self) -> list[str]:
        """Marks, and outputs where they are asked for."""
        return ["results.json", "executed.ipynb"]

    def read(self, left: Left, files: Mapping[str, bytes]) -> tuple[float | None, str]:
        """Marks are in the results that otter wrote at the end."""
        printed = _printed(files.get("executed.ipynb"), lambda cell: False)
        if left.status != 0 or "results.json" not in files:
            return None, printed
        results = json.loads(files["results.json"])
        return float(sum(test.get("score") or 0.0 for test in results["tests"])), printed


def _otter_test(task: str, points: float) -> str:
    def function(name: str, body: str, hidden: bool) -> str:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        return f"@test_case(points={points if hidden else 0}, hidden={hidden})\ndef {name}({task}):\n{lines}\n"

    return (
        f"import numpy as np\nfrom otter.test_files import test_case\n\nOK_FORMAT = False\nname = {task!r}\npoints = {points}\n\n"
        + function("test_public", _PUBLIC_TESTS[task], False)
        + function("test_hidden", _HIDDEN_TESTS[task], True)
    )


def _cell(name: str, source: str) -> Any:
    made = new_markdown_cell(source) if source.startswith("# ") else new_code_cell(source)
    made.id = name
    return made


def _about(name: str, source: str, **flags: Any) -> Any:
    made = _cell(name, source)
    made.metadata["nbgrader"] = {
        "schema_version": 3,
        "cell_type": "code",
        "grade_id": name,
        "task": False,
        "grade": False,
        "solution": False,
        "locked": False,
        **flags,
    }
    return made


def _notebook(cells: list[Any]) -> Any:
    return new_notebook(
        cells=cells,
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )


def _printed(notebook: bytes | None, tests: Any) -> str:
    """All outputs of the students' cells; a traceback below a hidden test is the grader's own and shows it rightly."""
    try:
        cells = json.loads(notebook or b"{}").get("cells", [])
        found = []
        for cell in cells:
            for output in cell.get("outputs", []):
                if not (tests(cell) and output["output_type"] == "error"):
                    found.append(json.dumps(output))
        return "\n".join(found)
    except (ValueError, KeyError, AttributeError):
        return ""


def _run(command: list[str], folder: Path) -> None:
    # First in PATH: what the commands start comes from this virtual environment.
    environment = {**os.environ, "PATH": os.pathsep.join((str(_BIN), os.environ.get("PATH", os.defpath)))}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
