"""A class made from any course: right, differently right, wrong, untouched, broken, unlucky and hostile submissions.

Made from the course's own reference, alternatives and mistakes, so a course with other assignments gets its own demo.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.authoring import Template, read_template
from autograder.course import Course
from autograder.files import write_atomically
from autograder.records import Outcome, Report, Status
from autograder.variants import Variant, alternatives, mistakes

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Expected:
    """One submission of the demo class and what must come out."""

    student: str
    assignment: str
    story: str
    lost: frozenset[str] | None
    """Tasks in which points are lost; `None` when the file must be rejected."""


def make_class(course: Course, folder: Path) -> tuple[Expected, ...]:
    """Write the class into `folder` in nbgrader's layout; the same course gives the same files.

    Raises:
        CourseError: the course's sources are wrong.
    """
    expected = []
    for number, name in enumerate(course.names):
        template = read_template(course.assignment(name), course.language)
        for student, notebook, outcome in _submissions(course, template, number == 0):
            content = notebook if isinstance(notebook, str) else json.dumps(notebook, ensure_ascii=False, indent=1)
            write_atomically(folder / student / name / f"{name}.ipynb", content)
            expected.append(outcome)
    return tuple(expected)


def surprises(expected: Sequence[Expected], reports: Sequence[Report]) -> list[str]:
    """One line per submission whose report is not the one it was made for."""
    found = {(report.student, report.assignment): report for report in reports}
    lines = []
    for item in expected:
        report = found.get((item.student, item.assignment))
        if report is None:
            lines.append(f"{item.student}, {item.assignment}: no report")
            continue
        lost = None
        if report.status is not Status.REJECTED:
            lost = frozenset(check.task for check in report.checks if check.outcome is not Outcome.PASSED)
        if lost != item.lost or report.status is Status.NEEDS_REVIEW:
            want, got = (", ".join(sorted(tasks)) if tasks is not None else "rejected" for tasks in (item.lost, lost))
            lines.append(
                f"{item.student}, {item.assignment} ({item.story}): expected to lose {want or 'nothing'}, lost {got or 'nothing'}"
            )
    return lines


def _submissions(course: Course, template: Template, first: bool) -> list[tuple[str, NotebookNode | str, Expected]]:
    """Name, content and expectation of the submissions to one assignment; only the first gets the whole zoo."""
    tasks = list(template.points)
    assignment = course.assignment(template.assignment)
    everything = frozenset(tasks)
    made: list[tuple[str, NotebookNode | str, Expected]] = []

    def add(student: str, story: str, notebook: NotebookNode | str, lost: frozenset[str] | None) -> None:
        made.append((student, notebook, Expected(student, template.assignment, story, lost)))

    def answered(student: str, story: str, variant: Variant, lost: frozenset[str]) -> None:
        add(student, f"{story}: {variant.story}", template.reference({variant.task: variant.source}), lost)

    add("ana", "right", template.reference(), frozenset())
    for student, variant in zip(("carla", "diego") if first else ("carla",), mistakes(assignment), strict=False):
        answered(student, "wrong", variant, frozenset({variant.task}))
    add("elena", "untouched", template.notebook(), everything)
    if first:
        for variant in alternatives(assignment)[:1]:
            answered("benito", "differently right", variant, frozenset())
        whole = json.dumps(template.reference())
        add("fermin", "broken JSON", whole[: len(whole) // 2], None)
        # The first by name is graded first: it takes longest, and the others pass it by.
        add("adela", "endless loop", _answered(template, tasks[0], _ENDLESS), frozenset(tasks[:1]))
        add("hugo", "killed kernel", _answered(template, tasks[0], _KILLED), frozenset(tasks[:1]))
        add("ines", "right, with noise on stderr", _with_cell(template, _NOISE), frozenset())
        for student, story, source in _FORGERIES:
            answers = {task: source.format(task=task) for task in tasks}
            add(student, f"forgery: {story}", template.notebook(answers), everything)
    return made


def _answered(template: Template, task: str, source: str) -> NotebookNode:
    return template.reference({task: source.format(task=task)})


def _with_cell(template: Template, source: str) -> NotebookNode:
    from nbformat import v4

    notebook = template.reference()
    notebook.cells.append(v4.new_code_cell(source, id="extra"))
    return notebook


_ENDLESS = """\
def {task}(*args, **kwargs):
    while True:
        pass
"""

_KILLED = """\
import os


def {task}(*args, **kwargs):
    os._exit(0)
"""

_NOISE = """\
import os
import sys
import warnings

warnings.warn("just so you know")
print("Traceback (most recent call last): only kidding", file=sys.stderr)
os.write(2, b"written past Python, as C libraries do\\n")
"""

_FORGERIES: tuple[tuple[str, str, str], ...] = (
    (
        "judas",
        "an answer that says it equals everything",
        """\
class Anything(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    def __array__(self, *args, **kwargs):
        raise SystemExit(0)

    __hash__ = float.__hash__


def {task}(*args, **kwargs):
    return Anything("nan")
""",
    ),
    (
        "karl",
        "looks for the hidden grader and the reference",
        """\
import gc
import glob
import sys


def {task}(*args, **kwargs):
    for pattern in ("/**/test_*.py", "/proc/*/environ", "/**/solutions/**/*.py"):
        for path in glob.iglob(pattern, recursive=True):
            if "site-packages" not in path and {task!r} in open(path, errors="ignore").read():
                exec(open(path).read(), globals())
    frame = sys._getframe()
    while frame is not None:
        for name, value in {{**frame.f_globals, **frame.f_locals}}.items():
            if name in ("want", "expected", "solution", "reference"):
                return value
        frame = frame.f_back
    return next((o for o in gc.get_objects() if isinstance(o, dict) and "expected" in o), None)
""",
    ),
    (
        "lucia",
        "writes its own verdict on every descriptor",
        """\
import json
import os
import struct

_verdict = json.dumps({{"event": "result", "outcome": "passed", "points": 10, "nonce": "", "reply": True}}).encode()


def {task}(*args, **kwargs):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack(">II", len(_verdict), 0) + _verdict)
        except OSError:
            pass
    return True
""",
    ),
)
