"""From a report to a page: decide here what is shown, lay it out in `page.html`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from autograder.feedback._untrusted import Cut, Image, cut, harmless, image, plain
from autograder.feedback.layout import render, shown_name
from autograder.feedback.strings import strings
from autograder.files import write_atomically
from autograder.records import CellRun, CheckResult, Outcome, Output, Report, Role
from autograder.text import Language

if TYPE_CHECKING:
    from markupsafe import Markup

_MAX_SOURCE = 20_000
_MAX_OUTPUT = 8_000
_MAX_OUTPUTS = 40
_MAX_CELLS = 200
_NO_TITLES: Mapping[str, str] = MappingProxyType({})
_FIGURE_TEXT = re.compile(r"<Figure size [\dx. ]+ with \d+ Axes>")


def page(report: Report, language: Language, *, course: str = "", title: str = "") -> str:
    """One self-contained HTML page for the student of `report`, in `language`.

    `course` and `title` are names for people: of the course and of the assignment (its id when empty). The page holds
    no script and loads nothing; whatever came from the student is escaped, and cut where it is long. It shows neither
    hidden tests nor other students.
    """
    tasks = _tasks(report)
    open_points = sum(check.max_points for check in report.checks if check.outcome is Outcome.UNJUDGED)
    return render(
        "page",
        language,
        report=report,
        course=course,
        title=title or report.assignment,
        student=shown_name(report.student),
        tasks=tasks,
        open_points=open_points,
        earned_share=_share(report.score, report.max_score),
        open_share=_share(open_points, report.max_score),
        unwalled=unwalled(report),
        ran=_ran(report),
        cells=list(_cells(report, strings(language))),
        answers=_answers(report),
        left_out=max(0, sum(map(_shown, report.cells)) - _MAX_CELLS),
    )


def stem(report: Report) -> str:
    """What every file about `report` is called, without its ending: `<slug of the student>.<assignment>`.

    So one folder holds the files of several assignments, and no name of a student becomes a path.
    """
    from autograder.intake import slug

    return f"{slug(report.student)}.{slug(report.assignment)}"


def write(
    reports: Iterable[Report],
    folder: Path,
    language: Language,
    *,
    course: str = "",
    titles: Mapping[str, str] = _NO_TITLES,
) -> dict[tuple[str, str], Path]:
    """Write the page of every report into `folder`, made when missing; the paths by (student, assignment).

    A page is called `<stem>.html` and replaced as a whole: nobody reads half a page. `course` and `titles` (by
    assignment) are names for people.

    Raises:
        EngineError: the folder cannot be written.
    """
    pages: dict[tuple[str, str], Path] = {}
    for report in reports:
        html = page(report, language, course=course, title=titles.get(report.assignment, ""))
        path = folder / f"{stem(report)}.html"
        write_atomically(path, html)
        pages[report.student, report.assignment] = path
    return pages


@dataclass(frozen=True)
class _Task:
    name: str
    checks: list[CheckResult]

    @property
    def score(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_score(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def outcome(self) -> Outcome:
        """The one that most needs attention."""
        found = {check.outcome for check in self.checks}
        return next(outcome for outcome in (Outcome.FAILED, Outcome.UNJUDGED, Outcome.PASSED) if outcome in found)


def _tasks(report: Report) -> list[_Task]:
    groups: dict[str, list[CheckResult]] = {}
    for check in report.checks:
        groups.setdefault(check.task, []).append(check)
    return [_Task(name, checks) for name, checks in groups.items()]


def _share(points: float, of: float) -> str:
    """A percentage for CSS."""
    return f"{100 * min(1.0, points / of) if of > 0 else 0:.2f}%"


def unwalled(report: Report) -> bool:
    """Whether student code was run with no wall around it."""
    return _ran(report) and not report.walls


def _ran(report: Report) -> bool:
    """Whether any student code was run: then walls have to be named."""
    return any(check.outcome is not Outcome.UNJUDGED for check in report.checks) or any(
        run.outputs or run.problem or run.seconds for run in report.cells
    )


@dataclass
class _Budget:
    """What the whole page may still hold, so that no submission makes a page that a browser cannot open."""

    text: int = 400_000
    """Characters of code and output."""
    images: int = 8 << 20
    """Bytes."""

    def cut(self, text: str, keep: int) -> Cut:
        shown = cut(text, min(keep, self.text))
        self.text -= len(shown.head) + len(shown.tail)
        return shown

    def image(self, data: str) -> Image | None:
        found = image(data)
        if found is None or found.size > self.images:
            return None
        self.images -= found.size
        return found


@dataclass(frozen=True)
class _Shown:
    """One output as the template lays it out."""

    kind: str
    """`output`, `stderr`, `error`, `image`, `html`, or the name of the sentence that stands in its place."""
    text: Cut = field(default_factory=lambda: Cut(""))
    image: Image | None = None
    html: Markup | None = None
    mime: str = ""
    figure: int = 0


@dataclass(frozen=True)
class _Cell:
    number: int
    """Its place in the notebook, from 1."""
    heading: str
    folded: bool
    code: list[Markup]
    """Highlighted; two parts when the middle was left out."""
    code_left_out: int
    run: CellRun
    outputs: list[_Shown]
    outputs_left_out: int


def _shown(run: CellRun) -> bool:
    return run.cell.role not in (Role.TEXT, Role.CHECK)


def _answers(report: Report) -> dict[str, int]:
    """Where the cell of each task stands; the first, should a student have copied it."""
    answers: dict[str, int] = {}
    for place, run in enumerate(report.cells, start=1):
        if run.cell.role is Role.TASK and run.cell.task:
            answers.setdefault(run.cell.task, place)
    return answers


def _cells(report: Report, words: dict[str, str]) -> Iterator[_Cell]:
    budget, figures = _Budget(), 0
    shown = [(place, run) for place, run in enumerate(report.cells, start=1) if _shown(run)]
    for place, run in shown[:_MAX_CELLS]:
        code = budget.cut(plain(run.cell.source).strip("\n"), _MAX_SOURCE)
        outputs = list(_outputs(run.outputs[:_MAX_OUTPUTS], budget, figures))
        figures += sum(output.kind == "image" for output in outputs)
        yield _Cell(
            number=place,
            heading=words[f"cell_{run.cell.role}"].format(number=place, task=run.cell.task),
            folded=run.cell.role in (Role.SETUP, Role.DEMO),
            code=[_shown_source(run, part) for part in (code.head, code.tail) if part],
            code_left_out=code.left_out,
            run=run,
            outputs=outputs,
            outputs_left_out=max(0, len(run.outputs) - _MAX_OUTPUTS),
        )


def _outputs(outputs: tuple[Output, ...], budget: _Budget, figures: int) -> Iterator[_Shown]:
    for at, output in enumerate(outputs):
        mime = plain(output.mime)[:80]
        beside = outputs[max(0, at - 1) : at] + outputs[at + 1 : at + 2]
        if mime in ("image/png", "image/jpeg"):
            if found := budget.image(output.data):
                figures += 1
                yield _Shown("image", image=found, figure=figures)
            else:
                yield _Shown("bad_image")
        elif mime in _TEXTS:
            if mime == "text/plain" and _FIGURE_TEXT.fullmatch(output.data) and any(_is_image(each) for each in beside):
                continue
            text = plain(output.data).strip("\n")
            if text:
                yield _Shown(_TEXTS[mime], text=budget.cut(text, _MAX_OUTPUT))
        elif any(each.mime == "text/plain" for each in beside):
            continue  # the same value stands there as text
        elif mime == "text/html":
            yield _html(output.data, budget)
        else:
            yield _Shown("hidden_output", mime=mime)


_TEXTS = {
    "text/plain": "output",
    "text/markdown": "output",
    "text/latex": "output",
    "application/json": "output",
    "stream/stdout": "output",
    "stream/stderr": "stderr",
    "error": "error",
}


def _is_image(output: Output) -> bool:
    return output.mime in ("image/png", "image/jpeg")


def _html(data: str, budget: _Budget) -> _Shown:
    from markupsafe import Markup

    clean = harmless(data)
    if len(clean) > budget.text:
        return _Shown("hidden_output", mime="text/html")
    budget.text -= len(clean)
    return _Shown("html", html=Markup(clean))


def _shown_source(run: CellRun, source: str) -> Markup:
    from markupsafe import escape

    return escape(source) if run.cell.role is Role.ANSWER else _highlight(source)


@lru_cache(256)
def _highlight(source: str) -> Markup:
    """`source` in colours; most cells of a class are the same, and this was nearly all that a page took to make."""
    from markupsafe import Markup
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    formatter: Any = HtmlFormatter(nowrap=True)
    return Markup(highlight(source, PythonLexer(stripnl=False), formatter).rstrip("\n"))
