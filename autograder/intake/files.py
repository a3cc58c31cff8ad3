"""From the paths on the command line to one record per notebook that was handed in.

Who handed in what is read from names; the rules are in `places`.
"""

from __future__ import annotations

import difflib
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.listing import MAX_BYTES, Entry, Kind, listing, shown
from autograder.intake.names import clean, course_name
from autograder.intake.places import Placed, place, root_name, stem, unwrapped
from autograder.intake.spool import Kept, Spool
from autograder.text import Text

MAX_EACH = 20
"""Notebooks that one student may hand in without saying for which assignment."""
_MAX_TOGETHER = 3 * MAX_BYTES


@dataclass(frozen=True)
class Handed:
    """One notebook that a student handed in, or the fact that there was none."""

    student: str
    """The student's name or id, fit to be shown; use `slug` for a file name."""
    assignment: str | None
    """`None` when no name says it; `identify` then finds it in the notebook."""
    content: bytes | Kept | None
    """The notebook, unread; `None` when it cannot be had, and `problem` says why."""
    origin: str
    """Where it lies, fit to be shown; `zip!member` inside a zip."""
    problem: Text | None
    """Why there is no `content`; beside it, a remark to show: which notebook was chosen among several."""
    participant: str | None = None
    """The LMS's number of the student, where the file's name gives it."""

    @property
    def data(self) -> bytes | None:
        """The bytes of `content`, fetched from where they are kept."""
        return self.content.read() if isinstance(self.content, Kept) else self.content


_Unit = tuple[str, str | None]
"""Owner and assignment."""


def collect(paths: Sequence[Path], course_names: Sequence[str], assignment: str | None) -> tuple[Handed, ...]:
    """Everything handed in under `paths`, sorted by student, assignment and origin; see the rules in `places`.

    Of several notebooks by one student for one assignment, the one called exactly like the assignment is taken, else
    the newest, and `problem` names the others. Without a known assignment all are returned. A student's folder without
    a notebook gives a `Handed` without data. Equal names for different people are told apart (`apart`).

    Raises:
        UsageError: a path does not exist, is no notebook, folder or zip, cannot be read, or holds no submission; or there is
            no room to keep what was handed in.
    """
    found: list[Handed] = []
    spool = Spool()
    with ExitStack() as opened:
        for path in dict.fromkeys(Path(os.path.abspath(path)) for path in paths):
            _require(path)
            handed = _plan(listing(path, opened), path, course_names, assignment, spool)
            if not handed:
                which = f" for {assignment}" if assignment else ""
                raise UsageError(f"{shown(str(path))} holds no notebook{which}: expected student/assignment/*.ipynb.")
            found += handed
    return apart(found)


def apart(handed: Sequence[Handed]) -> tuple[Handed, ...]:
    """`handed` sorted, with every (student, assignment) unique: `Ana (123)` by LMS number, else `Ana (2)`.

    To be called again when assignments that were `None` have been identified.
    """
    times = Counter((one.student, one.assignment) for one in handed)
    taken = set(times)
    result = []
    for one in sorted(handed, key=_order):
        if one.assignment and times[one.student, one.assignment] > 1:
            one = replace(one, student=_another(one, taken))
        result.append(one)
    return tuple(sorted(result, key=_order))


def _order(one: Handed) -> tuple[str, ...]:
    return one.student.casefold(), one.student, one.assignment or "", one.origin


def _another(one: Handed, taken: set[tuple[str, str | None]]) -> str:
    """A name for `one` that is not `taken` for its assignment; the first without an LMS number becomes `(1)`."""
    name = f"{one.student} ({one.participant})" if one.participant else f"{one.student} (1)"
    number = 1
    while (name, one.assignment) in taken:
        number += 1
        name = f"{one.student} ({number})"
    taken.add((name, one.assignment))
    return name


def _require(path: Path) -> None:
    """Raises `UsageError` with the nearest name unless `path` exists."""
    try:
        if path.exists():
            return
        while not path.parent.is_dir():
            path = path.parent
        near = difflib.get_close_matches(path.name, sorted(other.name for other in path.parent.iterdir()), n=1)
    except OSError as error:
        raise UsageError(f"{shown(str(path))} could not be read: {error.strerror}.") from error
    hint = f" Did you mean {shown(near[0])}?" if near else ""
    raise UsageError(f"{shown(str(path))} does not exist.{hint}")


def _plan(
    entries: list[Entry], path: Path, course_names: Sequence[str], asked: str | None, spool: Spool
) -> list[Handed]:
    entries = unwrapped(entries, course_names)
    root = root_name(path, course_names)
    units: dict[_Unit, list[Placed]] = defaultdict(list)
    others: dict[_Unit, list[Placed]] = defaultdict(list)
    flat = False
    for entry in entries:
        placed = place(entry, root, course_names, asked)
        if placed is None or (asked and placed.foldered and placed.assignment != asked):
            continue
        flat |= entry.kind is Kind.NOTEBOOK and not placed.sure
        target = units if entry.kind is Kind.NOTEBOOK else others
        target[placed.owner, placed.assignment].append(placed)
    handed = [one for placed in units.values() for one in _handed(placed, spool)]
    for unit in _empty(units, others):
        # Beside notebooks that lie loose, a folder without any is material (data, images), not a student.
        if not flat or any(_is_handed_in(placed) for placed in others[unit]):
            handed.append(_without_notebook(others[unit]))
    return handed


def _empty(units: dict[_Unit, list[Placed]], others: dict[_Unit, list[Placed]]) -> list[_Unit]:
    """The units of `others` that should hold a notebook and do not."""
    notebooks = [one.entry.parts for placed in units.values() for one in placed]
    holders = {parts[:depth] for parts in notebooks for depth in range(1, len(parts))}
    by_folder = [
        unit
        for unit, placed in others.items()
        if unit not in units and (own := [one for one in placed if one.foldered and one.entry.kind is not Kind.OTHER])
        if not any(one.entry.parts in holders for one in own)
    ]
    answered = {owner for owner, _ in (*units, *by_folder)}
    silent = [unit for unit in others if unit[0] not in answered]
    return by_folder + [unit for unit in silent if not all(one.foldered for one in others[unit])]


def _is_handed_in(placed: Placed) -> bool:
    return placed.participant is not None or placed.entry.kind is Kind.ARCHIVE


def _handed(placed: list[Placed], spool: Spool) -> list[Handed]:
    student, participant, assignment = placed[0].student, placed[0].participant, placed[0].assignment
    if assignment is None:
        chosen, remark = placed, None
        if len(placed) > MAX_EACH:
            return [Handed(student, None, None, placed[0].entry.origin, _too_many(len(placed)), participant)]
    else:
        # A student's folder may hold the notebooks of other assignments too; they are no rivals.
        rivals = [one for one in placed if one.named in (None, assignment)] or placed
        best = max(rivals, key=lambda one: _rank(one, assignment))
        chosen, remark = [best], _chosen(best, rivals) if len(rivals) > 1 else None
    handed = []
    total = 0
    for one in chosen:
        data = one.entry.read() if total < _MAX_TOGETHER else _too_many(len(placed))
        if isinstance(data, Text):
            handed.append(Handed(student, assignment, None, one.entry.origin, data, participant))
        else:
            total += len(data)
            handed.append(Handed(student, assignment, spool.keep(data), one.entry.origin, remark, participant))
    return handed


def _rank(placed: Placed, assignment: str) -> tuple[bool, bool, float, tuple[str, ...]]:
    name = stem(placed.entry.parts[-1])
    exact = course_name(name, [assignment]) is not None
    return exact, placed.named == assignment, placed.entry.modified, placed.entry.parts


def _name(placed: Placed) -> str:
    return clean(placed.entry.parts[-1])


def _chosen(best: Placed, rivals: list[Placed]) -> Text:
    names = [_name(one) for one in rivals if one is not best][:3] + (["…"] if len(rivals) > 4 else [])
    es, en = ", ".join(f"«{name}»" for name in names), ", ".join(f"“{name}”" for name in names)
    return Text(
        es=f"Había {len(rivals)} cuadernos para esta tarea: se ha corregido «{_name(best)}», no {es}.",
        en=f"There were {len(rivals)} notebooks for this assignment: “{_name(best)}” was graded, not {en}.",
    )


def _too_many(count: int) -> Text:
    return Text(
        es=f"Se entregaron {count} cuadernos sin decir de qué tarea son; entrega uno solo, con el nombre de la tarea.",
        en=f"{count} notebooks were handed in without saying for which assignment; hand in one, named after it.",
    )


def _without_notebook(placed: list[Placed]) -> Handed:
    first = placed[0]
    told = next((one.entry.problem for one in placed if one.entry.problem), None)
    files = sorted({_name(one) for one in placed if one.entry.kind is Kind.OTHER})
    seen = ", ".join(files[:3]) + (", …" if len(files) > 3 else "")
    return Handed(
        student=first.student,
        assignment=first.assignment,
        content=None,
        origin=first.entry.origin,
        problem=told
        or Text(
            es=f"No hay ningún cuaderno (.ipynb){f', solo {seen}' if seen else ''}; entrega el archivo .ipynb.",
            en=f"There is no notebook (.ipynb){f', only {seen}' if seen else ''}; hand in the .ipynb file.",
        ),
        participant=first.participant,
    )
