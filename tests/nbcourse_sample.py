"""A little nbgrader course in a folder of its own, and its commands as an instructor types them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import Template, plan, read_template, write
from autograder.course import Course
from autograder.text import Language

REPOSITORY = Path(__file__).parent.parent
WORDS = "90_words"
_CONFIG = """\
from autograder.course import Course, Limits

course = Course(id="little", run_demos=False, limits=Limits(cell_seconds=10, check_seconds=2))
"""
_NOTEBOOK = '''\
# %% [markdown] lang="es"
# # Palabras

# %% [markdown] lang="en"
# # Words

# %% role="setup"
import numpy as np

# %% task="mse" points=10
def mse(a, b):
    """Mean squared error of two samples."""
    ### BEGIN SOLUTION
    return float(np.mean((np.asarray(a, float) - np.asarray(b, float)) ** 2))
    ### END SOLUTION


# %% check="mse"
def test_public(mse):
    """es: Da uno. | en: Gives one."""
    assert mse([1], [2]) == 1

# %% [markdown] lang="es" answer="explain" points=2
# ## Pregunta
#
# ¿Por qué al cuadrado?
#
# ### BEGIN SOLUTION
# Porque así los errores de signo contrario no se anulan entre sí.
# ### END SOLUTION

# %% [markdown] lang="en" answer="explain" points=2
# ## Question
#
# Why squared?
#
# ### BEGIN SOLUTION
# Because in this way errors of opposite sign do not cancel each other.
# ### END SOLUTION

# %% role="demo"
print("ready")
'''
_GRADER = '''\
from autograder.checks import check, expect_close


@check(points=10, task="mse", es="El valor es el pedido.")
def test_hidden_value(student):
    """The value is the one asked for."""
    expect_close(student.call("mse", [41537, 1, 4], [41539, 3, 6]), 4.0)
'''


def make_course(root: Path, *names: str, built: bool = True) -> Course:
    """A course with the named assignments of this repository, or with `WORDS` where none is named, configured for nbgrader."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "course_config.py").write_text(_CONFIG, encoding="utf-8")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    for name in names:
        shutil.copytree(REPOSITORY / "solutions" / name, root / "solutions" / name)
    if not names:
        folder = root / "solutions" / WORDS
        folder.mkdir(parents=True)
        (folder / "notebook.py").write_text(_NOTEBOOK, encoding="utf-8")
        (folder / f"test_{WORDS}.py").write_text(_GRADER, encoding="utf-8")
    course = Course.load(root)
    if built:
        write(plan(course))
    return course


def template(course: Course, language: Language = "es") -> Template:
    """The course's only assignment."""
    return read_template(course.assignment(course.names[0]), language)


def hand_in(course: Course, student: str, notebook: Any) -> Path:
    """Put a notebook (or any bytes) where a collected submission lies; returns its path."""
    name = course.names[0]
    path = course.root / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode())
    return path


def command(*arguments: str) -> list[str]:
    """The program of this environment, as it is called without activating it."""
    return [str(Path(sys.executable).parent / arguments[0]), *arguments[1:]]


def start(course: Course, *arguments: str, user: str = "teacher", cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start a command of nbgrader or of this engine, in the course's folder unless `cwd` names another."""
    # Whoever runs the tests has settings of their own, and students are other users.
    own = {"HOME": str(course.root / f".home-{user}"), "LOGNAME": user, "USER": user, "JUPYTER_NO_CONFIG": "1"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG"))}
    return subprocess.Popen(
        command(*arguments),
        cwd=cwd or course.root,
        env={**environment, **own, "PYTHONWARNINGS": "ignore", "JUPYTER_DATA_DIR": str(course.root / f".home-{user}")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    """What it printed, once it has ended with `code`."""
    said, _ = process.communicate(timeout=120)
    assert process.returncode == code, said
    return said


def run(course: Course, *arguments: str, code: int = 0, user: str = "teacher", cwd: Path | None = None) -> str:
    """`start`, then `finish`."""
    return finish(start(course, *arguments, user=user, cwd=cwd), code)
