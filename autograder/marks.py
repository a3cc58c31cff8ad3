"""The rows of nbgrader's tables that hold the marks on one notebook, for a whole class at a time.

nbgrader's own objects count sums over a submission's grades whenever one is loaded: a dozen queries and 10 ms for each submission,
two thirds of the time in which an unchanged class is graded again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from autograder.records import Answer, CheckResult, Outcome, Report

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Mark:
    """What one grade of one student says."""

    auto_score: float | None = None
    needs_manual_grade: bool = True
    overruled: bool = False
    """Whether a teacher has given a score or extra credit of their own."""

    def after(self, checks: Sequence[CheckResult]) -> Mark:
        """The mark when a task's checks came out so."""
        score = round(sum(check.points for check in checks), 2)
        if self.overruled:
            waits = self.needs_manual_grade or self.auto_score != score
        else:
            waits = not checks or any(check.outcome is Outcome.UNJUDGED for check in checks)
        return Mark(score, waits, self.overruled)

    def after_answer(self, answer: Answer | None, seen: str | None) -> Mark:
        """The mark when a question was answered so; `None` where nothing could be read, which a person has to see.

        `seen` is the hash of the answer that stood here before. A released cell that nobody touched earns nothing.
        """
        untouched = answer is not None and answer.sha256 is None
        if self.overruled:
            waits = self.needs_manual_grade or (answer is not None and answer.sha256 != seen)
        else:
            waits = not untouched
        return Mark(0.0 if untouched else None, waits, self.overruled)


@cache
def seen_answers() -> Any:
    """Our own table beside nbgrader's: by grade, the hash of the answer that was last recorded.

    nbgrader keeps nothing that would tell whether a marked answer is still the one that was marked.
    """
    import sqlalchemy as sa

    columns = (sa.Column("grade_id", sa.String(32), primary_key=True), sa.Column("sha256", sa.String(64)))
    return sa.Table("autograder_answer", sa.MetaData(), *columns)


class Marks:
    """Reads what the gradebook holds on `notebook`, takes verdicts, and writes what differs.

    Args:
        db: nbgrader's session, whose holder commits.
        notebook: an assignment's notebook as nbgrader keeps it, with its cells.
    """

    def __init__(self, db: Session, notebook: Any) -> None:
        import sqlalchemy as sa
        from nbgrader import api

        self._db, self._notebook = db, notebook
        self._student, self._entry, self._submitted, self._grade, self._comment = (
            made.__table__
            for made in (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)
        )
        entry, submitted, grade, comment = self._entry.c, self._submitted.c, self._grade.c, self._comment.c
        of_this = sa.select(submitted.id).where(submitted.notebook_id == notebook.id)
        self._students = {row.id for row in db.execute(sa.select(self._student.c.id))}
        self._entries: dict[str, str] = {
            row.student_id: row.id
            for row in db.execute(
                sa.select(entry.student_id, entry.id).where(entry.assignment_id == notebook.assignment_id)
            )
        }
        self._notebooks: dict[str, str] = {
            row.assignment_id: row.id for row in db.execute(of_this.add_columns(submitted.assignment_id))
        }
        self._grades: dict[tuple[str, str], str] = {}
        self._marks: dict[str, Mark] = {}
        for row in db.execute(sa.select(self._grade).where(grade.notebook_id.in_(of_this))):
            self._grades[row.notebook_id, row.cell_id] = row.id
            overruled = row.manual_score is not None or row.extra_credit is not None
            self._marks[row.id] = Mark(row.auto_score, row.needs_manual_grade, overruled)
        self._comments = {
            (row.notebook_id, row.cell_id)
            for row in db.execute(
                sa.select(comment.notebook_id, comment.cell_id).where(comment.notebook_id.in_(of_this))
            )
        }
        seen = seen_answers()
        theirs = sa.select(grade.id).where(grade.notebook_id.in_(of_this))
        self._seen: dict[str, str | None] = {
            row.grade_id: row.sha256 for row in db.execute(sa.select(seen).where(seen.c.grade_id.in_(theirs)))
        }
        self._read: dict[str, str | None] = {}
        self._new: dict[Any, list[dict[str, Any]]] = {}
        self._moved: dict[str, Mark] = {}

    def take(self, student: str, tasks: Iterable[str], questions: Iterable[str], report: Report) -> None:
        """The verdict on what one student handed in; the last one counts."""
        if student not in self._students:
            self._students.add(student)
            self._add(self._student, id=student)
        entry = self._entries.get(student)
        if entry is None:
            key = {"assignment_id": self._notebook.assignment_id, "student_id": student}
            entry = self._entries[student] = self._add(self._entry, **key)
        notebook = self._notebooks.get(entry)
        if notebook is None:
            key = {"assignment_id": entry, "notebook_id": self._notebook.id}
            notebook = self._notebooks[entry] = self._add(self._submitted, **key)
        names, asked = frozenset(tasks), frozenset(questions)
        answers = {answer.question: answer for answer in report.answers}
        for cell in self._notebook.grade_cells:
            if cell.name in names:
                checks = [check for check in report.checks if check.task == cell.name]
                grade = self._grade_of(notebook, cell.id)
                self._move(grade, self._marks.get(grade, Mark()).after(checks))
            elif cell.name in asked:
                self._answer(self._grade_of(notebook, cell.id), answers.get(cell.name))
        for cell in self._notebook.solution_cells:
            if (notebook, cell.id) not in self._comments:
                self._comments.add((notebook, cell.id))
                self._add(self._comment, notebook_id=notebook, cell_id=cell.id)

    def _answer(self, grade: str, answer: Answer | None) -> None:
        seen = self._seen.get(grade, "")
        self._move(grade, self._marks.get(grade, Mark()).after_answer(answer, seen))
        if answer is not None and answer.sha256 != seen:
            self._seen[grade] = self._read[grade] = answer.sha256

    def _move(self, grade: str, new: Mark) -> None:
        if new != self._marks.get(grade, Mark()):
            self._marks[grade] = self._moved[grade] = new

    def _grade_of(self, notebook: str, cell: str) -> str:
        grade = self._grades.get((notebook, cell))
        if grade is None:
            grade = self._grades[notebook, cell] = self._add(self._grade, notebook_id=notebook, cell_id=cell)
        return grade

    def _add(self, table: Any, **values: Any) -> str:
        row = {"id": uuid4().hex, **values}
        self._new.setdefault(table, []).append(row)
        return str(row["id"])

    def write(self) -> None:
        """Send everything that is new or differs to the database."""
        import sqlalchemy as sa

        # In this order, so that no row points to one that is still to come.
        for table in (self._student, self._entry, self._submitted, self._grade, self._comment):
            if rows := self._new.pop(table, None):
                self._db.execute(sa.insert(table), rows)
        if self._moved:
            change = sa.update(self._grade).where(self._grade.c.id == sa.bindparam("at"))
            moved = [
                {"at": grade, "auto_score": mark.auto_score, "needs_manual_grade": mark.needs_manual_grade}
                for grade, mark in self._moved.items()
            ]
            self._db.connection().execute(change, moved)
            self._moved.clear()
        if self._read:
            seen = seen_answers()
            rows = [{"grade_id": grade, "sha256": sha} for grade, sha in self._read.items()]
            old = sa.delete(seen).where(seen.c.grade_id == sa.bindparam("at"))
            self._db.connection().execute(old, [{"at": grade} for grade in self._read])
            self._db.execute(sa.insert(seen), rows)
            self._read.clear()
