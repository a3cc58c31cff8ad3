"""What holds on this machine, tried rather than assumed, in plain words."""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.sandbox.probes import probe
from autograder.text import Language, Text

_PACKAGES = ("tensorflow", "keras", "numpy", "nbgrader", "otter-grader", "ipykernel")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: Text
    needed: bool = True
    """Whether grading is impossible without it."""

    def line(self, language: Language) -> str:
        """As the terminal shows it."""
        sign = "ok     " if self.fine else "MISSING" if self.needed else "absent "
        return f"{sign}  {self.name}: {self.detail.to(language)}"


def diagnose(course_dir: Path | None, *, fast: bool) -> list[Finding]:
    """Look at the machine, the walls, the packages, the course and, unless `fast`, the warm processes."""
    findings = [_same("python", f"{platform.python_version()} on {platform.system()} {platform.release()}")]
    for wall in probe():
        detail = wall.detail if wall.holds else wall.detail + wall.lost + wall.remedy
        findings.append(Finding(wall.name, wall.holds, detail, needed=wall.mandatory))
    findings += [_package(name) for name in _PACKAGES]
    findings.append(_course(course_dir))
    findings.append(_data())
    if not fast:
        findings += [_warm("numpy"), _warm("keras")]
    return findings


def _same(name: str, text: str, fine: bool = True) -> Finding:
    return Finding(name, fine, Text(text, text))


def _package(name: str) -> Finding:
    try:
        return _same(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return Finding(
            name,
            False,
            Text(
                f"no está instalado; ejecuta python3 run.py doctor con {sys.executable}",
                "not installed; run python3 run.py",
            ),
        )


def _course(course_dir: Path | None) -> Finding:
    try:
        course = Course.load(course_dir)
    except AutograderError as error:
        return Finding("course", False, Text(str(error), str(error)), needed=False)
    return _same("course", f"{course.id} in {course.root}: {', '.join(course.names)}")


def _data() -> Finding:
    from autograder.data import choose, imdb

    profile = choose(None)
    try:
        (x_train, _), (x_test, _) = imdb.load_data()
    except AutograderError as error:
        return Finding("data sets", False, Text(str(error), str(error)), needed=False)
    whence = (
        Text("completos, de COURSE_DATA", "full, from COURSE_DATA")
        if profile == "full"
        else Text(
            "mini, hechos por código; COURSE_DATA puede nombrar una carpeta con los completos",
            "mini, made by code; COURSE_DATA may name a folder with the full ones",
        )
    )
    count = f"imdb {len(x_train)} + {len(x_test)}"
    return Finding("data sets", True, Text(f"{whence.es} ({count})", f"{whence.en} ({count})"))


def _warm(library: str) -> Finding:
    from autograder.kernel.warm import WarmParent, cache_folder

    started = time.monotonic()
    try:
        WarmParent((library, "autograder.kernel.child"), cache_folder() / "matplotlib").close()
    except AutograderError as error:
        return Finding(f"warm {library}", False, Text(str(error), str(error)))
    return _same(f"warm {library}", f"one thread, ready after {time.monotonic() - started:.1f} s")
