"""nbgrader's settings, read from `course_config.py`."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from autograder.authoring.build import RELEASED
from autograder.course import Course

_OURS = "autograder.nbcourse"
_THEIRS = "nbgrader.preprocessors"


def configure(c: Any, root: Path) -> None:
    """Point nbgrader at the course in `root`; called by `nbgrader_config.py` with traitlets' `c`.

    nbgrader's source is what `autograder build` made from `solutions/`, in the course's language, so a solution is in none of its
    steps. What `nbgrader_config.py` sets after this call wins.

    Raises:
        UsageError, CourseError: as `Course.load`.
    """
    course = Course.load(root)
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = course.id
    c.CourseDirectory.db_url = course.gradebook_url()
    c.CourseDirectory.source_directory = f"{RELEASED}/{course.language}"
    c.CourseDirectory.release_directory = "release"
    c.CourseDirectory.submitted_directory = "submitted"
    c.CourseDirectory.autograded_directory = "autograded"
    c.CourseDirectory.feedback_directory = "feedback"
    c.GenerateAssignment.preprocessors = [f"{_OURS}.steps.Enter", f"{_THEIRS}.ComputeChecksums"]
    # A file that is no notebook must reach the engine too, so nothing parses a submission before it does.
    c.Autograde.exporter_class = f"{_OURS}.steps.Unread"
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = [
        f"{_OURS}.steps.Judge",
        f"{_OURS}.steps.Record",
        f"{_THEIRS}.AssignLatePenalties",
    ]
    c.GenerateFeedback.preprocessors = [
        f"{_OURS}.steps.ForStudents",
        f"{_THEIRS}.GetGrades",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.FileNameCollectorPlugin.named_regexp = collected(course.names)
    c.Exchange.root = str(_exchange(course.root))
    if shutil.which("alembic") is None:
        # nbgrader looks for it in PATH, where a virtual environment that is not activated is not.
        os.environ["PATH"] = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def collected(names: tuple[str, ...]) -> str:
    """The pattern by which `nbgrader zip_collect` reads student and assignment from an extracted file's path.

    `ana/01_mse.ipynb`, `ana_01_mse.ipynb`, and what Moodle calls a submission, with a folder for each student or without.
    """
    assignments = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return rf".*/(?P<student_id>[^/]+?)(?:_\d+_assignsubmission_file_?)?[/_](?P<file_id>{assignments})[^/]*\.ipynb$"


def _exchange(root: Path) -> Path:
    """nbgrader's exchange where no other is set: for one account that plays teacher and students, or a shared course folder."""
    folder = root / "exchange"
    folder.mkdir(exist_ok=True)
    return folder
