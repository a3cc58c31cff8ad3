"""The self-check at the end of a notebook: it comments on answers, tells no key, and is a locked cell like any other."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import IPython.display
import nbformat
import pytest
from IPython.core.error import StdinNotImplementedError

from autograder.authoring import plan, read_template
from autograder.authoring.leaks import inspect
from autograder.course import Course
from autograder.engine import Engine
from autograder.errors import LeakError
from autograder.fingerprint import Fingerprints
from autograder.intake import prepare, read
from autograder.quiz.drawing import quiz
from autograder.quiz.selfcheck import self_check
from autograder.records import Role
from autograder.text import LANGUAGES

from .quiz_sample import BANK, sample_bank, worth, write_bank

TASKS = {"mean_square": 0, "nabla": 1, "laws": 2, "training_accuracy": 3, "activation": 4, "partners": 5}
"""The sample's questions in their order."""


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the self-check of the sample with the answers given, and returns all that it says."""

    def run(*typed: str, language: Any = "en") -> str:
        found = self_check(write_bank(tmp_path).parent, "90_sample", language)
        assert found is not None
        # A cell that does not stop then runs out of answers, and raises.
        answers: Iterator[str] = iter([*typed, "fin" if language == "es" else "end"])

        def give(prompt: str) -> str:
            print(prompt)
            return next(answers)

        monkeypatch.setattr(builtins, "input", give)
        monkeypatch.setattr(IPython.display, "display", lambda shown: print(getattr(shown, "data", shown)))
        exec(compile(found[1], "cell", "exec"), {})
        return capsys.readouterr().out

    return run


def reach(question: str, *typed: str) -> tuple[str, ...]:
    """Skips to `question`, answers it and stops."""
    return (*[""] * TASKS[question], *typed)


# --- answering -------------------------------------------------------------------------------------------------------


def test_every_choice_is_told_its_own_feedback_and_the_right_one_the_explanation(
    answer: Callable[..., str], tmp_path: Path
) -> None:
    item = next(each for each in quiz(sample_bank(tmp_path), "en").items if each.id == "nabla").arranged()
    letters = dict(zip("abc", item.options, strict=True))
    for letter, option in letters.items():
        said = answer(*reach("nabla", letter))
        assert option.feedback in said
        assert (item.feedback in said) == option.correct
        assert ("Right." in said.split(option.feedback)[0]) == option.correct
        assert all(other.feedback not in said for other in item.options if other is not option)
        if option.fraction == 33.33333:
            assert "Partly right (33.3333 %)." in said
    assert option.text in said


def test_several_choices_count_as_a_whole_and_each_is_commented(answer: Callable[..., str]) -> None:
    assert "Three." in (said := answer(*reach("laws", "c, a b")))
    assert all(f"Yes, {each}." in said for each in (1, 2, 3))
    said = answer(*reach("laws", "ad"))
    assert "Yes, 1." in said
    assert "No, 4." in said
    assert "A choice is missing, or one is too many." in said
    assert "Three." not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_judged_with_tolerance_mistakes_and_bands(
    answer: Callable[..., str], tmp_path: Path, language: Any
) -> None:
    item = quiz(sample_bank(tmp_path), language).items[0]
    verdicts = {100: {"es": "Correcto.", "en": "Right."}, 0: {"es": "Todavía no.", "en": "Not yet."}}
    for each in item.accepted:
        for shift in (0.0, 0.99, -0.99, 1.01, 2.5):
            value = each.value + shift * each.tolerance
            typed = f"{value:.6f}".replace(".", "," if language == "es" else ".")
            said = answer(*reach("mean_square", typed), language=language)
            percent = worth(item, float(f"{value:.6f}"))
            if percent in verdicts:
                assert verdicts[int(percent)][language] in said, (typed, percent)
            else:
                assert f"({percent:g} %)" in said, (typed, percent)
    said = answer(*reach("mean_square", str(item.accepted[1].value)), language=language)
    assert item.accepted[1].feedback in said


def test_words_are_judged_with_wildcards_and_without_regard_to_case(answer: Callable[..., str]) -> None:
    assert "The sigmoid." in answer(*reach("activation", "  Sigmoid "))
    assert "Partly right (80 %)." in answer(*reach("activation", "the Sigmoids"))
    assert "Star." in answer(*reach("activation", "A*B"))
    assert "That one goes inside." in answer(*reach("activation", "ReLU"))
    assert "Something else." in answer(*reach("activation", "tanh"))


def test_pairs_are_counted_until_all_are_right(answer: Callable[..., str], tmp_path: Path) -> None:
    item = quiz(sample_bank(tmp_path), "en").items[-1]
    letters = dict(zip(item.rights(), "abc", strict=True))
    right = " ".join(f"{number}{letters[right]}" for number, (_, right) in enumerate(item.pairs, 1))
    assert "So." in answer(*reach("partners", right.upper()))
    wrong = f"1{letters['three']} {right[3:]}"
    said = answer(*reach("partners", wrong))
    assert "2 of 3 pairs are right." in said
    assert "So." not in said


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("mean_square", "many"),
        ("mean_square", "inf"),
        ("nabla", "z"),
        ("nabla", "ab"),
        ("laws", "?"),
        ("partners", "1a 2b"),
    ],
)
def test_what_is_no_answer_is_asked_again(answer: Callable[..., str], question: str, typed: str) -> None:
    said = answer(*reach(question, typed, ""))
    assert said.count("That is no answer to this question; try again.") == 1


def test_a_question_is_asked_until_it_is_right_and_the_sum_is_told(answer: Callable[..., str]) -> None:
    said = answer("0", "1", "", "", "", "b")
    assert said.count("Your answer, a number (Enter: next question):") == 3
    assert said.count("Not yet.") == 2
    assert "1 of 6 questions right." in said


def test_where_nobody_can_type_the_cell_ends_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = self_check(write_bank(tmp_path).parent, "90_sample", "es")
    assert found is not None

    def refuse(prompt: str) -> str:
        raise StdinNotImplementedError("no frontend")

    monkeypatch.setattr(builtins, "input", refuse)
    exec(compile(found[1], "cell", "exec"), {})
    assert "Las preguntas se contestan con el cuaderno abierto" in capsys.readouterr().out


# --- keeping quiet ---------------------------------------------------------------------------------------------------


def test_no_feedback_and_no_mark_can_be_read(tmp_path: Path) -> None:
    bank = sample_bank(tmp_path)
    for language in LANGUAGES:
        found = self_check(tmp_path, "90_sample", language)
        assert found is not None
        for item in quiz(bank, language).items:
            for told in (*item.options, *item.accepted, *item.typed):
                assert not told.feedback or len(told.feedback) < 4 or told.feedback not in found[1]
                assert told.mistake in (None, "nothing", "sign", "other") or told.mistake not in found[1]
            assert item.idnumber not in found[1]
            assert json.dumps(item.text, ensure_ascii=False) in found[1]


def test_the_program_needs_nothing_but_the_standard_library_and_ipython(tmp_path: Path) -> None:
    import sys

    found = self_check(write_bank(tmp_path).parent, "90_sample", "en")
    assert found is not None
    nodes = list(ast.walk(ast.parse(found[1])))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module).split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert modules <= {*sys.stdlib_module_names, "IPython"}
    assert "IPython" in modules


def test_the_same_bank_gives_the_same_cells_and_a_changed_one_others(tmp_path: Path) -> None:
    folder = write_bank(tmp_path).parent
    first = self_check(folder, "90_sample", "es")
    assert first == self_check(folder, "90_sample", "es")
    write_bank(tmp_path, BANK.replace("Une.", "Empareja."))
    assert first != self_check(folder, "90_sample", "es")


def test_a_question_can_stay_out_of_the_notebook_and_a_notebook_without_questions_has_no_self_check(
    tmp_path: Path,
) -> None:
    marked = BANK.replace("    kind: matching", "    kind: matching\n    notebook: false")
    found = self_check(write_bank(tmp_path, marked).parent, "90_sample", "en")
    assert found is not None
    assert "5 questions" in found[0]
    assert "Match." not in found[1]
    none = BANK[: BANK.index("  - id: nabla")].replace("kind: numeric", "kind: numeric\n    notebook: false")
    assert self_check(write_bank(tmp_path, none).parent, "90_sample", "en") is None
    (tmp_path / "quiz.yaml").unlink()
    assert self_check(tmp_path, "90_sample", "en") is None


# --- in the notebook -------------------------------------------------------------------------------------------------


@pytest.fixture
def quizzed(tiny_course: Course) -> Course:
    """The tiny course, its assignment with the sample bank."""
    write_bank(tiny_course.root / "solutions" / "90_tiny")
    return tiny_course


def test_the_notebook_ends_with_the_self_check_locked_and_folded(quizzed: Course) -> None:
    for release in plan(quizzed):
        cells = nbformat.reads(release.content.decode(), as_version=4).cells
        text, code = cells[-2:]
        assert (text.cell_type, code.cell_type) == ("markdown", "code")
        assert all(cell.metadata.nbgrader.locked and not cell.metadata.nbgrader.grade for cell in (text, code))
        assert not any(cell.metadata.editable for cell in (text, code))
        assert code.metadata.jupyter.source_hidden
        assert code.source.startswith("# @title ")


def test_a_bank_changes_neither_the_grader_nor_its_fingerprints(tiny_course: Course) -> None:
    def state() -> tuple[str, str]:
        course = Course.load(tiny_course.root)
        return course.assignment("90_tiny").grader_sha256, Fingerprints(course).of(b"notebook", "90_tiny")

    before = state()
    write_bank(tiny_course.root / "solutions" / "90_tiny")
    assert state() == before


def test_the_leak_gate_reads_the_questions_as_well(quizzed: Course) -> None:
    leak = "return float(np.mean((a - b) ** 2))"
    write_bank(quizzed.root / "solutions" / "90_tiny", BANK.replace("Which hold?", f"What does `{leak}` do?"))
    with pytest.raises(LeakError, match="self-check-questions"):
        plan(quizzed)
    template = read_template(quizzed.assignment("90_tiny"), "es")
    grader = quizzed.assignment("90_tiny").grader.read_text()
    assert not inspect(template.notebook(), template=template, grader_source=grader)


def test_grading_restores_the_self_check_and_never_runs_it(quizzed: Course) -> None:
    template = read_template(quizzed.assignment("90_tiny"), "en")
    released = {cell.id: cell for cell in template.cells}
    assert released["self-check-questions"].role is Role.CHECK
    for change in ("changed", "missing", "untouched"):
        notebook = template.reference()
        if change == "changed":
            notebook.cells[-1].source = "raise SystemExit"
        if change == "missing":
            del notebook.cells[-2:]
        prepared = prepare(read(json.dumps(notebook).encode()), template)
        assert [cell for cell in prepared.cells if cell.role is Role.EXTRA] == []
        restored = {cell.id: cell for cell in prepared.cells}
        assert restored["self-check-questions"] == released["self-check-questions"]
        assert restored["self-check"] == released["self-check"]
        assert bool(prepared.repairs) == (change == "changed")


def test_course_that_runs_demos_does_not_run_it_either(quizzed: Course) -> None:
    from autograder.examiner.notebook import LiveNotebook

    cells = [replace(cell, source="pass") for cell in read_template(quizzed.assignment("90_tiny"), "en").cells]
    check = next(cell for cell in cells if cell.id == "self-check-questions")

    def start() -> Any:
        raise AssertionError("nothing of this cell is run")

    runs = LiveNotebook([check], quizzed.limits, start, run_demos=True).run()
    assert [run.outputs for run in runs] == [()]


def test_a_question_about_loading_data_asks_for_no_data_set(quizzed: Course) -> None:
    write_bank(quizzed.root / "solutions" / "90_tiny", BANK.replace("Which hold?", "`keras.datasets.imdb` gives?"))
    with Engine(quizzed) as engine:
        report = engine.grade(json.dumps(engine.template("90_tiny", "en").reference()).encode())
    assert (report.score, report.data) == (10.0, None)
