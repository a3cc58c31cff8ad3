"""A course as grading needs it, in files that another machine can load: no gradebook and not its address, no deadlines, no key, no
history, no known mistakes or alternatives, and no data sets.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course import CONFIG, Assignment, Course
from autograder.data import choose
from autograder.devices import THIS_MACHINE, class_of
from autograder.errors import CourseError

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can state: the same files give the same zip."""
_AUTHORS_OWN = ("mistakes", "alternatives")
"""Folders of an assignment that calibration reads, and grading does not."""


def course_files(course: Course, assignments: Sequence[Assignment], *, pinned: bool = False) -> dict[str, bytes]:
    """What `Course.load` needs to grade these assignments elsewhere as here, by path.

    Args:
        pinned: whether this machine, and not the other, chooses data sets, backend and device where the course leaves it open.

    Raises:
        CourseError: a file of the course cannot be read.
    """
    files = {CONFIG: _config(course, assignments, pinned).encode()}
    for assignment in assignments:
        for path in files_in(assignment.folder):
            inside = path.relative_to(assignment.folder)
            if inside.parts[0] in _AUTHORS_OWN or inside.match("calibration*.md"):
                continue
            try:
                files[f"solutions/{assignment.name}/{inside.as_posix()}"] = path.read_bytes()
            except OSError as error:
                raise CourseError(f"{path} could not be read ({error.strerror}).") from error
    return files


def files_in(folder: Path) -> Iterator[Path]:
    """The files below `folder`, sorted, without hidden ones and what Python leaves beside its sources."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
            yield path


def zipped(files: Mapping[str, bytes], programs: Collection[str] = ()) -> bytes:
    """A zip of files by their paths; the same files give the same bytes.

    Args:
        programs: those that may be executed.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (0o755 if name in programs else 0o644) << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _config(course: Course, assignments: Sequence[Assignment], pinned: bool) -> str:
    """A `course_config.py` for these assignments alone; the course's own names the others, and the gradebook with its password."""
    settings = {
        one.name: replace(
            one.settings,
            due=None,
            limits=one.limits,
            run_demos=one.run_demos,
            data=choose(one.settings.data) if pinned else one.settings.data,
            backend=one.backend if pinned else one.settings.backend or course.backend,
            device=class_of(one, THIS_MACHINE) if pinned else one.settings.device,
        )
        for one in assignments
    }
    return (
        '"""What grading needs of a course\'s own settings; made by `autograder`."""\n\n'
        "from autograder.course import Course, Limits, Settings\n\n"
        f"course = Course(id={course.id!r}, language={course.language!r}, assignments={settings!r})\n"
    )
