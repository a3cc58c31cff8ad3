"""A class at a glance, for the terminal."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autograder.feedback import plain
from autograder.feedback.strings import number, strings
from autograder.records import Outcome, Report, Status
from autograder.text import Language

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from autograder.journal import Change

_STYLES = {Status.GRADED: "green", Status.NEEDS_REVIEW: "yellow", Status.REJECTED: "red"}
_WIDEST = 60
"""Characters shown of a name or a reason."""


def render(reports: Iterable[Report], language: Language) -> RenderableType:
    """The table of `reports` in their order, with one line of counts and the median below it, for `rich` to print.

    Names and reasons are data: no control code reaches the terminal and no markup is read in them. The median is that
    of score / maximum over the submissions that could be graded, those that wait for a person with what they have now.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    words = strings(language)
    reports = list(reports)
    table = Table(header_style="bold", expand=False)
    table.add_column(words["student"], overflow="fold")
    table.add_column(words["assignment"], no_wrap=True)
    table.add_column(words["points"], justify="right", no_wrap=True)
    table.add_column(words["status_short"], no_wrap=True)
    table.add_column(words["attention"], overflow="fold")
    table.add_column("s", justify="right", no_wrap=True)
    for report in reports:
        table.add_row(
            _line(report.student),
            _line(report.assignment),
            Text(f"{number(report.score, language)} / {number(report.max_score, language)}"),
            Text(words[f"short_{report.status}"], style=_STYLES[report.status]),
            _line(attention(report, language)),
            Text(number(round(report.seconds, 1), language)),
        )
    return Group(table, Text(_summary(reports, language)))


def attention(report: Report, language: Language) -> str:
    """What to look at: the tasks with a failed check, with `?` those with an unjudged one; or else the report's reason."""
    marks: dict[str, str] = {}
    for check in report.checks:
        if check.outcome is Outcome.UNJUDGED:
            marks[check.task] = "?"
        elif check.outcome is Outcome.FAILED:
            marks.setdefault(check.task, "")
    if not marks and report.reason:
        return report.reason.to(language)
    return ", ".join(task + mark for task, mark in marks.items())


def render_changes(found: Sequence[Change], language: Language) -> RenderableType:
    """Who gains and who loses by being graded again, for `rich` to print."""
    from rich.table import Table
    from rich.text import Text

    words = strings(language)
    table = Table(title=words["changes"], title_justify="left", header_style="bold", expand=False)
    for name in ("student", "assignment", "before", "after"):
        table.add_column(words[name], justify="right" if name in ("before", "after") else "left", overflow="fold")
    table.add_column("±", justify="right", no_wrap=True)
    for change in found:
        style = "green" if change.gain > 0 else "red" if change.gain < 0 else "yellow"
        table.add_row(
            _line(change.student),
            _line(change.assignment),
            *(
                Text(f"{number(score, language)} ({words[f'short_{status}']})")
                for score, status in ((change.before, change.status_before), (change.after, change.status_after))
            ),
            Text(("+" if change.gain > 0 else "") + number(change.gain, language), style=style),
        )
    return table


def _line(text: str) -> Text:
    from rich.text import Text

    line = " ".join(plain(text).split())
    return Text(line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…")


def _summary(reports: list[Report], language: Language) -> str:
    words = strings(language)
    counts = Counter(report.status for report in reports)
    line = words["summary"].format(count=len(reports), **{status.value: counts[status] for status in Status})
    shares = [
        report.score / report.max_score
        for report in reports
        if report.status is not Status.REJECTED and report.max_score
    ]
    if shares:
        line += " · " + words["median"].format(share=number(round(100 * statistics.median(shares), 1), language))
    return line
