"""From the reports on a class to one page for its teacher: its words and order are in `class.html`, its numbers in `_tally`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from autograder.feedback._tally import tally
from autograder.feedback.layout import render
from autograder.files import write_atomically
from autograder.records import Cause, Report
from autograder.text import Language

_NO_TITLES: Mapping[str, str] = MappingProxyType({})
_SIGNS: Mapping[Cause, str] = MappingProxyType(
    {
        Cause.NOT_DONE: "○",
        Cause.MISSING: "∅",
        Cause.TIMED_OUT: "…",
        Cause.DIED: "×",
        Cause.BAD_REPLY: "≠",
        Cause.RAISED: "!",
    }
)
"""Signs that every font has, since the page brings none along."""
_STUCK = tuple(cause for cause in _SIGNS if cause is not Cause.RAISED)
"""An exception is a mistake like any other; these say that somebody got nowhere."""


def class_page(
    reports: Iterable[Report],
    language: Language,
    *,
    course: str = "",
    titles: Mapping[str, str] = _NO_TITLES,
    folder: str = "feedback",
) -> str:
    """One self-contained HTML page about everything in `reports`, for whoever teaches the class; students must not get it.

    It needs no cells, so reports from the journal will do, and keeps none of the reports.

    Args:
        titles: by assignment, names for people.
        folder: where the feedback pages lie, relative to this page.
    """
    found = tally(reports, dict(titles))
    return render(
        "class", language, script="class.js", course=course, klass=found, links=folder, signs=_SIGNS, stuck=_STUCK
    )


def write_class_page(
    reports: Iterable[Report],
    path: Path,
    language: Language,
    *,
    course: str = "",
    titles: Mapping[str, str] = _NO_TITLES,
) -> None:
    """Write the class page to `path`; the feedback pages lie in the folder `feedback` beside it.

    Raises:
        EngineError: it cannot be written.
    """
    write_atomically(path, class_page(reports, language, course=course, titles=titles))
