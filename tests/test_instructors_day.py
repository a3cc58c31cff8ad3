"""An instructor's day with the real commands: nbgrader's and this engine's, which agree."""

from __future__ import annotations

import csv
import json
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .nbcourse_sample import finish, make_course, run, start, template

NAME = "01_mse"
BENITO = "Benito Pérez"
HALF = "def mse(y_true, y_pred):\n    return ((np.ravel(y_true) - np.ravel(y_pred)) ** 2).mean() / 2\n"


@contextmanager
def opened(course: Any) -> Any:
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook_url(), course.id) as gradebook:
        yield gradebook


@pytest.mark.timeout(240)  # nine programs are started; alone on two cores they take half a minute
def test_a_day_from_build_to_export(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course", NAME, built=False)
    run(course, "autograder", "build")
    run(course, "nbgrader", "generate_assignment", NAME)
    released_by = start(course, "nbgrader", "release_assignment", NAME)

    # What Moodle lets a teacher download, and a folder made by hand.
    made = template(course)
    released = nbformat.read(course.root / "release" / NAME / f"{NAME}.ipynb", 4)
    assert [cell.source for cell in released.cells] == [cell.source for cell in made.notebook().cells]
    archive = course.root / "downloaded" / NAME / "archive" / "moodle.zip"
    archive.parent.mkdir(parents=True)
    wrong = made.reference({"mse": HALF})
    with zipfile.ZipFile(archive, "w") as moodle:
        moodle.writestr(f"{BENITO}_1234_assignsubmission_file/{NAME}.ipynb", nbformat.writes(wrong))
        moodle.writestr(f"Carla_1235_assignsubmission_file_{NAME}.ipynb", '{"cells": [')
        moodle.writestr(f"ana/{NAME}.ipynb", nbformat.writes(made.reference()))
    run(course, "nbgrader", "zip_collect", NAME)
    finish(released_by)
    listed = start(course, "nbgrader", "list")
    assert sorted(path.name for path in (course.root / "submitted").iterdir()) == [BENITO, "Carla", "ana"]

    said = run(course, "nbgrader", "autograde", NAME)
    assert "Carla: 0 of 10.0 points, rejected" in said
    assert f"little {NAME}" in finish(listed)
    with opened(course) as gradebook:
        by_nbgrader = {
            (student, cell): gradebook.find_grade(cell, NAME, NAME, student).auto_score
            for student in ("ana", BENITO, "Carla")
            for cell in made.points
        }
        waiting = gradebook.find_grade("fit_line", NAME, NAME, "Carla")
        assert waiting.needs_manual_grade
        by_hand = gradebook.find_grade("mse", NAME, NAME, BENITO)
        by_hand.manual_score, by_hand.needs_manual_grade = 2.25, False
        gradebook.find_comment("mse-answer", NAME, NAME, BENITO).manual_comment = "Half of it, but neatly done."
        gradebook.db.commit()

    returned = start(course, "nbgrader", "generate_feedback", NAME)
    run(course, "nbgrader", "export")
    with (course.root / "grades.csv").open(encoding="utf-8") as lines:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(lines)}
    finish(returned)
    page = (course.root / "feedback" / BENITO / NAME / f"{NAME}.html").read_text(encoding="utf-8")
    assert "Half of it, but neatly done." in page
    hidden = course.assignment(NAME).grader.read_text(encoding="utf-8")
    assert not [
        line for line in hidden.splitlines() if len(line.strip()) > 30 and "Text(" not in line and line.strip() in page
    ]

    # The gradebook's marks are those of `autograder grade`, which leaves what was marked by hand.
    run(course, "autograder", "grade", "submitted", "--json", "reports.json", code=1)
    reports = {report["student"]: report for report in json.loads((course.root / "reports.json").read_text())}
    by_engine = {
        (student, task): sum(check["points"] for check in report["checks"] if check["task"] == task)
        for student, report in reports.items()
        for task in made.points
    }
    assert by_nbgrader == pytest.approx(by_engine)
    assert reports["ana"]["score"] == marks["ana"] == 10
    assert marks[BENITO] == pytest.approx(reports[BENITO]["score"] - by_engine[BENITO, "mse"] + 2.25)
    assert (reports["Carla"]["status"], marks["Carla"]) == ("rejected", 0)
    with opened(course) as gradebook:
        grade = gradebook.find_grade("mse", NAME, NAME, BENITO)
        assert (grade.manual_score, grade.needs_manual_grade) == (2.25, False)
        assert len(gradebook.students) == 3
