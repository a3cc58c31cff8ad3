"""Marks as nbgrader's own tools read them."""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, Settings
from autograder.errors import CourseError, EngineError
from autograder.gradebook import record, student_id
from autograder.records import CheckResult, Outcome, Report, Status
from autograder.text import Text

NAME = "01_mse"
POINTS = {NAME: {"mse": 3.0, "rmse": 2.0}}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(id="deep-learning", root=tmp_path)


def judged(task: str, outcome: str, points: float, check: str = "value") -> CheckResult:
    text = Text("frase", "sentence")
    return CheckResult(f"{NAME}.{task}_{check}", task, Outcome(outcome), points, text, text)


def graded(student: str = "ana", mse: str = "passed", rmse: str = "failed") -> Report:
    checks = (judged("mse", "passed", 1.1), judged("mse", mse, 1.9, "shape"), judged("rmse", rmse, 2.0))
    status = Status.NEEDS_REVIEW if "unjudged" in (mse, rmse) else Status.GRADED
    return Report(student, NAME, status, checks, max_score=5.0)


@contextmanager
def opened(course: Course) -> Iterator[Any]:
    from nbgrader.api import Gradebook

    with Gradebook(course.gradebook_url(), course.id) as gradebook:
        yield gradebook


def grade_of(course: Course, task: str, student: str = "ana") -> dict[str, Any]:
    with opened(course) as gradebook:
        grade: dict[str, Any] = gradebook.find_grade(task, NAME, NAME, student).to_dict()
    return grade


def teach(course: Course, change: Callable[[Any], None], task: str = "rmse") -> None:
    with opened(course) as gradebook:
        change(gradebook.find_grade(task, NAME, NAME, "ana"))
        gradebook.db.commit()


def dump(course: Course) -> list[str]:
    with closing(sqlite3.connect(course.root / "gradebook.db")) as connection:
        return list(connection.iterdump())


def test_nbgraders_export_shows_the_marks(course: Course, tmp_path: Path) -> None:
    record(course, [graded("ana"), graded("Luis, el de 2º", rmse="passed")], POINTS)
    out = tmp_path / "marks.csv"
    command = [sys.executable, "-m", "nbgrader", "export", f"--db={course.gradebook_url()}", f"--to={out}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8") as lines:
        rows = {row["student_id"]: (row["assignment"], row["score"], row["max_score"]) for row in csv.DictReader(lines)}
    assert rows == {"ana": (NAME, "3.0", "5.0"), "Luis%2C el de 2º": (NAME, "5.0", "5.0")}


def test_formgraders_figures_are_right(course: Course) -> None:
    record(course, [graded("ana"), graded("eva", mse="failed", rmse="unjudged")], POINTS)
    with opened(course) as gradebook:
        assignment = gradebook.find_assignment(NAME)
        assert gradebook.average_assignment_score(NAME) == pytest.approx((3.0 + 1.1) / 2)
        rows = {row["student"]: row for row in gradebook.submission_dicts(NAME)}
        assert (assignment.num_submissions, assignment.max_score, assignment.max_code_score) == (2, 5.0, 5.0)
        assert [notebook.name for notebook in assignment.notebooks] == [NAME]
        cells = {cell.name for cell in assignment.notebooks[0].solution_cells}
    assert cells == {"mse-answer", "rmse-answer"}
    assert {name: (row["score"], row["needs_manual_grade"]) for name, row in rows.items()} == {
        "ana": (3.0, False),
        "eva": (1.1, True),
    }


def test_a_task_waits_for_a_person_only_where_a_check_is_unjudged(course: Course) -> None:
    record(course, [graded(rmse="unjudged")], POINTS)
    assert grade_of(course, "mse")["needs_manual_grade"] is False
    assert grade_of(course, "rmse") | {"auto_score": 0.0, "needs_manual_grade": True} == grade_of(course, "rmse")


def test_a_rejected_submission_is_there_with_zero_points_and_waits(course: Course) -> None:
    record(course, [Report("ana", NAME, Status.REJECTED, reason=Text("No es un cuaderno.", "Not a notebook."))], POINTS)
    with opened(course) as gradebook:
        submission = gradebook.find_submission(NAME, "ana")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (0.0, 5.0, True)


def test_recording_again_changes_nothing(course: Course) -> None:
    reports = [graded("ana"), graded("eva", rmse="unjudged")]
    record(course, reports, POINTS)
    before = dump(course)
    record(course, reports, POINTS)
    assert dump(course) == before


def test_a_new_verdict_replaces_the_automatic_score(course: Course) -> None:
    record(course, [graded(rmse="unjudged")], POINTS)
    record(course, [graded(rmse="passed")], POINTS)
    grade = grade_of(course, "rmse")
    assert (grade["auto_score"], grade["needs_manual_grade"]) == (2.0, False)


def test_what_a_teacher_entered_stays(course: Course) -> None:
    record(course, [graded(rmse="unjudged")], POINTS)

    def teacher(grade: Any) -> None:
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.5, False
        grade.notebook.late_submission_penalty = 1.0
        next(each for each in grade.notebook.comments if each.name == "rmse-answer").manual_comment = "Bien."

    teach(course, teacher)
    before = dump(course)
    record(course, [graded(rmse="unjudged")], POINTS)
    assert dump(course) == before
    record(course, [graded(rmse="passed")], POINTS)
    grade = grade_of(course, "rmse")
    assert (grade["manual_score"], grade["extra_credit"], grade["auto_score"]) == (1.5, 0.5, 2.0)
    with opened(course) as gradebook:
        submission = gradebook.find_submission(NAME, "ana")
        assert (submission.late_submission_penalty, submission.score) == (1.0, 3.0 + 1.5 + 0.5)
        assert gradebook.find_comment("rmse-answer", NAME, NAME, "ana").comment == "Bien."


def test_a_moved_automatic_score_asks_the_teacher_who_overrode_it_again(course: Course) -> None:
    record(course, [graded()], POINTS)

    def teacher(grade: Any) -> None:
        grade.manual_score = 1.0

    teach(course, teacher)
    record(course, [graded(rmse="passed")], POINTS)
    assert grade_of(course, "rmse")["needs_manual_grade"] is True


# nbgrader's own add_submission lets SQLAlchemy flush a half-made row, and is warned.
@pytest.mark.filterwarnings("ignore:Object of type .* not in session")
def test_a_gradebook_that_nbgrader_made_keeps_its_rows(course: Course) -> None:
    record(course, [], POINTS)
    with opened(course) as gradebook:
        gradebook.add_assignment(NAME, course_id=course.id)
        gradebook.add_notebook(NAME, NAME)
        gradebook.add_grade_cell("mse", NAME, NAME, max_score=1, cell_type="code")
        gradebook.add_student("ana", first_name="Ana", last_name="Ruiz")
        gradebook.add_submission(NAME, "ana")
        known = gradebook.find_grade_cell("mse", NAME, NAME).id
    record(course, [graded()], POINTS)
    with opened(course) as gradebook:
        assert gradebook.find_grade_cell("mse", NAME, NAME).id == known
        assert gradebook.find_student("ana").last_name == "Ruiz"
        assert gradebook.find_submission(NAME, "ana").score == 3.0


def test_a_task_the_notebook_lost_is_worth_nothing_but_keeps_a_teachers_marks(course: Course) -> None:
    record(course, [graded(rmse="passed"), graded("eva", rmse="passed")], POINTS)

    def teacher(grade: Any) -> None:
        grade.manual_score = 0.5

    teach(course, teacher)
    report = graded()
    record(course, [replace(report, checks=report.checks[:2])], {NAME: {"mse": 3.0}})
    with opened(course) as gradebook:
        assert gradebook.find_assignment(NAME).max_score == 3.0
        assert gradebook.find_submission(NAME, "eva").score == 3.0
    grade = grade_of(course, "rmse")
    assert (grade["manual_score"], grade["auto_score"], grade["needs_manual_grade"]) == (0.5, None, False)


def test_the_due_date_reaches_nbgrader_in_utc(course: Course) -> None:
    due = datetime(2026, 3, 1, 23, 0, tzinfo=timezone(timedelta(hours=-5)))
    record(replace(course, assignments={NAME: Settings(due=due)}), [graded()], POINTS)
    with opened(course) as gradebook:
        assert gradebook.find_assignment(NAME).duedate.replace(tzinfo=UTC) == due


def test_a_report_that_cannot_be_recorded_leaves_the_gradebook_as_it_was(course: Course) -> None:
    record(course, [graded("ana")], POINTS)
    before = dump(course)
    strange = replace(graded("eva"), checks=(judged("other", "passed", 1.0),))
    with pytest.raises(CourseError, match=r"01_mse\.other_value gives .* task 'other'.*one of mse, rmse"):
        record(course, [graded("ana", mse="failed"), strange], POINTS)
    assert dump(course) == before


def test_a_failure_half_way_leaves_all_of_an_assignments_reports_or_none(course: Course) -> None:
    record(course, [graded("ana")], POINTS)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as other, other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON comment BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    before = dump(course)
    with pytest.raises(EngineError, match="disk is full"):
        record(course, [graded("ana", mse="failed"), graded("eva")], POINTS)
    assert dump(course) == before


def test_of_two_verdicts_on_one_student_the_last_counts(course: Course) -> None:
    record(course, [graded(), graded(rmse="passed")], POINTS)
    assert grade_of(course, "rmse")["auto_score"] == 2.0


def test_an_assignment_without_points_is_the_courses_fault(course: Course) -> None:
    with pytest.raises(CourseError, match="no such notebook"):
        record(course, [graded()], {})


@pytest.mark.parametrize(
    ("student", "shown"),
    [
        ("ana.ruiz@uni.es", "ana.ruiz@uni.es"),
        ("García Núñez 王", "García Núñez 王"),
        ("", ""),
        ("=1+1", "%3D1+1"),
        ("ana,,,,10", "ana%2C%2C%2C%2C10"),
        ("../../etc", "..%2F..%2Fetc"),
        ("a\nb\x1b[31m\u202e", "a%0Ab%1B[31m%E2%80%AE"),
        ("100%2C", "100%252C"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_a_students_name_forges_no_cell_formula_or_path_in_nbgrader(student: str, shown: str) -> None:
    assert student_id(student) == shown


def test_two_long_names_never_meet(course: Course) -> None:
    long = ["ñ" * 300 + end for end in "ab"]
    assert len({student_id(name) for name in long}) == 2
    record(course, [graded(name) for name in long], POINTS)
    with opened(course) as gradebook:
        assert all(len(student.id) <= 128 for student in gradebook.students)


@pytest.mark.parametrize("url", ["marks.db", "nosuch:///x", "postgresql+nosuchdriver://u:secret@host/db"])
def test_a_gradebook_that_is_no_url_is_the_courses_fault(course: Course, url: str) -> None:
    with pytest.raises(CourseError, match=r"course_config\.py cannot be opened.*sqlite:///gradebook\.db") as caught:
        record(replace(course, gradebook=url), [graded()], POINTS)
    assert "secret" not in str(caught.value)


def test_a_missing_folder_is_said_with_the_place(course: Course) -> None:
    with pytest.raises(EngineError, match=r"missing/marks\.db could not be written .*folder exists"):
        record(replace(course, gradebook="sqlite:///missing/marks.db"), [graded()], POINTS)


def test_a_read_only_gradebook_is_said(course: Course) -> None:
    record(course, [graded()], POINTS)
    url = f"sqlite:///file:{course.root}/gradebook.db?mode=ro&uri=true"
    with pytest.raises(EngineError, match=r"could not be written .*readonly"):
        record(replace(course, gradebook=url, root=Path()), [graded()], POINTS)


def test_a_locked_gradebook_is_said(course: Course) -> None:
    record(course, [graded()], POINTS)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(EngineError, match=r"database is locked.*no other program holds it"):
            record(replace(course, gradebook="sqlite:///gradebook.db?timeout=0.1"), [graded("eva")], POINTS)
    with opened(course) as gradebook:
        assert [student.id for student in gradebook.students] == ["ana"]


def test_a_file_that_is_no_database_stays_as_it_is(course: Course) -> None:
    path = course.root / "gradebook.db"
    path.write_text("name,score\n" * 100)
    with pytest.raises(CourseError, match="is not a database"):
        record(course, [graded()], POINTS)
    assert path.read_text() == "name,score\n" * 100


def test_another_programs_database_stays_as_it_is(course: Course) -> None:
    with closing(sqlite3.connect(course.root / "gradebook.db")) as other:
        other.execute("CREATE TABLE songs (title)")
    before = dump(course)
    with pytest.raises(CourseError, match="something other than nbgrader's marks"):
        record(course, [graded()], POINTS)
    assert dump(course) == before


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = 'old'", "DROP TABLE alembic_version"])
def test_a_gradebook_of_another_nbgrader_asks_for_an_upgrade(course: Course, change: str) -> None:
    record(course, [], POINTS)
    with closing(sqlite3.connect(course.root / "gradebook.db")) as other, other:
        other.execute(change)
    with pytest.raises(CourseError, match="run `nbgrader db upgrade`"):
        record(course, [graded()], POINTS)
