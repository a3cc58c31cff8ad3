"""Marks in nbgrader's own gradebook, so that formgrader and `nbgrader export` show them.

An assignment holds one notebook of the same name. A task is its grade cell, named as the task, and the cell the
student fills in is the solution cell `<task>-answer`: the ids that released notebooks carry. What a teacher enters
(manual scores, comments, extra credit, late penalties) is theirs and stays as it is.
"""

from __future__ import annotations

import hashlib
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.course import Course, Settings
from autograder.errors import CourseError, EngineError
from autograder.marks import Marks, seen_answers
from autograder.records import Report

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import Session

_LONGEST_ID = 128
"""nbgrader's column; SQLite would not mind more, PostgreSQL would."""


_NOTHING: Mapping[str, Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True)
class Standing:
    """What the gradebook says of one student's submission for one assignment, a teacher's own marks included."""

    student: str
    """The id under which nbgrader's tools list the student (`student_id`)."""
    assignment: str
    score: float
    """With manual scores and extra credit, and less the penalty for being late; never below 0."""
    auto_score: float
    max_score: float
    waits: bool
    """Some task still needs a person."""


def record(
    course: Course,
    reports: Iterable[Report],
    points: Mapping[str, Mapping[str, float]],
    questions: Mapping[str, Mapping[str, float]] = _NOTHING,
    *,
    name: Callable[[str], str] | None = None,
) -> None:
    """Write `reports` into the gradebook of `course`; recording the same report again changes nothing.

    `points` maps assignment → task → points, as the notebooks state them, and `questions` likewise those that a person
    marks. `name` gives a student's id in the gradebook; `None` means `student_id`.

    A task's automatic score is the sum of its checks' points. It waits for a person ("needs manual grade") while one of
    its checks is unjudged or none was run, which is every task of a rejected submission. Where a teacher has already
    given a manual score or extra credit, it waits again only when the automatic score moves. A task that the notebook no
    longer has is worth nothing from now on; a teacher's marks on it are kept. An answer to a question waits for a person;
    marked once, it waits again only when it is no longer the same. A question that nobody touched earns nothing.

    Every assignment is one transaction, and so is the making of a missing database: a crash leaves all of its reports or none.

    Raises:
        CourseError: `gradebook` in `course_config.py` names no database that SQLAlchemy can open, or one that is not
            nbgrader's or of another version; or a report's assignment or task is missing in `points`.
        EngineError: the database cannot be written, or another program holds it.
    """
    from nbgrader.api import Gradebook

    by_assignment: dict[str, list[Report]] = {}
    for report in reports:
        _require_tasks(report, points)
        by_assignment.setdefault(report.assignment, []).append(report)
    with _opened(course) as url, Gradebook(url, course.id) as gradebook:
        for assignment, theirs in by_assignment.items():
            asked = questions.get(assignment, {})
            marks = Marks(gradebook.db, _notebook(gradebook.db, course, assignment, points[assignment], asked))
            for report in theirs:
                marks.take((name or student_id)(report.student), points[assignment], asked, report)
            marks.write()
            gradebook.db.commit()


def enter(course: Course, assignment: str, points: Mapping[str, float], questions: Mapping[str, float]) -> None:
    """Enter an assignment as the course has it now, so that nbgrader's tools know it before anything is handed in.

    Raises:
        CourseError, EngineError: as `record`.
    """
    from nbgrader.api import Gradebook

    with _opened(course) as url, Gradebook(url, course.id) as gradebook:
        _notebook(gradebook.db, course, assignment, points, questions)
        gradebook.db.commit()


def student_id(student: str) -> str:
    """The id under which nbgrader's tools list `student`: the name itself wherever that is safe.

    nbgrader writes ids unquoted into its CSV export and into URLs. Whatever would forge a cell, a row, a formula or a
    path there is written as %XX (as is the percent sign, so two names never meet), and an id too long for the database
    ends in its hash.
    """
    safe = "".join(
        _percent(char) if not char.isprintable() or char in '%,"/\\' or (at == 0 and char in "=+-@") else char
        for at, char in enumerate(student)
    )
    if len(safe) > _LONGEST_ID:
        digest = hashlib.sha256(safe.encode()).hexdigest()[:16]
        safe = f"{safe[: _LONGEST_ID - len(digest) - 1]}%{digest}"
    return safe


def student_name(identity: str) -> str:
    """The student whose `student_id` is `identity`, as far as that can be told: an id that was too long ends in its hash."""
    return urllib.parse.unquote(identity, errors="surrogatepass")


def standings(course: Course) -> list[Standing]:
    """Everything that is recorded, by assignment and student; nothing where no gradebook has been made yet.

    Raises:
        CourseError, EngineError: as `record`.
    """
    import sqlalchemy as sa
    from nbgrader import api

    url = course.gradebook_url()
    # Reading must not make one.
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    grade, cell = api.Grade.__table__.c, api.BaseCell.__table__.c
    auto, by_hand = api.GradeCell.__table__.c, api.TaskCell.__table__.c
    part, entry = api.SubmittedNotebook.__table__.c, api.SubmittedAssignment.__table__.c
    assignment = api.Assignment.__table__.c
    counted = sa.case(
        (grade.manual_score.is_not(None), grade.manual_score), else_=sa.func.coalesce(grade.auto_score, 0.0)
    )
    query = (
        sa.select(
            entry.student_id,
            assignment.name,
            part.late_submission_penalty,
            sa.func.sum(counted + sa.func.coalesce(grade.extra_credit, 0.0)),
            sa.func.sum(sa.func.coalesce(grade.auto_score, 0.0)),
            sa.func.sum(sa.func.coalesce(auto.max_score, by_hand.max_score)),
            sa.func.max(sa.case((grade.needs_manual_grade, 1), else_=0)),
        )
        .select_from(api.Grade.__table__)
        .join(api.BaseCell.__table__, cell.id == grade.cell_id)
        .outerjoin(api.GradeCell.__table__, auto.id == cell.id)
        .outerjoin(api.TaskCell.__table__, by_hand.id == cell.id)
        .join(api.SubmittedNotebook.__table__, part.id == grade.notebook_id)
        .join(api.SubmittedAssignment.__table__, entry.id == part.assignment_id)
        .join(api.Assignment.__table__, assignment.id == entry.assignment_id)
        .group_by(entry.student_id, assignment.name, part.id, part.late_submission_penalty)
        .order_by(assignment.name, entry.student_id)
    )
    with _opened(course) as url:
        engine = sa.create_engine(url)
        try:
            with engine.connect() as connection:
                rows = connection.execute(query).all()
        finally:
            engine.dispose()
    return [
        Standing(student, name, round(max(0.0, score - (late or 0.0)), 2), round(alone, 2), round(most, 2), bool(waits))
        for student, name, late, score, alone, most, waits in rows
    ]


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _require_tasks(report: Report, points: Mapping[str, Mapping[str, float]]) -> None:
    tasks = points.get(report.assignment)
    if tasks is None:
        raise CourseError(f"{report.assignment!r} cannot be recorded: the course has no such notebook, so no points.")
    if strange := next((check for check in report.checks if check.task not in tasks), None):
        raise CourseError(
            f"The check {strange.id} gives points for the task {strange.task!r}, which the notebook of"
            f" {report.assignment} does not have: name one of {', '.join(tasks)}."
        )


@contextmanager
def _opened(course: Course) -> Iterator[str]:
    """The URL of a gradebook that is known to be nbgrader's, with every database error said in one sentence."""
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    url = course.gradebook_url()
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed)
    except (ArgumentError, ImportError) as error:
        raise CourseError(
            f"`gradebook` in course_config.py cannot be opened ({error}): it takes an SQLAlchemy URL such as"
            " sqlite:///gradebook.db, and a database other than SQLite needs its driver installed."
        ) from error
    where = f"The gradebook {parsed.render_as_string(hide_password=True)}"
    try:
        _prepare(engine, course, where)
        yield url
    except SQLAlchemyError as error:
        raise _fault(where, error) from error
    finally:
        engine.dispose()


def _fault(where: str, error: SQLAlchemyError) -> CourseError | EngineError:
    from sqlalchemy.exc import DatabaseError

    if type(error) is DatabaseError:  # its subclasses say more; SQLite raises the bare class for a file of another kind
        return CourseError(f"{where} is not a database: name a new file in course_config.py.")
    return EngineError(
        f"{where} could not be written ({getattr(error, 'orig', None) or error}): check that its folder exists and can"
        " be written and that no other program holds it, then grade again; what is recorded already stays."
    )


def _prepare(engine: Engine, course: Course, where: str) -> None:
    """Create nbgrader's tables in an empty database, refuse any that holds something else, and enter the course."""
    import sqlalchemy as sa
    from alembic.script import ScriptDirectory
    from nbgrader import api
    from nbgrader.dbutil import ALEMBIC_DIR

    version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver commits each CREATE on its own unless a transaction was opened by hand.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        tables = set(sa.inspect(connection).get_table_names())
        if not tables:
            # Not left to nbgrader, which runs `alembic` from PATH: a virtualenv that is not activated has none there.
            api.Base.metadata.create_all(connection)
            connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(sa.text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
        elif not {"assignment", "submitted_assignment", "grade"} <= tables:
            raise CourseError(f"{where} holds something other than nbgrader's marks: name a new file.")
        elif _version(connection, tables) != version:
            raise CourseError(
                f"{where} is of another version of nbgrader: keep a copy of it, then run `nbgrader db upgrade`."
            )
        seen_answers().create(connection, checkfirst=True)
        if connection.scalar(sa.select(api.Course.id).where(api.Course.id == course.id)) is None:
            connection.execute(sa.insert(api.Course).values(id=course.id))


def _version(connection: Connection, tables: set[str]) -> str | None:
    import sqlalchemy as sa

    if "alembic_version" not in tables:
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version


def _notebook(
    db: Session, course: Course, name: str, tasks: Mapping[str, float], questions: Mapping[str, float]
) -> Any:
    """The assignment's only notebook, with the cells that the course has now."""
    from nbgrader import api
    from nbgrader.utils import parse_utc

    assignment = db.query(api.Assignment).filter_by(name=name).one_or_none()
    if assignment is None:
        assignment = api.Assignment(name=name, course_id=course.id)
        db.add(assignment)
    if due := course.assignments.get(name, Settings()).due:
        assignment.duedate = parse_utc(due)
    notebook = next((each for each in assignment.notebooks if each.name == name), None)
    if notebook is None:
        notebook = api.Notebook(name=name, assignment=assignment)
        db.add(notebook)
    graded = {cell.name: cell for cell in notebook.grade_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    for task, worth in {**tasks, **questions}.items():
        # A question is one cell that is graded and filled in; a task's two cells have two names.
        kind, filled = ("markdown", task) if task in questions else ("code", f"{task}-answer")
        if task in graded:
            graded[task].max_score = worth
        else:
            db.add(api.GradeCell(name=task, notebook=notebook, max_score=worth, cell_type=kind))
        if filled not in answers:
            db.add(api.SolutionCell(name=filled, notebook=notebook))
    for task in graded.keys() - tasks.keys() - questions.keys():
        graded[task].max_score = 0.0
        for grade in graded[task].grades:
            grade.auto_score, grade.needs_manual_grade = None, False
    db.flush()
    return notebook
