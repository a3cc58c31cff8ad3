"""An assignment in one language: what students receive, and what its author knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.authoring.prose import STUBS, Question, question
from autograder.authoring.public import otter_test, setup_source
from autograder.authoring.release import CHECKS_SETUP, SELF_CHECK, render
from autograder.authoring.solution import check_no_markers, split
from autograder.authoring.source import SourceCell, read_source
from autograder.authoring.translation import translate
from autograder.course import Assignment
from autograder.errors import CourseError
from autograder.records import Cell, Role
from autograder.text import LANGUAGES, Language, near

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Template:
    """An assignment in one language, parsed from its `notebook.py`."""

    assignment: str
    language: Language
    title: str
    """Text of the first `# ` heading."""
    cells: tuple[Cell, ...]
    """What is released; `TASK` and `ANSWER` cells hold the stub."""
    solutions: Mapping[str, str]
    """Task → full reference source of its cell, without markers."""
    points: Mapping[str, float]
    """Task → points, in order of the notebook."""
    tests: Mapping[str, str]
    """Task → source of its public otter test file."""
    questions: Mapping[str, Question] = field(default_factory=dict)
    """Name → question that a person marks, in order of the notebook; their points come on top of `points`."""

    def notebook(self, answers: Mapping[str, str] | None = None) -> NotebookNode:
        """The released notebook; tasks and questions in `answers` hold that source in place of the stub.

        Raises:
            CourseError: `answers` names a task that the assignment does not have.
        """
        answers = answers or {}
        for task in answers:
            if task not in self.worth:
                raise CourseError(f"{self.assignment} has no task {task!r}; {near(task, self.worth)}")
        cells = [
            Cell(cell.id, cell.role, answers[cell.task], cell.task)
            if cell.role in (Role.TASK, Role.ANSWER) and cell.task is not None and cell.task in answers
            else cell
            for cell in self.cells
        ]
        return render(self.assignment, self.language, cells, self.worth, self.tests)

    @property
    def worth(self) -> dict[str, float]:
        """Points of every task and of every question."""
        return {**self.points, **self.question_points}

    @property
    def question_points(self) -> dict[str, float]:
        """Points of every question that a person marks."""
        return {name: question.points for name, question in self.questions.items()}

    def reference(self, replaced: Mapping[str, str] | None = None) -> NotebookNode:
        """The notebook with every task solved; those in `replaced` hold that source instead.

        Raises:
            CourseError: `replaced` names a task that the assignment does not have.
        """
        return self.notebook({**self.solutions, **(replaced or {})})


def read_template(assignment: Assignment, language: Language) -> Template:
    """`assignment` in `language`, from its `notebook.py`; both languages are checked.

    Raises:
        CourseError: the file breaks a rule of docs/authoring.md; names the file, the line and what to do.
    """
    cells = read_source(assignment.notebook)
    _check_twins(cells)
    tasks = _check_tasks(assignment, cells)
    split_cells = {id(cell): split(cell) for cell in cells if cell.role is Role.TASK}
    for cell in cells:
        if cell.role not in (Role.TASK, Role.ANSWER):
            check_no_markers(cell)
    questions = {each: _questions(cells, tasks, each) for each in LANGUAGES}
    readings = {each: _reading(cells, split_cells, each) for each in LANGUAGES}
    titles = {each: _title(assignment, cells, each) for each in LANGUAGES}
    released, solutions, tests = readings[language]
    released += _self_check(assignment, language)
    first = next(index for index, cell in enumerate(released) if cell.role is not Role.TEXT)
    released.insert(first, Cell(CHECKS_SETUP, Role.CHECK, setup_source(tests, language)))
    return Template(
        assignment=assignment.name,
        language=language,
        title=titles[language],
        cells=tuple(released),
        solutions=solutions,
        points=tasks,
        tests=tests,
        questions=questions[language],
    )


def _questions(cells: Iterable[SourceCell], tasks: Mapping[str, float], language: Language) -> dict[str, Question]:
    found: dict[str, Question] = {}
    for cell in cells:
        if cell.role is Role.ANSWER and language in cell.languages:
            assert cell.task is not None
            if cell.task in tasks or cell.task in found:
                raise cell.error(f"the name {cell.task} is taken by another task or question; choose a new one.")
            found[cell.task] = question(cell)
    return found


def _self_check(assignment: Assignment, language: Language) -> list[Cell]:
    """The bank's questions as the notebook's last cells. Their code is a check that belongs to no task: never run in grading."""
    from autograder.quiz.selfcheck import self_check

    found = self_check(assignment.folder, assignment.name, language)
    if found is None:
        return []
    text, code = found
    return [Cell("self-check", Role.TEXT, text), Cell(SELF_CHECK, Role.CHECK, code)]


def _reading(
    cells: Iterable[SourceCell], split_cells: Mapping[int, tuple[str, str]], language: Language
) -> tuple[list[Cell], dict[str, str], dict[str, str]]:
    """The released cells, the solutions and the public tests of one language."""
    released: list[Cell] = []
    solutions: dict[str, str] = {}
    tests: dict[str, str] = {}
    ordinals: Counter[Role] = Counter()
    for cell in cells:
        if language not in cell.languages:
            continue
        if cell.role is Role.ANSWER:
            assert cell.task is not None
            name = cell.task.replace("_", "-")
            released.append(Cell(f"{name}-question", Role.TEXT, question(cell).text))
            released.append(Cell(f"{name}-answer", Role.ANSWER, STUBS.to(language), cell.task))
            continue
        ordinals[cell.role] += 1
        identity = f"{cell.role.value}-{ordinals[cell.role]}"
        source = cell.source
        if cell.role is Role.TASK:
            assert cell.task is not None
            stub, solution = split_cells[id(cell)]
            source, solutions[cell.task] = (translate(cell, form, language) for form in (stub, solution))
            identity = f"{cell.task.replace('_', '-')}-answer"
        elif cell.role is Role.CHECK:
            assert cell.task is not None
            tests[cell.task] = otter_test(cell, language)
            source = f'grader.check("{cell.task}")'
            identity = f"{cell.task.replace('_', '-')}-check"
        elif cell.role is not Role.TEXT:
            source = translate(cell, source, language)
        released.append(Cell(identity, cell.role, source, cell.task))
    return released, solutions, tests


def _check_twins(cells: Iterable[SourceCell]) -> None:
    """Both languages have the same cells in the same order, so that twins share their id."""
    first, second = ([cell for cell in cells if language in cell.languages] for language in LANGUAGES)
    for index in range(max(len(first), len(second))):
        pair = [cells[index] if index < len(cells) else None for cells in (first, second)]
        kinds = [(cell.role, cell.task, cell.points) if cell else None for cell in pair]
        if kinds[0] == kinds[1]:
            continue
        single = [cell for cell in pair if cell is not None and len(cell.languages) == 1]
        # Both are single when the roles of two twins differ: then the earlier one is named.
        cell = min(single, key=lambda cell: cell.line)
        other = next(language for language in LANGUAGES if language not in cell.languages)
        raise cell.error(
            f'this {cell.role.value} cell with lang="{cell.languages[0]}" has no twin with lang="{other}" at the same '
            "place; write it (twins stand between the same code cells, in the same order, with the same options)."
        )


def _check_tasks(assignment: Assignment, cells: Iterable[SourceCell]) -> dict[str, float]:
    """Task → points; every task has one cell and, after it, one check."""
    tasks: dict[str, float] = {}
    checked: set[str] = set()
    cells = [cell for cell in cells if LANGUAGES[0] in cell.languages]
    names = [cell.task for cell in cells if cell.role is Role.TASK and cell.task is not None]
    for cell in cells:
        if cell.role is Role.TASK and cell.task is not None:
            if cell.task in tasks:
                raise cell.error(f"task {cell.task} is defined twice; a task has one cell.")
            tasks[cell.task] = cell.points
        elif cell.role is Role.CHECK and cell.task is not None:
            if cell.task not in names:
                raise cell.error(f"a check of the unknown task {cell.task!r}; {near(cell.task, names)}")
            if cell.task not in tasks:
                raise cell.error(f"the check of {cell.task} stands before its task cell; move it below.")
            if cell.task in checked:
                raise cell.error(f"task {cell.task} has two check cells; write all its tests in one.")
            checked.add(cell.task)
    if not tasks:
        raise CourseError(f'{assignment.notebook}: no task cell; write at least one `# %% task="…" points=…`.')
    for cell in cells:
        if cell.role is Role.TASK and cell.task not in checked:
            raise cell.error(f'task {cell.task} has no public check; add a cell `# %% check="{cell.task}"` below it.')
    return tasks


def _title(assignment: Assignment, cells: Iterable[SourceCell], language: Language) -> str:
    for cell in cells:
        if cell.role is Role.TEXT and language in cell.languages:
            heading = cell.source.split("\n")[0]
            if not heading.startswith("# ") or not heading[2:].strip():
                raise cell.error(f'the first text cell with lang="{language}" starts with `# Title`.', 1)
            return heading[2:].strip()
    raise CourseError(
        f'{assignment.notebook}: no text cell with lang="{language}"; start with one that says `# Title`.'
    )
