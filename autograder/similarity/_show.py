"""Similar answers as a page, side by side, and as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.feedback import plain
from autograder.feedback.layout import percent, render, shown_name
from autograder.feedback.strings import strings
from autograder.similarity._answers import Unread
from autograder.similarity._compare import BINS, Comparison
from autograder.similarity.strings import WORDS
from autograder.text import Language

if TYPE_CHECKING:
    from rich.console import RenderableType

FEW = 10
"""Pairs below which nothing can be said of what is usual."""


def page(
    found: Sequence[Comparison],
    unread: Sequence[Unread],
    language: Language,
    *,
    threshold: float,
    course: str = "",
    titles: Mapping[str, str],
) -> str:
    """One self-contained HTML page for teachers; whatever students wrote is escaped, and it holds no script."""
    return render(
        "similar",
        language,
        folder=Path(__file__).parent,
        words=WORDS,
        course=course,
        found=found,
        unread=[(shown_name(one.student), one.reason) for one in unread],
        threshold=threshold,
        titles=titles,
        step=1 / BINS,
        few=FEW,
        who=shown_name,
    )


def table(found: Sequence[Comparison], unread: Sequence[Unread], language: Language) -> RenderableType:
    """The pairs of every assignment with what is usual there, for `rich` to print; names are data."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    words = strings(language) | {name: text.to(language) for name, text in WORDS.items()}
    rows = Table(header_style="bold", expand=False)
    for name in ("assignment", "first", "second", "overlap", "more_than_short", "in_tasks"):
        left = name in ("assignment", "first", "second")
        rows.add_column(words[name], overflow="fold", justify="left" if left else "right", no_wrap=name == "assignment")
    for one in found:
        for match in one.matches:
            rows.add_row(
                Text(one.assignment),
                Text(shown_name(match.first)),
                Text(shown_name(match.second)),
                percent(match.overlap, language),
                percent(match.above, language) if one.pairs >= FEW else "—",
                str(len(match.passages)),
            )
    lines = [rows] if rows.row_count else []
    said = [Text(f"{one.assignment}: {line}") for one in found for line in _lines(one, words, language)]
    missed = [Text(f"{words['unread']}: {shown_name(one.student)}: {plain(one.reason.to(language))}") for one in unread]
    return Group(*lines, *said, *missed, Text(words["no_accusation"]))


def _lines(one: Comparison, words: Mapping[str, str], language: Language) -> list[str]:
    lines = [words["compared"].format(submissions=one.submissions, pairs=one.pairs) + "."]
    if one.pairs >= FEW:
        usual = {"median": percent(one.median, language), "high": percent(one.high, language)}
        lines.append(words["usual"].format(**usual))
    if one.found > len(one.matches):
        lines.append(words["only_first"].format(shown=len(one.matches), found=one.found))
    elif not one.found:
        lines.append(words["none"])
    return lines
