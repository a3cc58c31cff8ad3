"""An assignment is one folder: whoever adds one edits nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from autograder.authoring import plan, stale, write
from autograder.course import Course
from autograder.engine import Engine
from autograder.records import Outcome

from .conftest import TINY, TINY_GRADER

REPOSITORY = Path(__file__).parent.parent


def test_a_further_assignment_is_built_and_graded_by_dropping_in_one_folder(tmp_path: Path) -> None:
    here = Course.load(REPOSITORY)
    shutil.copyfile(REPOSITORY / "course_config.py", tmp_path / "course_config.py")
    (tmp_path / "solutions").mkdir()
    for name in here.names:
        (tmp_path / "solutions" / name).symlink_to(REPOSITORY / "solutions" / name)
    folder = tmp_path / "solutions" / "99_tiny"
    folder.mkdir()
    (folder / "notebook.py").write_text(TINY)
    (folder / "test_99_tiny.py").write_text(TINY_GRADER)

    course = Course.load(tmp_path)
    assert course.names == (*here.names, "99_tiny")
    releases = plan(course, ["99_tiny"])
    write(releases)
    assert not stale(course, releases)
    for language in course.language, "en":
        assert (tmp_path / "assignments" / language / "99_tiny" / "99_tiny.ipynb").is_file()
    with Engine(course) as engine:
        template = engine.template("99_tiny", "es")
        report = engine.grade(json.dumps(template.reference()).encode())
        assert (report.assignment, report.score, report.max_score) == ("99_tiny", 10.0, 10.0)
        stub = engine.grade((tmp_path / "assignments" / "en" / "99_tiny" / "99_tiny.ipynb").read_bytes())
        assert {check.outcome for check in stub.checks} == {Outcome.FAILED}
