"""A graded submission as a notebook: what nbgrader keeps in `autograded/`, shows in the formgrader and makes feedback of.

The formgrader shows it within the teacher's session, so nothing of the student's side is left that a browser would run or load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograder.authoring import Template
from autograder.authoring.release import CHECKS_SETUP, render
from autograder.feedback import cut, harmless, image, plain
from autograder.feedback.strings import number, strings
from autograder.records import CellRun, CheckResult, Outcome, Output, Report, Role, Status
from autograder.text import Language, Text

if TYPE_CHECKING:
    from nbformat import NotebookNode

GUIDE = "guide"
"""`metadata.autograder.role` of the cell that tells whoever marks what a good answer says; no student gets it."""
SUMMARY = "summary"
"""That of the cell in front, with the mark and what was put right."""
_KEPT_TEXT = 20_000
_KEPT_OUTPUTS = 40
_SIGNS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNJUDGED: "?"}
_GUIDE = Text(es="Para quien corrige (el alumnado no lo ve)", en="For whoever marks (students do not see this)")
_MARK = Text(es="**Nota automática: {score} de {max}.**", en="**Automatic mark: {score} of {max}.**")
_REJECTED = Text(es="**No se ha podido corregir.**", en="**This could not be graded.**")
_NO_WALLS = Text(es="Corregido **sin muros** (`sandbox = False`).", en="Graded **without walls** (`sandbox = False`).")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=[(\[:])")
_MATH = re.compile(r"\\(?=(?:href|style|class|cssId|require)(?![A-Za-z]))")
"""MathJax's own ways to links and styles."""


def notebook(report: Report, template: Template) -> NotebookNode:
    """The notebook of `report`, in the language of `template`; the released cells where nothing was run."""
    language = template.language
    # The cell that defines `grader` is machinery of the student's own checks, and grading does not run it.
    runs = [run for run in report.cells or map(CellRun, template.cells) if run.cell.id != CHECKS_SETUP]
    cells = [run.cell for run in runs]
    made = render(template.assignment, language, cells, template.worth, {})
    shown = [_text_cell("graded-summary", SUMMARY, _summary(report, language))]
    for cell, run in zip(made.cells, runs, strict=True):
        shown.append(cell)
        if run.cell.role is Role.EXTRA:
            del cell.metadata["nbgrader"]
        if run.cell.role is Role.ANSWER:
            assert run.cell.task is not None
            cell.source = inert(run.cell.source)
            guide = f"**{_GUIDE.to(language)}**\n\n{template.questions[run.cell.task].guide}"
            shown.append(_text_cell(f"{cell.id}-guide", GUIDE, guide))
        elif cell.cell_type == "code":
            cell.outputs = list(_outputs(run, report, language))
    made.cells = shown
    return made


def inert(markdown: str) -> str:
    """A student's Markdown that stays text, formulas and emphasis: no HTML, link or image takes effect."""
    return _MATH.sub("", _LINK.sub(r"]\\", _TAG.sub("&lt;", plain(markdown))))


def _text_cell(identity: str, role: str, source: str) -> NotebookNode:
    from nbformat import v4

    return v4.new_markdown_cell(source, id=identity, metadata={"autograder": {"role": role, "task": None}})


def _summary(report: Report, language: Language) -> str:
    marks = {"score": number(report.score, language), "max": number(report.max_score, language)}
    lines = [(_REJECTED if report.status is Status.REJECTED else _MARK).to(language).format(**marks)]
    if report.reason is not None:
        lines.append(inert(report.reason.to(language)))
    if report.checks and not report.walls:
        lines.append(_NO_WALLS.to(language))
    return "\n\n".join([*lines, *(f"- {inert(repair.to(language))}" for repair in report.repairs)])


def _outputs(run: CellRun, report: Report, language: Language) -> Iterator[Any]:
    """What stands under a cell: what its run gave, or what the hidden checks of its task said."""
    if run.cell.role is Role.CHECK:
        if lines := [_said(check, language) for check in report.checks if check.task == run.cell.task]:
            yield _stream("stdout", "\n".join(lines))
        return
    for output in run.outputs[:_KEPT_OUTPUTS]:
        yield from _output(output)
    if run.problem is not None:
        yield _stream("stderr", run.problem.to(language))


def _said(check: CheckResult, language: Language) -> str:
    words = strings(language)
    points = f"{number(check.points, language)} / {number(check.max_points, language)}"
    lines = [f"{_SIGNS[check.outcome]} {check.title.to(language)} — {words[check.outcome]}, {points}"]
    if message := check.message.to(language):
        lines.append(f"    {message}")
    return "\n".join(lines)


def _output(output: Output) -> Iterator[Any]:
    from nbformat import v4

    if output.mime in ("image/png", "image/jpeg"):
        if found := image(output.data):
            kind, _, data = found.uri.removeprefix("data:").partition(";base64,")
            yield v4.new_output("display_data", data={kind: data})
    elif output.mime == "text/html":
        yield v4.new_output("display_data", data={"text/html": harmless(output.data)})
    elif output.mime in ("stream/stderr", "error"):
        yield _stream("stderr", output.data)
    elif output.mime in ("stream/stdout", "text/plain"):
        yield _stream("stdout", output.data)


def _stream(name: str, text: str) -> Any:
    from nbformat import v4

    shown = cut(plain(text), _KEPT_TEXT)
    middle = f"\n[… {shown.left_out} …]\n" if shown.left_out else ""
    return v4.new_output("stream", name=name, text=f"{shown.head}{middle}{shown.tail}\n")
