"""A course on disk: `course_config.py` and the folders under `solutions/`."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from autograder.errors import CourseError, UsageError
from autograder.text import Language

CONFIG = "course_config.py"
DATA_VARIABLE = "COURSE_DATA"
"""Environment variable with the folder of the full data sets, in the files that Keras downloads."""
BACKEND_VARIABLE = "KERAS_BACKEND"
"""Environment variable that names the backend for every assignment, whatever the course says; Keras's own."""
Backend = Literal["tensorflow", "jax", "torch"]
"""What Keras computes with."""
Device = Literal["cpu", "gpu", "prefer-gpu"]
"""Where a submission is computed: `gpu` waits for a card and needs one, `prefer-gpu` takes the processor on a machine without."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_QUESTION = re.compile(rb"^# %% \[markdown\][^\n]* answer=.*?(?=^# %%|\Z)", re.MULTILINE | re.DOTALL)
"""A cell that `authoring.prose` reads, from its header to the next one."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Seconds are wall-clock time; sizes are bytes."""

    cell_seconds: float = 60.0
    """One notebook cell."""
    check_seconds: float = 60.0
    """All student code that one hidden check runs, unless the check names its own budget."""
    total_seconds: float = 600.0
    """The notebook, every check and every replay together."""
    memory: int = 3 << 30
    """Resident memory of everything the submission started."""
    processes: int = 256
    """Processes and threads at the same time (TensorFlow alone starts a dozen threads)."""
    file_size: int = 256 << 20
    """The largest single file it may write."""
    output: int = 1 << 20
    """What is kept of one cell's output; the rest is cut and the cut is said."""
    reply: int = 256 << 20
    """The largest reply the student side may send to one question."""
    threads: int = 1
    """Threads of BLAS and of the backend's pools: fixed, so that sums are added in one order everywhere."""
    gpu_memory: int = 2 << 30
    """Memory on the card that a submission on a GPU gets for its arrays."""


@dataclass(frozen=True)
class Settings:
    """What `course_config.py` may say of one assignment; every field has a working default."""

    due: datetime | None = None
    """Hand-in deadline with time zone; `None` for no deadline."""
    limits: Limits | None = None
    """Overrides the course's limits."""
    run_demos: bool | None = None
    """Overrides the course's `run_demos`."""
    data: Literal["mini", "full"] | None = None
    """Which data sets student code sees; `None` for the full ones where `COURSE_DATA` names their folder, else the mini ones."""
    backend: Backend | None = None
    """Overrides the course's backend."""
    device: Device | None = None
    """Overrides the course's device."""


@dataclass(frozen=True)
class Assignment:
    """One folder under `solutions/`."""

    name: str
    folder: Path
    settings: Settings
    limits: Limits
    run_demos: bool = True
    backend: Backend = "tensorflow"
    """What Keras computes with, unless a submission needs TensorFlow itself; see `backends`."""
    device: Device = "cpu"

    @property
    def notebook(self) -> Path:
        """The only hand-written source, in jupytext's py:percent format."""
        return self.folder / "notebook.py"

    @property
    def grader(self) -> Path:
        """The hidden grader."""
        return self.folder / f"test_{self.name}.py"

    @cached_property
    def grader_sha256(self) -> str:
        """Content hash of everything that decides a verdict: the grader and the notebook source, without its questions in prose."""
        digest = hashlib.sha256()
        # pytest runs a conftest.py beside the grader, where there is one.
        for path in (self.grader, self.notebook, *self.folder.glob("conftest.py")):
            # A person marks what is answered to them, so a reworded question makes no verdict and no calibration old.
            digest.update(_QUESTION.sub(b"", path.read_bytes()))
            digest.update(b"\0")
        return digest.hexdigest()


@dataclass(frozen=True)
class Course:
    """The settings in `course_config.py` (there as `course = Course(...)`)."""

    id: str
    """Short and stable; names the course in the gradebook and to the LMS."""
    language: Language = "es"
    """Language of reports and pages unless `--lang` says otherwise."""
    limits: Limits = field(default_factory=Limits)
    run_demos: bool = True
    """Run the assignments' own demo cells, so that feedback pages show their figures; no mark depends on them."""
    backend: Backend = "tensorflow"
    """What Keras computes with; `KERAS_BACKEND` in the environment comes before this and before what an assignment says."""
    device: Device = "cpu"
    """Where submissions are computed; see docs/devices.md."""
    gradebook: str = "sqlite:///gradebook.db"
    """SQLAlchemy URL of nbgrader's gradebook; a relative SQLite path is relative to the course."""
    assignments: Mapping[str, Settings] = field(default_factory=dict)
    """Settings per assignment; a folder that is not named here gets the defaults."""
    root: Path = Path()
    """The folder that holds `course_config.py`; filled in by `load`."""

    @classmethod
    def load(cls, root: Path | None = None) -> Course:
        """The course in `root`, or in the nearest folder at or above the working directory.

        Raises:
            UsageError: no `course_config.py` there.
            CourseError: the file does not define `course = Course(...)`, or names an assignment without a folder.
        """
        root = _find(root)
        path = root / CONFIG
        spec = importlib.util.spec_from_file_location("course_config", path)
        assert spec is not None, path
        assert spec.loader is not None, path
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise CourseError(f"{path} could not be read: {type(error).__name__}: {error}") from error
        course = getattr(module, "course", None)
        if not isinstance(course, cls):
            raise CourseError(f"{path} must define `course = Course(...)`; see docs/authoring.md.")
        course = replace(course, root=root)
        if unknown := sorted(set(course.assignments) - set(course.names)):
            raise CourseError(f"{path} has settings for {unknown[0]}, but solutions/{unknown[0]}/ does not exist.")
        return course

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The assignments: every folder under `solutions/` that holds a `notebook.py`."""
        found = sorted(path.parent.name for path in (self.root / "solutions").glob("*/notebook.py"))
        for name in found:
            if not _NAME.fullmatch(name):
                raise CourseError(f"solutions/{name}: an assignment's name has only a-z, 0-9 and _.")
        return tuple(found)

    def assignment(self, name: str) -> Assignment:
        """The assignment called `name`.

        Raises:
            UsageError: there is none; the nearest name is offered. Or `KERAS_BACKEND` names no backend.
            CourseError: the course names a backend or a device that there is not.
        """
        if name not in self.names:
            near = difflib.get_close_matches(name, self.names, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(self.names) or 'none'}."
            raise UsageError(f"No assignment is called {name!r}.{hint}")
        settings = self.assignments.get(name, Settings())
        demos = self.run_demos if settings.run_demos is None else settings.run_demos
        return Assignment(
            name=name,
            folder=self.root / "solutions" / name,
            settings=settings,
            limits=settings.limits or self.limits,
            run_demos=demos,
            backend=_backend(name, settings.backend or self.backend),
            device=_one_of(Device, settings.device or self.device, f"{CONFIG}: the device of {name}", CourseError),
        )

    def select(self, names: tuple[str, ...]) -> tuple[Assignment, ...]:
        """The named assignments, or all of them when no name is given."""
        return tuple(self.assignment(name) for name in names or self.names)

    def computed_on(self, device: Device) -> Course:
        """The same course with every assignment computed there."""
        settings = {name: replace(each, device=None) for name, each in self.assignments.items()}
        return replace(self, device=device, assignments=settings)

    @property
    def largest_memory(self) -> int:
        """Bytes that one submission, of whichever assignment, may take at most."""
        return max(limits.memory for limits in (self.limits, *(each.limits for each in self.select(()))))

    def gradebook_url(self) -> str:
        """`gradebook` with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        if self.gradebook.startswith(prefix) and not self.gradebook.startswith(prefix + "/"):
            return prefix + str(self.root / self.gradebook.removeprefix(prefix))
        return self.gradebook


def _backend(name: str, said: str) -> Any:
    if asked := os.environ.get(BACKEND_VARIABLE):
        return _one_of(Backend, asked, f"The environment variable {BACKEND_VARIABLE}", UsageError)
    return _one_of(Backend, said, f"{CONFIG}: the backend of {name}", CourseError)


def _one_of(choices: Any, value: str, where: str, error: type[UsageError | CourseError]) -> Any:
    if value not in (known := get_args(choices)):
        near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise error(f"{where} is {value!r}; there are {', '.join(known)}.{hint}")
    return value


def _find(root: Path | None) -> Path:
    if root is not None:
        if not (root / CONFIG).is_file():
            raise UsageError(f"{root} holds no {CONFIG}: name the folder of a course.")
        return root.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(f"No {CONFIG} in {here} or above it: change to the folder of a course, or name it with --course.")
