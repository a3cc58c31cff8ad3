"""The demo class, as a newcomer meets it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from autograder.batch import grade_class
from autograder.course import Course, Limits
from autograder.demo import make_class, surprises
from autograder.engine import Engine
from autograder.intake import collect
from autograder.records import Report, Status

SHORT = Limits(cell_seconds=10, check_seconds=2)
MISTAKE = '''"""Half of it."""

TASK = "mse"
CAUGHT_BY = ("worked_value", "column_row")


def mse(a, b):
    return 0.5
'''
ALTERNATIVE = '''"""By a dot product."""

TASK = "mse"


def mse(a, b):
    difference = np.ravel(a).astype(float) - np.ravel(b)
    return difference @ difference / difference.size
'''


def graded(course: Course, folder: Path, jobs: int) -> list[Report]:
    with Engine(course) as engine, ThreadPoolExecutor(jobs) as executor:
        return [one.report for one in grade_class(engine, collect([folder], course.names, None), executor)]


def test_every_submission_of_the_demo_gets_the_mark_it_was_made_for_with_any_number_of_jobs(
    tiny_course: Course, tmp_path: Path
) -> None:
    name = tiny_course.names[0]
    for kind, source in (("mistakes", MISTAKE), ("alternatives", ALTERNATIVE)):
        path = tiny_course.root / "solutions" / name / kind / "one.py"
        path.parent.mkdir()
        path.write_text(source)
    course = replace(tiny_course, limits=SHORT)
    expected = make_class(course, tmp_path / "class")
    assert len(expected) == 11
    assert len({item.student for item in expected if "forgery" in item.story}) == 3
    alone, together = (graded(course, tmp_path / "class", jobs) for jobs in (1, 3))
    assert surprises(expected, alone) == []
    assert [report.verdict() for report in alone] == [report.verdict() for report in together]


def test_a_mark_that_is_not_the_expected_one_is_a_surprise(tiny_course: Course, tmp_path: Path) -> None:
    expected = make_class(tiny_course, tmp_path)
    reports = [Report(student=item.student, assignment=item.assignment, status=Status.GRADED) for item in expected[1:]]
    lines = surprises(expected, reports)
    assert lines[0].endswith("no report")
    assert any("expected to lose rejected, lost nothing" in line for line in lines)
