"""What decides a verdict, as one hash: equal fingerprints mean that grading again could only give the same verdict."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sysconfig
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from autograder.course import Assignment, Course
from autograder.data import choose, digest
from autograder.devices import THIS_MACHINE, Inventory, class_of

_VARIABLES = ("KERAS_BACKEND",)
"""Variables that reach student code and change how it computes."""


class Fingerprints:
    """The fingerprints of submissions to one course, as long as its files stay as they are."""

    def __init__(self, course: Course, *, sandbox: bool = True, inventory: Inventory = THIS_MACHINE) -> None:
        self._course = course
        self._sandbox = sandbox
        self._inventory = inventory
        self._assignments: dict[str | None, str] = {}

    def of(self, data: bytes, assignment: str | None) -> str:
        """The fingerprint of the file `data` handed in for `assignment`; `None` where the notebook itself has to say."""
        return _sha256([hashlib.sha256(data).hexdigest(), self._of_assignment(assignment)])

    def _of_assignment(self, name: str | None) -> str:
        if name not in self._assignments:
            names = (name,) if name else self._course.names
            parts = [self._settings(self._course.assignment(each)) for each in names]
            self._assignments[name] = _sha256([name, parts, self._common])
        return self._assignments[name]

    @cached_property
    def _common(self) -> list[Any]:
        return [surroundings(sandbox=self._sandbox), self._course.language]

    def _settings(self, assignment: Assignment) -> dict[str, Any]:
        return {
            "name": assignment.name,
            "grader": assignment.grader_sha256,
            # Questions in prose decide no verdict, but a verdict lists what was answered to them.
            "notebook": hashlib.sha256(assignment.notebook.read_bytes()).hexdigest(),
            "limits": asdict(assignment.limits),
            "run_demos": assignment.run_demos,
            "data": digest(choose(assignment.settings.data)),
            # With the submission's bytes, this says what computes it: see `backends.backend_of`.
            "backend": assignment.backend,
            "device": class_of(assignment, self._inventory),
        }


def surroundings(*, sandbox: bool = True) -> dict[str, Any]:
    """What decides verdicts beside submission and course, by names that a person knows; as JSON has it."""
    return {
        "engine": engine_sha256(),
        "python": platform.python_version(),
        "processor": platform.machine(),
        "packages": _packages(),
        "walls": sandbox,
        **{variable: os.environ.get(variable) for variable in _VARIABLES},
    }


@cache
def engine_sha256() -> str:
    """Content hash of this package's code: a version number would not tell a developer's change."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _packages() -> dict[str, str]:
    """The installed packages with their versions, by the names of their folders."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    found = {name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info")}
    return {
        name: version for name, _, version in sorted(one.removesuffix(".dist-info").partition("-") for one in found)
    }


def _sha256(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
