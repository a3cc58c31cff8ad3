"""The zip that Gradescope builds a container from: the engine's source, the chosen assignments, and two scripts.

It holds what grading needs and no more: no gradebook and not its address, no key, no history, no other assignment, no known
mistakes or alternatives, and no data sets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import autograder
from autograder.course import Assignment, Course
from autograder.errors import EngineError, UsageError
from autograder.gradescope import choices, results
from autograder.gradescope.choices import Choices
from autograder.packing import course_files, files_in, zipped

LOST = "lost.json"
"""The results that stand as long as nothing better is known; `run_autograder` puts them in place first."""
_HERE = Path(__file__).parent
_ENGINE = Path(autograder.__file__).parent
_PROJECT = ("pyproject.toml", "README.md", "requirements.lock")
"""What pip needs beside the package."""


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
    }
    files |= {f"engine/{name}": data for name, data in _engine_files(engine)}
    files |= {f"course/{name}": data for name, data in course_files(course, assignments).items()}
    return zipped(files, programs=("setup.sh", "run_autograder"))


def _engine_files(package: Path) -> Iterator[tuple[str, bytes]]:
    for name in _PROJECT:
        path = package.parent / name
        if not path.is_file():
            raise EngineError(
                f"{path} is missing: the zip carries the engine's source, so make it with an engine that was installed "
                "from its repository (python3 run.py gradescope …)."
            )
        yield name, path.read_bytes()
    for path in files_in(package):
        yield f"{package.name}/{path.relative_to(package).as_posix()}", path.read_bytes()
