"""What is going to happen to whom, as a table: printed before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from autograder.feedback import plain
from autograder.text import Language, Text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text as Styled

_WIDEST = 160
"""Characters shown of a name or a remark."""


class Fate(Enum):
    """What becomes of one student's mark in the LMS's file; the value is what people read."""

    GIVEN = Text("recibe la nota", "gets the mark")
    REPLACED = Text("nota reemplazada", "mark replaced")
    SAME = Text("ya tiene esa nota", "has that mark already")
    KEPT = Text("ya calificado: se deja", "graded already: left alone")
    LOCKED = Text("bloqueada: se deja", "locked: left alone")
    REVIEW = Text("por revisar: sin nota", "needs review: no mark")
    REJECTED = Text("no se pudo calificar: sin nota", "could not be graded: no mark")
    AMBIGUOUS = Text("no se sabe de quién es", "not clear whose it is")
    STRANGER = Text("entregó, pero no está en el archivo", "handed in, but is not in the file")
    MISSING = Text("no ha entregado nada", "handed nothing in")


_STYLES = {
    Fate.GIVEN: "green",
    Fate.REPLACED: "bold yellow",
    Fate.KEPT: "cyan",
    Fate.LOCKED: "cyan",
    Fate.REVIEW: "yellow",
    Fate.REJECTED: "red",
    Fate.AMBIGUOUS: "red",
    Fate.STRANGER: "red",
    Fate.MISSING: "dim",
}
_NOTHING = Text("", "")


@dataclass(frozen=True)
class Line:
    """One student in the table."""

    student: str
    """As the file names them, or else as the submission does; not yet fit to be shown."""
    fate: Fate
    before: str = ""
    """The mark that the file held."""
    after: str = ""
    """The mark that is worked out, also where it is not written."""
    remark: Text = _NOTHING
    """Why, or what to look at."""


def render(lines: Sequence[Line], title: str, language: Language) -> RenderableType:
    """The table of `lines`, with one line of counts below it, for `rich` to print.

    Names and remarks are data: no control code reaches the terminal and no markup is read in them.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text as Styled

    table = Table(title=_line(title), title_justify="left", header_style="bold", expand=False)
    heads = (
        Text("Estudiante", "Student"),
        Text("antes", "before"),
        Text("ahora", "now"),
        Text("Qué pasa", "What happens"),
        Text("Observaciones", "Remarks"),
    )
    for head in heads:
        justify = "right" if head.en in ("before", "now") else "left"
        table.add_column(head.to(language), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for line in lines:
        table.add_row(
            _line(line.student),
            _line(line.before),
            _line(line.after),
            Styled(line.fate.value.to(language), style=_STYLES.get(line.fate, "")),
            _line(line.remark.to(language)),
        )
    return Group(table, Styled(summary(lines, language)))


def summary(lines: Sequence[Line], language: Language) -> str:
    """How many of each fate, in the order of `Fate`."""
    counts = Counter(line.fate for line in lines)
    return " · ".join(f"{fate.value.to(language)}: {counts[fate]}" for fate in Fate if counts[fate])


def _line(text: str) -> Styled:
    from rich.text import Text as Styled

    line = " ".join(plain(text).split())
    return Styled(line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…")
