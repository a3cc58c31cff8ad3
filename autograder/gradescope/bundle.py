"""The zip that Gradescope builds a container from: the engine's source, the chosen assignments, and two scripts.

It holds what grading needs and no more: no gradebook and not its address, no key, no history, no other assignment, no known
mistakes or alternatives, and no data sets.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import autograder
from autograder.course import CONFIG, Assignment, Course, Settings
from autograder.errors import CourseError, EngineError, UsageError
from autograder.gradescope import choices, results
from autograder.gradescope.choices import Choices

LOST = "lost.json"
"""The results that stand as long as nothing better is known; `run_autograder` puts them in place first."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can state: the same course gives the same zip."""
_HERE = Path(__file__).parent
_ENGINE = Path(autograder.__file__).parent
_PROJECT = ("pyproject.toml", "README.md", "requirements.lock")
"""What pip needs beside the package."""
_AUTHORS_OWN = ("mistakes", "alternatives")
"""Folders of an assignment that calibration reads, and grading does not."""


def pack(course: Course, assignments: Sequence[Assignment], chosen: Choices, engine: Path = _ENGINE) -> bytes:
    """The zip for these assignments; the same files and choices give the same bytes.

    Args:
        engine: folder of this package, in a checkout of the engine.

    Raises:
        UsageError: there is no assignment, or one needs data sets that no zip carries.
        EngineError: this engine was installed without its source.
        CourseError: a file of the course cannot be read.
    """
    if not assignments:
        raise UsageError(f"{course.root} holds no assignment to pack: write solutions/NAME/notebook.py first.")
    for assignment in assignments:
        if assignment.settings.data == "full":
            raise UsageError(
                f"{assignment.name} is graded on the full data sets, which the zip does not carry: "
                'set data="mini", or grade it with `autograder grade`.'
            )
    files: dict[str, bytes] = {
        "setup.sh": (_HERE / "setup.sh").read_bytes(),
        "run_autograder": (_HERE / "run_autograder.sh").read_bytes(),
        choices.FILE: chosen.to_json().encode(),
        LOST: json.dumps(results.lost(chosen)).encode(),
        f"course/{CONFIG}": _config(course, assignments).encode(),
    }
    files |= {f"engine/{name}": data for name, data in _engine_files(engine)}
    for assignment in assignments:
        files |= {f"course/solutions/{assignment.name}/{name}": data for name, data in _course_files(assignment)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _config(course: Course, assignments: Sequence[Assignment]) -> str:
    """A `course_config.py` for these assignments alone; the course's own names the others, and the gradebook with its password."""
    settings = {
        one.name: Settings(
            limits=one.limits,
            run_demos=one.run_demos,
            data=one.settings.data,
            backend=one.settings.backend or course.backend,
        )
        for one in assignments
    }
    return (
        '"""Made by `autograder gradescope`."""\n\n'
        "from autograder.course import Course, Limits, Settings\n\n"
        f"course = Course(id={course.id!r}, language={course.language!r}, assignments={settings!r})\n"
    )


def _engine_files(package: Path) -> Iterator[tuple[str, bytes]]:
    for name in _PROJECT:
        path = package.parent / name
        if not path.is_file():
            raise EngineError(
                f"{path} is missing: the zip carries the engine's source, so make it with an engine that was installed "
                "from its repository (python3 run.py gradescope …)."
            )
        yield name, path.read_bytes()
    for path in _files(package):
        yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()


def _course_files(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    for path in _files(assignment.folder):
        inside = path.relative_to(assignment.folder)
        if inside.parts[0] in _AUTHORS_OWN or inside.match("calibration*.md"):
            continue
        try:
            yield inside.as_posix(), path.read_bytes()
        except OSError as error:
            raise CourseError(f"{path} could not be read ({error.strerror}).") from error


def _files(folder: Path) -> Iterator[Path]:
    """The files below `folder`, without hidden ones and what Python leaves beside its sources."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
            yield path
