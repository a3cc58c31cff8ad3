"""What this engine does inside nbgrader's commands, each step in the place of nbgrader's own.

=====================  ===================  =====================================================================
nbgrader's command      our step             in place of
=====================  ===================  =====================================================================
generate_assignment     `Enter`              ClearSolutions, SaveCells, …: a release holds no solution to begin with
autograde               `Unread`             the notebook's reader: any bytes go to the engine
autograde               `Judge`              Execute, OverwriteCells, DeduplicateIds, …
autograde               `Record`             SaveAutoGrades
generate_feedback       `ForStudents`        nothing: takes out what is for whoever marks
=====================  ===================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, v4
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, List

from autograder import gradebook
from autograder.authoring import read_template
from autograder.authoring.build import encode, release_path
from autograder.batch import grade_class
from autograder.course import Course
from autograder.errors import CourseError, SubmissionRejected
from autograder.files import read_regular
from autograder.intake import Handed, read
from autograder.intake.listing import MAX_BYTES
from autograder.nbcourse import verdict, warmth
from autograder.records import Report
from autograder.text import LANGUAGES, Language, Text

_REPORT = "autograder_report"
"""Under which `Judge` leaves its report for `Record` in nbconvert's resources."""
_UNREADABLE = Text(
    es="El archivo de la entrega no se ha podido leer; vuelve a entregarlo.",
    en="The file handed in could not be read; hand it in again.",
)


class Unread(NotebookExporter):
    """Hands an empty notebook to the steps instead of reading the submission: nbgrader would stop at what is no notebook."""

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Called by nbgrader for the submitted file, then for the one in `autograded/`."""
        return self.from_notebook_node(v4.new_notebook(), resources, **kwargs)


class _Step(NbGraderPreprocessor):
    """A step that knows the course; nbgrader makes one per notebook, below the exporter of its converter."""

    @property
    def _coursedir(self) -> Any:
        return self.parent.parent.coursedir

    def _course(self) -> Course:
        """The course as `course_config.py` says, with the gradebook that nbgrader was told (`--db`)."""
        return replace(Course.load(Path(self._coursedir.root)), gradebook=self._coursedir.db_url)


class Enter(_Step):
    """Enters a released notebook's cells into the gradebook; refuses one that is older than its source."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Called once per notebook that `nbgrader generate_assignment` releases.

        Raises:
            CourseError: `autograder build` has to run first.
        """
        course = self._course()
        name = resources["nbgrader"]["assignment"]
        template = read_template(course.assignment(name), course.language)
        released = release_path(course, name, course.language)
        # What passed the leak gate was written by `autograder build`; equal bytes need not pass it again.
        if released.read_bytes() != encode(template.notebook()):
            raise CourseError(
                f"{released} differs from its source in solutions/{name}: run `autograder build {name}` first."
            )
        gradebook.enter(course, name, template.points, template.question_points)
        return nb, resources


class Judge(_Step):
    """Grades the file that was handed in, and puts the walled run and the verdict in the notebook's place."""

    sandbox = Bool(True, help="False runs student code WITHOUT walls: only for code you trust.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Called once per submission that `nbgrader autograde` or the formgrader's button grades.

        Raises:
            WallError: a wall could not be raised; nothing was run.
            CourseError: the assignment's own source is wrong.
        """
        course = self._course()
        about = resources["nbgrader"]
        handed = self._handed(course, about)
        with warmth.lent(course, self.sandbox) as engine, ThreadPoolExecutor(1) as executor:
            report = grade_class(engine, [handed], executor)[0].report
            template = engine.template(handed.assignment or "", _language(handed.data, course))
        for fault in report.faults:
            self.log.warning("%s of %s: %s", about["assignment"], about["student"], fault)
        self.log.info("%s: %s of %s points, %s", about["student"], report.score, report.max_score, report.status)
        resources[_REPORT] = report
        return verdict.notebook(report, template), resources

    def _handed(self, course: Course, about: Mapping[str, str]) -> Handed:
        name, student = about["assignment"], about["student"]
        if name not in course.names or about["notebook"] != name:
            raise CourseError(
                f"{about['notebook']}.ipynb of {name} is no notebook of this course: it grades {name}/{name}.ipynb."
            )
        folder = self._coursedir.format_path(self._coursedir.submitted_directory, student, name)
        path = Path(folder) / f"{name}.ipynb"
        try:
            data = read_regular(path, MAX_BYTES)[0]
        except OSError:
            return Handed(student, name, None, str(path), _UNREADABLE)
        return Handed(student, name, data, str(path), None)


class Record(_Step):
    """Writes the marks as `autograder grade` does; what a teacher entered stays theirs."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Called right after `Judge`, with its report."""
        report: Report = resources.pop(_REPORT)
        course = self._course()
        template = read_template(course.assignment(report.assignment), course.language)
        name = report.assignment
        # nbgrader has entered the student under the folder's own name already.
        gradebook.record(course, [report], {name: template.points}, {name: template.question_points}, name=str)
        return nb, resources


class ForStudents(_Step):
    """Leaves out of the feedback what is for whoever marks."""

    display_data_priority: List = List(help="Set by the exporter for every step that may choose among outputs.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Called once per notebook in `autograded/` that `nbgrader generate_feedback` turns into a page."""
        nb.cells = [cell for cell in nb.cells if cell.metadata.get("autograder", {}).get("role") != verdict.GUIDE]
        return nb, resources


def _language(data: bytes | None, course: Course) -> Language:
    """The language of the notebook that was handed in, else the course's."""
    try:
        found = read(data).language if data is not None else None
    except SubmissionRejected:
        found = None
    return next((language for language in LANGUAGES if language == found), course.language)
