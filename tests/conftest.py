"""Two little courses in the documented format, and warm engines for them that the whole run shares."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import Course, Limits, Settings
from autograder.engine import Engine
from autograder.examiner.notebook import LiveNotebook
from autograder.examiner.student import Student
from autograder.examiner.twins import Twins
from autograder.kernel.session import Session, make_work_folder
from autograder.records import Cell, CellRun, Report, Role
from autograder.sandbox import Plan, libraries

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown] lang="es"
# # Mini

# %% [markdown] lang="en"
# # Tiny

"""

TINY = (
    HEADER
    + '''\
# %% role="setup"
import numpy as np
import matplotlib.pyplot as plt

# %% task="mse" points=6
def mse(a, b):
    """Mean squared error of two samples."""
    ### BEGIN SOLUTION
    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    return float(np.mean((a - b) ** 2))
    ### END SOLUTION


# %% check="mse"
def test_public(mse):
    """es: Da uno. | en: Gives one."""
    assert mse([1], [2]) == 1

# %% task="scale" points=4
def scale(x):
    """Min-max scaling to [0, 1]."""
    ### BEGIN SOLUTION
    x = np.asarray(x, float)
    return (x - x.min()) / (x.max() - x.min())
    ### END SOLUTION


# %% check="scale"
def test_scale(scale):
    """es: Empieza en 0. | en: Begins at 0."""
    assert scale([1, 2])[0] == 0

# %% role="demo"
print("ready")
'''
)

TINY_GRADER = '''\
import numpy as np

from autograder.checks import Text, check, expect_close, expect_unchanged

HINTS = {"half": Text(es="Parece la mitad.", en="This looks like half of it.")}
SECRET_LABEL = "label-nobody-may-see"


@check(points=4, task="mse", es="El valor es el pedido.")
def test_worked_value(student):
    """The value is the one asked for."""
    expect_close(student.call("mse", [41537, 1, 4], [41539, 3, 6]), 4.0, mistaken={"half": 2.0})


@check(points=2, task="mse", es="Columna contra fila.")
def test_column_row(student, rng):
    """Column against row."""
    expect_close(student.call("mse", np.ones((4, 1)), np.zeros(4)), 1.0)


@check(points=4, task="scale", es="Queda entre 0 y 1.", seconds=20)
def test_zero_one(student, rng):
    """Lies between 0 and 1, and leaves its argument alone."""
    x = rng.normal(size=5)
    call = student.observe("scale", x)
    expect_close(call.value, (x - x.min()) / np.ptp(x))
    expect_unchanged(call, x)
'''

TINY_KERAS = (
    HEADER
    + '''\
# %% role="setup"
import keras
import numpy as np

# %% task="build" points=10
def build(units):
    """A compiled network 2 → units (tanh) → 1 (sigmoid)."""
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(units, activation="tanh"), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    return model
    ### END SOLUTION


# %% check="build"
def test_build(build):
    """es: Es un modelo. | en: It is a model."""
    assert build(2)
'''
)

TINY_KERAS_GRADER = '''\
import numpy as np

from autograder.checks import check, expect


@check(points=4, task="build", es="Tiene las capas pedidas.")
def test_layers(student):
    """Has the layers asked for."""
    model = student.model("build", 3)
    expect([(n.kind, n.units, n.activation) for n in model.network] == [("Dense", 3, "tanh"), ("Dense", 1, "sigmoid")])
    expect(model.count_params() == 13 and model.input_shape == (2,) and model.output_shape == (1,))
    expect(model.compiled.loss == "binary_crossentropy" and model.compiled.metrics == ("accuracy",))


@check(points=6, task="build", es="Aprende.")
def test_learns(student):
    """Learns."""
    student.reseed(1)
    model = student.model("build", 2)
    x = np.array([[-1.0, -1.0], [1.0, 1.0]] * 8)
    y = (x[:, :1] > 0).astype(float)
    before = model.predict(x)
    history = model.fit(x, y, epochs=2, verbose=0)
    expect(len(history.history["loss"]) == 2 and before.shape == (16, 1))
    expect(not np.allclose(before, model.predict(x)))
'''


_ORDER = {"test_graders.py": 0, "test_conformance.py": 1, "test_network.py": 3}
"""The longest first, so that no worker is left alone with one; what loads TensorFlow last, since later forks would copy it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in order, which `run.py` tells xdist to keep."""
    items.sort(key=lambda item: _ORDER.get(item.path.name, 2))


def write_course(root: Path, name: str, notebook: str, grader: str) -> Path:
    """A course of one assignment on disk, as an author would leave it."""
    write_assignment(root, name, notebook, grader)
    (root / "course_config.py").write_text('from autograder.course import Course\n\ncourse = Course(id="tiny")\n')
    return root


def write_assignment(root: Path, name: str, notebook: str, grader: str) -> None:
    """One more assignment for the course in `root`."""
    folder = root / "solutions" / name
    folder.mkdir(parents=True)
    (folder / "notebook.py").write_text(notebook, encoding="utf-8")
    (folder / f"test_{name}.py").write_text(grader, encoding="utf-8")


@pytest.fixture
def tiny_course(tmp_path: Path) -> Course:
    """A course of its own for one test, free to be changed."""
    return Course.load(write_course(tmp_path / "course", "90_tiny", TINY, TINY_GRADER))


@dataclass
class Bench:
    """An engine, and short ways to grade answers with it."""

    engine: Engine
    name: str

    @property
    def course(self) -> Course:
        """The engine's course."""
        return self.engine.course

    def notebook(self, answers: dict[str, str] | None = None, extra: str | None = None) -> Any:
        """The reference with some tasks answered otherwise, and perhaps a last cell of the student's own."""
        made = self.engine.template(self.name, "en").reference(answers or {})
        if extra is not None:
            made.cells.append(nbformat.v4.new_code_cell(extra))
        return made

    def grade(self, answers: dict[str, str] | None = None, extra: str | None = None) -> Report:
        """The report on `notebook(answers, extra)`."""
        return self.engine.grade(nbformat.writes(self.notebook(answers, extra)).encode(), self.name, "ana")

    def stub(self) -> bytes:
        """The released notebook, untouched."""
        return nbformat.writes(self.engine.template(self.name, "en").notebook()).encode()

    def limited(self, **limits: Any) -> Any:
        """The same course with other limits, as `course_config.py` sets them for one assignment; to be handed to `using`."""
        settings = Settings(limits=replace(Limits(), **limits))
        return replace(self.course, assignments={self.name: settings})

    def with_grader(self, root: Path, grader: str) -> Course:
        """A copy of the course with another hidden grader, on the same warm processes."""
        return Course.load(
            write_course(root, self.name, self.course.assignment(self.name).notebook.read_text(), grader)
        )


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A warm engine for the NumPy course."""
    course = Course.load(write_course(tmp_path_factory.mktemp("tiny"), "90_tiny", TINY, TINY_GRADER))
    with Engine(course) as engine:
        engine.warm(course.names)
        yield Bench(engine, "90_tiny")


@pytest.fixture(scope="session")
def tiny_keras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A warm engine for the Keras course."""
    course = Course.load(write_course(tmp_path_factory.mktemp("tk"), "91_keras", TINY_KERAS, TINY_KERAS_GRADER))
    with Engine(course) as engine:
        engine.warm(course.names)
        yield Bench(engine, "91_keras")


@pytest.fixture
def using(monkeypatch: pytest.MonkeyPatch) -> Callable[[Bench, Course], Bench]:
    """Swap the course below a warm engine for one test, so that nothing has to be started anew."""

    def swap(bench: Bench, course: Course) -> Bench:
        monkeypatch.setattr(bench.engine, "course", course)
        return bench

    return swap


class Desk:
    """A notebook behind real walls with the trusted end in this process, so that a test sees what a grader sees."""

    def __init__(self, bench: Bench, sources: list[str], limits: Limits) -> None:
        parent = bench.engine._parent(bench.engine.kind(bench.name))
        self._scratch = tempfile.mkdtemp(prefix="autograder-desk-")
        os.chmod(self._scratch, 0o711)

        def start(body: str) -> Session:
            plan = Plan.within(limits, make_work_folder(self._scratch), libraries())
            options = {"threads": limits.threads, "output": limits.output, "data": None}
            return Session(parent.requests, f"autograder.kernel.child:{body}", plan, options, limits.reply)

        cells = [Cell(f"c{i}", Role.EXTRA, source, "task") for i, source in enumerate(sources, start=1)]
        self.live = LiveNotebook(cells, limits, lambda: start("student"))
        self.twins = Twins(lambda: start("rebuilder"))
        self.runs: tuple[CellRun, ...] = self.live.run()
        self.live.budget(limits.check_seconds)
        self.student = Student(self.live, self.runs, self.twins)

    def close(self) -> None:
        """End both processes and delete their folders."""
        import shutil

        self.live.close()
        self.twins.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


@pytest.fixture
def desk(tiny: Bench) -> Iterator[Callable[..., Desk]]:
    """Opens notebooks on the NumPy course's warm process: `desk("source of a cell", …, cell_seconds=…)`."""
    opened: list[Desk] = []

    def make(*sources: str, bench: Bench = tiny, **limits: Any) -> Desk:
        opened.append(Desk(bench, list(sources), replace(Limits(), **limits)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it comes about in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
