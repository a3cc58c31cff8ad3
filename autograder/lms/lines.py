"""What is going to happen to whom, as a table: printed before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Generic, TypeVar

from autograder.feedback import plain
from autograder.lms.results import NOTHING, Result
from autograder.lms.scores import read_number
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
    STRANGER = Text("no está en el archivo", "not in the file")
    MISSING = Text("sin entrega", "no submission")


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
    remark: Text = NOTHING
    """Why, or what to look at."""


def settled(before: str, after: str, *, locked: bool, overwrite: bool) -> Fate:
    """What becomes of a mark `after` where the file holds `before`, empty for none."""
    if before and read_number(before) == read_number(after):
        return Fate.SAME
    if locked:
        return Fate.LOCKED
    if before:
        return Fate.REPLACED if overwrite else Fate.KEPT
    return Fate.GIVEN


Place = TypeVar("Place")


@dataclass(frozen=True)
class Matched(Generic[Place]):
    """Results by their places in a file that knows the students by other names."""

    found: tuple[tuple[Place, Result], ...]
    """Each place at most once."""
    others: tuple[Line, ...]
    """The lines of results that have no place, or not a certain one."""
    doubtful: frozenset[Place]
    """The places that such results may have meant."""

    def without(self, place: Place) -> Fate:
        """What to say of a place that is not in `found`."""
        return Fate.AMBIGUOUS if place in self.doubtful else Fate.MISSING


def matched(candidates: Iterable[tuple[Result, frozenset[Place]]]) -> Matched[Place]:
    """From the places that each result may have: certain is what only one result lays claim to, and no other place with it."""
    candidates = list(candidates)
    claims = Counter(place for _, places in candidates for place in places)
    found: list[tuple[Place, Result]] = []
    others: list[Line] = []
    doubtful: set[Place] = set()
    for result, places in candidates:
        if len(places) == 1 and claims[(place := next(iter(places)))] == 1:
            found.append((place, result))
        else:
            others.append(Line(result.student, Fate.AMBIGUOUS if places else Fate.STRANGER))
            doubtful |= places
    return Matched(tuple(found), tuple(others), frozenset(doubtful))


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
