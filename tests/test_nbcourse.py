"""What nbgrader's autograde and feedback make of all kinds of submissions, when this engine grades them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder import gradebook
from autograder.cli import cli
from autograder.course import Course, Settings
from autograder.errors import CourseError
from autograder.nbcourse import configure, verdict, warmth
from autograder.nbcourse.config import collected
from autograder.records import Report, Status

from .nbcourse_sample import WORDS, hand_in, make_course, template

# nbgrader's own code warns on every run.
pytestmark = pytest.mark.filterwarnings("ignore")

RIGHT = "def mse(a, b):\n    return float(np.mean((np.asarray(a, float) - np.asarray(b, float)) ** 2))\n"
SECRETS = ("41537", "test_hidden_value", "no se anulan", "do not cancel")


@dataclass
class Desk:
    """A course, with nbgrader's commands as the formgrader calls them."""

    course: Course
    config: Config

    @property
    def api(self) -> NbGraderAPI:
        return NbGraderAPI(CourseDirectory(config=self.config), config=self.config)

    def autograde(self, student: str = "ana") -> str:
        """What was logged; fails where nbgrader says that something went wrong."""
        done = self.api.autograde(WORDS, student)
        assert done["success"], done
        return str(done["log"])

    def graded(self, student: str = "ana") -> Any:
        return nbformat.read(self.course.root / "autograded" / student / WORDS / f"{WORDS}.ipynb", 4)

    def grade(self, cell: str = "mse", student: str = "ana") -> dict[str, Any]:
        with self.opened() as book:
            found: dict[str, Any] = book.find_grade(cell, WORDS, WORDS, student).to_dict()
        return found

    @contextmanager
    def opened(self) -> Iterator[Any]:
        from nbgrader.api import Gradebook

        with Gradebook(self.course.gradebook_url(), self.course.id) as book:
            yield book
            book.db.commit()

    def feedback(self, student: str = "ana") -> str:
        done = self.api.generate_feedback(WORDS, student)
        assert done["success"], done
        path = self.course.root / "feedback" / student / WORDS / f"{WORDS}.html"
        return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A course that is built and released once for all tests here; each uses students of its own."""
    course = make_course(tmp_path_factory.mktemp("nbcourse") / "course")
    config = Config()
    configure(config, course.root)
    desk = Desk(course, config)
    done = desk.api.generate_assignment(WORDS)
    assert done["success"], done
    yield desk
    warmth.close()


def answered(desk: Desk, *, mse: str = RIGHT, words: str | None = None, extra: str | None = None) -> Any:
    made = template(desk.course).notebook({"mse": mse, **({"explain": words} if words is not None else {})})
    if extra is not None:
        made.cells.insert(4, nbformat.v4.new_code_cell(extra))
    return made


# --- what students hand in -------------------------------------------------------------------------------------------


def forged_check(made: Any) -> None:
    cell = next(cell for cell in made.cells if cell.id == "mse-check")
    cell.source, cell.metadata.nbgrader.points = "10", 100
    cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "10"})]


def deleted_check(made: Any) -> None:
    made.cells = [cell for cell in made.cells if cell.id != "mse-check"]


def doubled_ids(made: Any) -> None:
    for cell in [cell for cell in made.cells if cell.id == "mse-check"]:
        made.cells.append(nbformat.from_dict({**cell, "id": "another", "source": "1 / 0"}))


def task_cell(made: Any) -> None:
    meta = {"grade": False, "grade_id": "t", "locked": True, "points": 50, "schema_version": 3, "solution": False}
    made.cells.append(nbformat.v4.new_markdown_cell("mine", metadata={"nbgrader": {**meta, "task": True}}))


def first_schema(made: Any) -> None:
    for cell in made.cells:
        cell.metadata.nbgrader = {"grade": True, "grade_id": "x", "points": 5, "solution": False}


def no_metadata(made: Any) -> None:
    made.metadata = nbformat.from_dict({"kernelspec": {"name": "julia-1.9", "display_name": "Julia"}})
    for cell in made.cells:
        cell.metadata = nbformat.from_dict({})


NOTHING: Callable[[Any], None] = lambda made: None  # noqa: E731
LOOP = "def mse(a, b):\n    while True:\n        pass\n"
REPLACED = "import builtins\nbuiltins.print = lambda *a: None\ndef mse(a, b):\n    raise SystemExit\n"
WARNS = "import warnings, sys\n" + RIGHT + "\nwarnings.warn('careful')\nprint('noise', file=sys.stderr)\n"


@pytest.mark.parametrize(
    ("student", "source", "change", "score"),
    [
        ("forger", "def mse(a, b):\n    return 0\n", forged_check, 0.0),
        ("deleter", RIGHT, deleted_check, 10.0),
        ("doubler", RIGHT, doubled_ids, 10.0),
        ("looper", LOOP, NOTHING, 0.0),
        ("replacer", REPLACED, NOTHING, 0.0),
        ("warner", WARNS, NOTHING, 10.0),
        ("tasker", RIGHT, task_cell, 10.0),
        ("veteran", RIGHT, first_schema, 10.0),
        ("stranger", RIGHT, no_metadata, 10.0),
    ],
)
def test_bad_submissions_get_the_engines_mark(
    desk: Desk, student: str, source: str, change: Callable[[Any], None], score: float
) -> None:
    made = answered(desk, mse=source)
    change(made)
    hand_in(desk.course, student, nbformat.v4.nbjson.writes(made).encode())
    desk.autograde(student)
    grade = desk.grade(student=student)
    assert (grade["auto_score"], grade["needs_manual_grade"], grade["max_score"]) == (score, False, 10.0)
    cells = {cell.id: cell for cell in desk.graded(student).cells}
    check = cells["mse-check"]
    assert check.source == 'grader.check("mse")'
    assert "El valor es el pedido." in check.outputs[0].text
    assert "t" not in {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells.values()}


@pytest.mark.parametrize(
    ("student", "data", "why"),
    [
        ("cutoff", b'{"cells": [', "cortado"),
        ("texter", b"my answer is 4", "no es un cuaderno"),
        ("emptier", b"", "vacío"),
    ],
)
def test_what_is_no_notebook_waits_for_a_person_and_says_why(desk: Desk, student: str, data: bytes, why: str) -> None:
    hand_in(desk.course, student, data)
    desk.autograde(student)
    for cell in ("mse", "explain"):
        assert desk.grade(cell, student)["needs_manual_grade"]
    assert why in desk.graded(student).cells[0].source
    assert why in desk.feedback(student)


def test_a_file_that_cannot_be_read_waits_for_a_person(desk: Desk) -> None:
    path = hand_in(desk.course, "folder", b"")
    path.unlink()
    path.mkdir()
    desk.autograde("folder")
    assert desk.grade(student="folder")["needs_manual_grade"]


def test_another_assignments_notebook_is_rejected(desk: Desk) -> None:
    made = answered(desk)
    made.metadata.autograder.assignment = "91_other"
    hand_in(desk.course, "mistaken", made)
    assert "rejected" in desk.autograde("mistaken")
    assert desk.grade(student="mistaken")["needs_manual_grade"]


def test_an_english_notebook_is_answered_in_english(desk: Desk) -> None:
    hand_in(desk.course, "ann", template(desk.course, "en").notebook({"mse": RIGHT}))
    desk.autograde("ann")
    assert "Automatic mark: 10 of 10." in desk.graded("ann").cells[0].source


def test_students_see_no_hidden_test_no_guide_and_their_own_output(desk: Desk) -> None:
    spy = "def mse(a, b):\n    print('args', a, b)\n    return 2\n\n\nprint('visible')"
    hand_in(desk.course, "spy", answered(desk, mse=spy, words="Por los signos."))
    desk.autograde("spy")
    page = desk.feedback("spy")
    assert not [secret for secret in SECRETS if secret in page]
    assert "visible" in page
    assert "Por los signos." in page
    assert "El valor es el pedido." in page
    assert any("no se anulan" in cell.source for cell in desk.graded("spy").cells)


def test_nothing_of_the_students_side_runs_in_a_teachers_page(desk: Desk) -> None:
    shown = """
from IPython.display import HTML, Image, display
display(HTML("<b>bold</b><script>steal()</script>"))
display({"image/png": 'x"><script>steal()</script>'}, raw=True)
print("<script>steal()</script>")
"""
    words = (
        "<script>steal()</script> [here](javascript:steal()) ![x](http://evil.example/x.png)\n\n[a]: javascript:steal()"
    )
    made = answered(desk, mse=RIGHT + shown, words=words)
    hand_in(desk.course, "attacker", made)
    desk.autograde("attacker")
    page = desk.feedback("attacker")
    assert "<b>bold</b>" in page
    assert "steal()</script>" not in page.replace("&lt;/script&gt;", "")
    assert 'href="javascript' not in page
    assert 'src="http://evil' not in page


def test_a_fault_of_ours_is_logged_and_waits_for_a_person(desk: Desk) -> None:
    grader = desk.course.assignment(WORDS).grader
    whole = grader.read_text()
    grader.write_text(whole.replace("expect_close(student", "1 / 0\n    expect_close(student"))
    hand_in(desk.course, "unlucky", answered(desk))
    try:
        assert "ZeroDivisionError" in desk.autograde("unlucky")
    finally:
        grader.write_text(whole)
    assert desk.grade(student="unlucky")["needs_manual_grade"]
    assert "ZeroDivisionError" not in desk.feedback("unlucky")


# --- what teachers enter ---------------------------------------------------------------------------------------------


def test_a_teachers_marks_outlive_a_second_grading(desk: Desk) -> None:
    hand_in(desk.course, "ana", answered(desk, words="Porque sí."))
    (desk.course.root / "submitted" / "ana" / WORDS / "timestamp.txt").write_text("2031-01-02 10:00:00 UTC")
    desk.autograde()
    assert desk.grade("explain")["needs_manual_grade"]
    with desk.opened() as book:
        task, question = (book.find_grade(cell, WORDS, WORDS, "ana") for cell in ("mse", "explain"))
        task.extra_credit = 1.0
        question.manual_score, question.needs_manual_grade = 1.5, False
        book.find_comment("explain", WORDS, WORDS, "ana").manual_comment = "Falta la razón."
    desk.autograde()
    assert (desk.grade("mse")["extra_credit"], desk.grade("mse")["needs_manual_grade"]) == (1.0, False)
    assert (desk.grade("explain")["manual_score"], desk.grade("explain")["needs_manual_grade"]) == (1.5, False)
    assert "Falta la razón." in desk.feedback()
    with desk.opened() as book:
        assert book.find_submission(WORDS, "ana").score == 12.5


def test_late_penalties_are_nbgraders(desk: Desk) -> None:
    late = replace(desk.course, assignments={WORDS: Settings(due=datetime(2030, 1, 1, tzinfo=UTC))})
    gradebook.enter(late, WORDS, {"mse": 10.0}, {"explain": 2.0})
    hand_in(desk.course, "late", answered(desk))
    (desk.course.root / "submitted" / "late" / WORDS / "timestamp.txt").write_text("2030-01-02 10:00:00 UTC")
    desk.config.LateSubmissionPlugin.penalty_method = "zero"
    desk.autograde("late")
    with desk.opened() as book:
        found = book.find_submission(WORDS, "late")
        assert (found.score, found.late_submission_penalty) == (10.0, 10.0)


@pytest.mark.parametrize("words", [None, "*Escribe aquí tu respuesta.*"])
def test_a_question_nobody_touched_earns_nothing_and_waits_for_nobody(desk: Desk, words: str | None) -> None:
    hand_in(desk.course, "silent", answered(desk, words=words))
    desk.autograde("silent")
    grade = desk.grade("explain", "silent")
    assert (grade["auto_score"], grade["needs_manual_grade"], grade["cell_type"]) == (0.0, False, "markdown")


def test_a_marked_answer_waits_again_when_it_has_changed(desk: Desk) -> None:
    def seen(words: str) -> bool:
        hand_in(desk.course, "eve", answered(desk, words=words))
        desk.autograde("eve")
        return bool(desk.grade("explain", "eve")["needs_manual_grade"])

    assert seen("primera")
    with desk.opened() as book:
        question = book.find_grade("explain", WORDS, WORDS, "eve")
        question.manual_score, question.needs_manual_grade = 2.0, False
    assert not seen("primera")
    assert seen("segunda")
    assert seen("segunda")
    assert desk.grade("explain", "eve")["manual_score"] == 2.0


def test_autograder_grade_records_the_same_and_leaves_what_was_marked(desk: Desk, tmp_path: Path) -> None:
    handed = hand_in(desk.course, "twin", answered(desk, mse="def mse(a, b):\n    return 0\n", words="Por los signos."))
    desk.autograde("twin")
    with desk.opened() as book:
        question = book.find_grade("explain", WORDS, WORDS, "twin")
        question.manual_score, question.needs_manual_grade = 2.0, False
    before = [desk.grade(cell, "twin") for cell in ("mse", "explain")]
    again = tmp_path / "inbox" / "twin" / WORDS / handed.name
    again.parent.mkdir(parents=True)
    again.write_bytes(handed.read_bytes())
    options = ["grade", str(tmp_path / "inbox"), "--out", str(tmp_path / "out"), "--course", str(desk.course.root)]
    done = CliRunner().invoke(cli, options, standalone_mode=False)
    assert done.exit_code == 0, done.output
    assert [desk.grade(cell, "twin") for cell in ("mse", "explain")] == before
    assert "Por los signos." in next((tmp_path / "out" / "feedback").iterdir()).read_text(encoding="utf-8")
    new = tmp_path / "new"
    other = new / "third" / WORDS / handed.name
    other.parent.mkdir(parents=True)
    other.write_bytes(handed.read_bytes().replace(b"signos", b"dos signos"))
    options[1] = str(new)
    assert CliRunner().invoke(cli, options, standalone_mode=False).exit_code == 0
    assert desk.grade("explain", "third")["needs_manual_grade"]


# --- the course --------------------------------------------------------------------------------------------------------


def test_a_release_older_than_its_source_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    config = Config()
    configure(config, course.root)
    # Marks that are there already are no hindrance: nbgrader's own step would not add cells to them.
    points = {WORDS: {"mse": 10.0}}
    gradebook.record(course, [Report("ana", WORDS, Status.REJECTED)], points, {WORDS: {"explain": 2.0}})
    desk = Desk(course, config)
    assert desk.api.generate_assignment(WORDS)["success"]
    source = course.assignment(WORDS).notebook
    source.write_text(source.read_text().replace("ready", "steady"))
    done = desk.api.generate_assignment(WORDS)
    assert not done["success"]
    assert f"run `autograder build {WORDS}` first" in done["log"]


def test_a_notebook_that_is_not_the_courses_is_named(desk: Desk) -> None:
    from nbgrader.converters import Autograde

    from autograder.nbcourse.steps import Judge

    converter = Autograde(coursedir=CourseDirectory(config=desk.config), config=desk.config)
    exporter = converter.exporter_class(parent=converter)
    about = {"nbgrader": {"student": "ana", "assignment": "essay", "notebook": "essay"}}
    with pytest.raises(CourseError, match=r"essay\.ipynb of essay is no notebook of this course"):
        Judge(parent=exporter).preprocess(nbformat.v4.new_notebook(), about)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("extracted/ana/01_mse.ipynb", ("ana", "01_mse")),
        ("extracted/ana_01_mse.ipynb", ("ana", "01_mse")),
        ("extracted/Ana García_123_assignsubmission_file/01_mse (1).ipynb", ("Ana García", "01_mse")),
        ("extracted/Ana García_123_assignsubmission_file_/01_mse.ipynb", ("Ana García", "01_mse")),
        ("extracted/Ana García_123_assignsubmission_file_01_mse.ipynb", ("Ana García", "01_mse")),
        ("extracted/ana/notes.txt", None),
    ],
)
def test_zip_collect_reads_who_handed_in_what(path: str, found: tuple[str, str] | None) -> None:
    import re

    match = re.match(collected(("01_mse", "02_other")), f"/course/downloaded/01_mse/{path}")
    assert (match and (match["student_id"], match["file_id"])) == found


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("$a<b$, a < b, **c**", "$a&lt;b$, a < b, **c**"),
        ("<b>x</b> <!-- x -->", "&lt;b>x&lt;/b> &lt;!-- x -->"),
        ("[x](javascript:y) ![x][y]\n\n[y]: z", "[x]\\(javascript:y) ![x]\\[y]\n\n[y]\\: z"),
        ("\x1b[31mred\u202e", "red"),
        (r"$\href{javascript:y}{\hrefs} \style {a}{b}$", r"$href{javascript:y}{\hrefs} style {a}{b}$"),
    ],
)
def test_a_students_words_stay_words(markdown: str, shown: str) -> None:
    assert verdict.inert(markdown) == shown


def test_the_repositorys_own_configuration_is_this_one(desk: Desk) -> None:
    assert desk.config.CourseDirectory.source_directory == "assignments/es"
    assert desk.config.CourseDirectory.course_id == "little"
    assert desk.config.CourseDirectory.db_url == desk.course.gradebook_url()
    # The formgrader shows its configuration as JSON.
    json.dumps(desk.config)


# --- last, since the engine of the tests above ends here -------------------------------------------------------------


def test_without_walls_the_notebook_says_so(desk: Desk) -> None:
    desk.config.Judge.sandbox = False
    hand_in(desk.course, "trusted", answered(desk))
    try:
        desk.autograde("trusted")
    finally:
        del desk.config.Judge
    assert "sin muros" in desk.graded("trusted").cells[0].source


def test_submissions_share_an_engine_until_the_course_changes_or_time_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course")
    with warmth.lent(course, True) as first:
        pass
    with warmth.lent(Course.load(course.root), True) as second:
        assert second is first
    source = course.assignment(WORDS).notebook
    source.write_text(source.read_text().replace("ready", "steady"))
    monkeypatch.setattr(warmth, "IDLE_SECONDS", 0.01)
    with warmth.lent(course, True) as third:
        assert third is not first
        folder = Path(third._scratch.path)
    warmth._warmth._timer.join(10)
    assert not folder.exists()
