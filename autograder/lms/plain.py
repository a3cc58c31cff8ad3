"""CSV files of our own: marks for a spreadsheet or a script, and what Moodle's gradebook imports."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.lms import comment
from autograder.lms.results import Result
from autograder.lms.scores import Style
from autograder.lms.sheet import written
from autograder.records import Status
from autograder.text import Language

_STYLE = Style(comma=False, places=None)


def table(results: Sequence[Result]) -> bytes:
    """One row per student; per assignment the points, out of how many, and the status.

    Decimals have a point, cells are separated by commas, whatever the language. A result that is not (yet) graded has no points.
    """
    assignments = sorted({one.assignment for one in results})
    students = sorted({one.student for one in results}, key=lambda name: (name.casefold(), name))
    known = {(one.student, one.assignment): one for one in results}
    rows = [["student", *(f"{name}{part}" for name in assignments for part in ("", " max", " status"))]]
    for student in students:
        row = [student]
        for name in assignments:
            one = known.get((student, name))
            row += ["", "", ""] if one is None else [_points(one), _number(one.max_score), one.status.value]
        rows.append(row)
    return written(rows)


def moodle_import(results: Sequence[Result], language: Language) -> bytes:
    """Marks on one assignment for Moodle's "Import → CSV file" of the gradebook: student, points, feedback.

    Only those with a mark are in it: an empty cell would wipe out the mark that Moodle has.
    """
    graded = [one for one in results if _points(one)]
    name = graded[0].assignment if graded else ""
    rows = [["student", name, f"{name} feedback"]]
    rows += [[one.student, _points(one), comment.on(one, language)] for one in graded]
    return written(rows)


def _points(result: Result) -> str:
    return _number(result.score) if result.status is Status.GRADED else ""


def _number(value: float) -> str:
    from decimal import Decimal

    return _STYLE.write(Decimal(str(value)))
