"""From `solutions/` to `assignments/`: planned first, checked by the leak gate, written last."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring.leaks import require_clean
from autograder.authoring.template import read_template
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.files import write_atomically
from autograder.text import LANGUAGES, Language

if TYPE_CHECKING:
    from nbformat import NotebookNode

RELEASED = "assignments"


@dataclass(frozen=True)
class Release:
    """One file that students receive."""

    path: Path
    """Absolute; below `assignments/<language>/<name>/`."""
    content: bytes
    """The whole file; the same source always gives the same bytes."""


def plan(course: Course, names: tuple[str, ...] = ()) -> tuple[Release, ...]:
    """What the named assignments (all, when none is named) release, in both languages; writes nothing.

    Every release has passed the leak gate.

    Raises:
        UsageError: there is no assignment of that name.
        CourseError: a source breaks a rule of docs/authoring.md, or an assignment has no hidden grader.
        LeakError: a release would hold something that only the author may know.
    """
    return tuple(
        _release(course, assignment, language) for assignment in course.select(names) for language in LANGUAGES
    )


def write(releases: Iterable[Release]) -> tuple[Path, ...]:
    """Write the releases whose file differs, each at once or not at all; returns the paths written."""
    written = []
    for release in releases:
        if _holds(release):
            continue
        write_atomically(release.path, release.content)
        written.append(release.path)
    return tuple(written)


def stale(course: Course, releases: Iterable[Release]) -> tuple[Path, ...]:
    """Files that a build would change or does not know, sorted: missing or different releases, and everything under
    `assignments/` that no assignment of the course releases (hidden files and folders aside)."""
    known = {release_path(course, name, language) for name in course.names for language in LANGUAGES}
    folder = course.root / RELEASED
    present = {path for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    strays = {path for path in present - known if not _hidden(path.relative_to(folder))}
    return tuple(sorted(strays | {release.path for release in releases if not _holds(release)}))


def encode(notebook: NotebookNode) -> bytes:
    """`notebook` as a file: sorted keys, one space of indentation, UTF-8, a newline at the end."""
    import nbformat

    nbformat.validate(notebook)
    # nbformat's own writer keeps its text lines apart, which makes diffs show the line that changed.
    text = nbformat.writes(notebook)
    return (json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _release(course: Course, assignment: Assignment, language: Language) -> Release:
    template = read_template(assignment, language)
    notebook = template.notebook()
    require_clean(
        notebook,
        template=template,
        grader_source=_read(assignment.grader, "every assignment has its hidden grader there"),
        alternatives={
            path.stem: _read(path, "an alternative is a Python file")
            for path in sorted((assignment.folder / "alternatives").glob("*.py"))
        },
    )
    return Release(release_path(course, assignment.name, language), encode(notebook))


def release_path(course: Course, name: str, language: Language) -> Path:
    """The file that students receive."""
    return course.root / RELEASED / language / name / f"{name}.ipynb"


def _read(path: Path, why: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read as UTF-8 text: {error}; {why}.") from error


def _holds(release: Release) -> bool:
    try:
        return release.path.read_bytes() == release.content
    except OSError:
        return False


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
