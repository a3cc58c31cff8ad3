"""Questions that a person marks: written by the author, kept on the way in, and never part of a verdict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from autograder import feedback
from autograder.authoring import Template, plan, read_template
from autograder.course import Course
from autograder.errors import CourseError, LeakError
from autograder.fingerprint import Fingerprints
from autograder.intake import prepare, read
from autograder.records import Answer, Cell, CellRun, Report, Role, Status

from .nbcourse_sample import WORDS, make_course, template

STUB = "*Write your answer here.*"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("questions") / "course")


@pytest.fixture(scope="module")
def english(course: Course) -> Template:
    return template(course, "en")


def changed(folder: Path, *changes: tuple[str, str]) -> Course:
    course = make_course(folder / "course")
    path = course.assignment(WORDS).notebook
    source = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    path.write_text(source, encoding="utf-8")
    return course


# --- written -----------------------------------------------------------------------------------------------------------


def test_a_question_becomes_a_locked_text_and_a_cell_to_answer_in(english: Template) -> None:
    places = [cell.id for cell in english.cells]
    at = places.index("explain-question")
    question, answer = english.cells[at : at + 2]
    assert (question.role, question.source) == (Role.TEXT, "## Question\n\nWhy squared?")
    assert answer == Cell("explain-answer", Role.ANSWER, STUB, "explain")
    assert english.questions["explain"].guide.startswith("Because in this way")
    assert (english.points, english.question_points) == ({"mse": 10.0}, {"explain": 2.0})
    assert [cell.id for cell in english.cells if cell.role is Role.TEXT] == ["text-1", "explain-question"]


def test_nbgrader_marks_the_cell_by_hand(english: Template) -> None:
    cells = {cell.id: cell for cell in english.notebook({"explain": "So that signs do not matter."}).cells}
    meta = cells["explain-answer"].metadata
    expected = {"grade": True, "solution": True, "locked": False, "task": False, "points": 2.0, "grade_id": "explain"}
    assert {key: meta.nbgrader[key] for key in expected} == expected
    assert cells["explain-answer"].cell_type == "markdown"
    assert "editable" not in meta
    assert cells["explain-answer"].source == "So that signs do not matter."


GUIDE_ES = (
    "# ### BEGIN SOLUTION\n# Porque así los errores de signo contrario no se anulan entre sí.\n# ### END SOLUTION\n"
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GUIDE_ES, "", "ends with what a good answer says"),
        (GUIDE_ES, f"{GUIDE_ES}#\n# And more.\n", "ends with what a good answer says"),
        ("# ### END SOLUTION\n\n# %% role", "# ### end solution\n\n# %% role", "ends with what a good answer says"),
        ("# Porque así los errores de signo contrario no se anulan entre sí.\n", "", "no guide for marking"),
        ("# ## Pregunta\n#\n# ¿Por qué al cuadrado?\n#\n", "", "has no text"),
        ('lang="es" answer="explain" points=2', 'lang="es" answer="explain" points=0', "expected a positive number"),
        (
            'lang="es" answer="explain" points=2',
            'lang="es" answer="Why?" points=2',
            "a task is named like its function",
        ),
        (
            'lang="es" answer="explain" points=2',
            'lang="es" answer="explain" role="demo" points=2',
            "a question takes no",
        ),
        ('lang="es" answer="explain" points=2', 'answer="explain" points=2', 'add lang="es"'),
        ('lang="es" answer="explain" points=2', 'lang="es" answer="explain" points=3', "has no twin"),
        ('answer="explain"', 'answer="mse"', "the name mse is taken"),
    ],
)
def test_a_question_that_breaks_a_rule_stops_the_build(old: str, new: str, message: str, tmp_path: Path) -> None:
    course = changed(tmp_path, (old, new))
    with pytest.raises(CourseError, match=message):
        read_template(course.assignment(WORDS), "es")


def test_the_leak_gate_knows_the_guide(tmp_path: Path) -> None:
    said = "Because in this way errors of opposite\n# sign do not cancel each other."
    course = changed(tmp_path, ("# Why squared?", f"# Why squared? {said}"))
    with pytest.raises(LeakError, match="line 1 of the guide of explain"):
        plan(course)


def test_a_reworded_question_makes_no_calibration_old_and_no_kept_verdict_stand(tmp_path: Path, course: Course) -> None:
    reworded = changed(
        tmp_path, ("Why squared?", "Why the square?"), ("¿Por qué al cuadrado?", "¿Por qué el cuadrado?")
    )
    demo = changed(tmp_path / "demo", ('print("ready")', 'print("steady")'))
    before, after, other = (each.assignment(WORDS).grader_sha256 for each in (course, reworded, demo))
    assert before == after != other
    assert Fingerprints(course).of(b"", WORDS) != Fingerprints(reworded).of(b"", WORDS)


# --- handed in -----------------------------------------------------------------------------------------------------------


def text(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def here(notebook: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    cells = notebook["cells"]
    return cells, next(index for index, cell in enumerate(cells) if cell["id"] == "explain-answer")


def written(source: str) -> Callable[[dict[str, Any]], None]:
    def change(notebook: dict[str, Any]) -> None:
        cells, at = here(notebook)
        cells[at]["source"] = source

    return change


def below(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    cells[at + 1 : at + 1] = [text("first"), {**text("1 + 1"), "cell_type": "code"}, text("second")]


def deleted(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    cells[at] = text("my words")


def gone(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    del cells[at - 1 : at + 1]


def bare(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    cells[at] = text("my words", metadata=cells[at]["metadata"])


def became_code(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    cells[at] = {**cells[at], "cell_type": "code", "source": "my words"}


def copied(notebook: dict[str, Any]) -> None:
    cells, at = here(notebook)
    cells.append({**cells[at], "source": "my words"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (written("my words\r\n\r\n$a<b$"), "my words\n\n$a<b$"),
        (written("```python\nx = 1\n```"), "```python\nx = 1\n```"),
        (written(""), ""),
        (written(f"  {STUB}\n"), STUB),
        (below, "first\n\nsecond"),
        (deleted, "my words"),
        (gone, STUB),
        (bare, "my words"),
        (became_code, "my words"),
        (copied, "my words"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_students_words_are_kept(change: Callable[[dict[str, Any]], None], words: str, english: Template) -> None:
    notebook = json.loads(json.dumps(english.notebook({"mse": english.solutions["mse"]})))
    change(notebook)
    prepared = prepare(read(json.dumps(notebook).encode()), english)
    answers = {cell.task: cell.source for cell in prepared.cells if cell.role is Role.ANSWER}
    assert answers == {"explain": words}
    assert [cell.id for cell in prepared.cells if cell.role is not Role.EXTRA] == [cell.id for cell in english.cells]


def test_a_report_says_what_was_answered_and_counts_it_nowhere(course: Course, english: Template) -> None:
    from autograder.engine import Engine

    with Engine(course) as engine:
        bytes_of = lambda answers: json.dumps(english.notebook(answers)).encode()  # noqa: E731
        solved = {"mse": english.solutions["mse"]}
        silent, told = (engine.grade(bytes_of(each)) for each in (solved, {**solved, "explain": "Signs."}))
    assert silent.answers == (Answer("explain", None),)
    assert told.answers == (Answer("explain", hashlib.sha256(b"Signs.").hexdigest()),)
    assert (told.score, told.max_score, told.status, told.verdict()) == (10, 10, Status.GRADED, silent.verdict())
    assert Report.from_dict(json.loads(json.dumps(asdict(told)))) == told
    page = feedback.page(told, "en")
    assert "Your answer to the question explain; a person marks it" in page


def test_an_answer_is_shown_as_text(english: Template) -> None:
    cell = Cell("explain-answer", Role.ANSWER, "<script>x</script>", "explain")
    report = Report("ana", WORDS, Status.GRADED, cells=(CellRun(cell),))
    page = feedback.page(replace(report, max_score=10.0), "es")
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
