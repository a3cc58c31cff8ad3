"""Canvas's gradebook CSV: whom it lists, which column is the assignment's, and who gets what there.

Canvas reads a column back by its header, `Name (id)`; a header without an id makes a new assignment. Students it finds by their
ids, which stay as they are. The row "Points Possible" says out of how many points each column is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from autograder.errors import UsageError
from autograder.intake.listing import shown
from autograder.intake.names import read_label
from autograder.lms.lines import Fate, Line, Matched, matched, settled
from autograder.lms.results import NOTHING, Result
from autograder.lms.scores import Style, read_number, scaled
from autograder.lms.sheet import Sheet
from autograder.lms.worksheet import folded
from autograder.records import Status
from autograder.text import Text

_ID = re.compile(r"(?P<title>.*\S)\s*\((?P<id>[0-9]+)\)")
_APART = re.compile(r"(?P<name>.+) \((?P<number>[0-9]+)\)")
_STUDENT = ("student", "lastname", "firstname", "id", "sis user id", "sis login id", "integration id", "root account")
_POINTS = "points possible"
_READ_ONLY = "(read only)"
_EXCUSED = Text(es="Exento en Canvas", en="Excused in Canvas")


@dataclass(frozen=True)
class Gradebook:
    """A gradebook whose columns are known."""

    sheet: Sheet
    students: tuple[int, ...]
    """The rows that stand for a student."""
    points: int | None
    """The row that says out of how many points each column is."""
    info: Mapping[str, int]
    """The columns that say who somebody is, by their folded headers."""

    @classmethod
    def read(cls, data: bytes, name: str) -> Gradebook:
        """The gradebook in the bytes of the file `name`.

        Raises:
            UsageError: it is no CSV file, none that Canvas exported, or damaged.
        """
        sheet = Sheet.read(data, name)
        headers = [folded(header) for header in sheet.values(0)]
        info = {header: at for at, header in reversed(list(enumerate(headers))) if header in (*_STUDENT, "section")}
        if not ({"id", "section"} <= info.keys() and ("student" in info or {"lastname", "firstname"} <= info.keys())):
            raise UsageError(
                f"{sheet.name} is no gradebook that Canvas exported (it has no columns Student, ID, Section): take Grades → Export."
            )
        first = info.get("student", info.get("lastname", 0))
        points, students = None, []
        for at in range(1, len(sheet.rows)):
            if sheet.blank(at):
                continue
            if _POINTS in folded(sheet.value(at, first)) and not sheet.value(at, info["id"]).strip():
                points = at
            # "Manual Posting" and the like stand in rows that belong to nobody.
            elif sheet.value(at, first).strip():
                students.append(at)
        if not students:
            raise UsageError(f"{sheet.name} lists nobody: export it again, without a filter.")
        return cls(sheet, tuple(students), points, info)

    def name(self, row: int) -> str:
        """The student of a row as the file names them."""
        if "student" in self.info:
            return self.sheet.value(row, self.info["student"]).strip()
        first, last = (self.sheet.value(row, self.info[part]).strip() for part in ("firstname", "lastname"))
        return f"{last}, {first}"

    def of(self, results: Iterable[Result]) -> Matched[int]:
        """The rows of `results`.

        By login id, SIS id, Canvas id, or else by name, whichever is the first to know the student; a name that several rows
        have decides nothing.
        """
        index = list(self._index())
        found: list[tuple[Result, frozenset[int]]] = []
        for one in results:
            apart = _APART.fullmatch(one.student)
            keys = [folded(one.student), *([apart["number"], folded(apart["name"])] if apart else [])]
            rows = next((rows for key in keys for known in index if (rows := known.get(key))), set[int]())
            found.append((one, frozenset(rows)))
        return matched(found)

    def _index(self) -> Iterator[dict[str, set[int]]]:
        for header in ("sis login id", "sis user id", "id"):
            if header in self.info:
                yield _by_key({row: [self.sheet.value(row, self.info[header])] for row in self.students})
        yield _by_key({row: _names(self.name(row)) for row in self.students})

    def column(self, assignment: str, names: Collection[str], titles: Collection[str], asked: str | None) -> int | None:
        """The column of `assignment`; `None` when there is none yet.

        Args:
            names: all assignments of the course.
            titles: what the assignment's notebooks are called.
            asked: the header, or the header without its id, where the command names one.

        Raises:
            UsageError: several columns may be meant, or the one meant is read-only.
        """
        wanted = {folded(title) for title in ([asked] if asked else [assignment, *titles])}
        found = []
        for at, header in enumerate(self.sheet.values(0)):
            match = _ID.fullmatch(header.strip())
            title = match["title"] if match else header
            if at in self.info.values() or (match is None and asked is None and folded(header) not in wanted):
                continue
            says = asked is None and read_label(title, tuple(names)).assignment == assignment
            if says or {folded(title), folded(header)} & wanted:
                found.append(at)
        if len(found) > 1:
            headers = ", ".join(shown(self.sheet.value(0, at)) for at in found)
            raise UsageError(
                f"{self.sheet.name} has several columns for {assignment}, {headers}: name one with --column."
            )
        if found and self.points is not None and folded(self.sheet.value(self.points, found[0])) == _READ_ONLY:
            header = shown(self.sheet.value(0, found[0]))
            raise UsageError(
                f"The column {header} of {self.sheet.name} is worked out by Canvas: name another one with --column."
            )
        return found[0] if found else None

    def place(self) -> int:
        """Where a new column goes: behind the last assignment's, or else behind those that say who somebody is."""
        headers = self.sheet.values(0)
        last = [at for at, header in enumerate(headers) if _ID.fullmatch(header.strip())]
        return max(last or self.info.values()) + 1


@dataclass(frozen=True)
class Plan:
    """What is going to be written for one assignment."""

    lines: tuple[Line, ...]
    """One per student of the file, in its order, then those that it does not list."""
    sheet: Sheet


def plan(gradebook: Gradebook, column: int | None, title: str, results: Iterable[Result], *, overwrite: bool) -> Plan:
    """Who gets what of one assignment's `results` in `column`, or in a new one called `title`.

    Marks are scaled to the points of the column; a new one gets those of the assignment. A mark that the file holds stays unless
    `overwrite`, and who is excused stays so.
    """
    match = gradebook.of(results)
    sheet, points = gradebook.sheet, gradebook.points
    if column is None:
        most = [Decimal(str(result.max_score)) for _, result in match.found if result.max_score]
        maximum = max(most, default=None)
        numbers = sheet.values(points) if points is not None else ()
    else:
        maximum = read_number(sheet.value(points, column)) if points is not None else None
        numbers = tuple(sheet.value(row, column) for row in (*([points] if points else []), *gradebook.students))
    style = Style.seen_in(numbers, comma=sheet.separator == ";")
    lines = {
        row: Line(gradebook.name(row), match.without(row), _held(sheet, row, column)) for row in gradebook.students
    }
    marks: dict[int, str] = {}
    for row, result in match.found:
        before = lines[row].before
        if result.status is not Status.GRADED or not result.max_score:
            fate = Fate.REJECTED if result.status is Status.REJECTED else Fate.REVIEW
            lines[row] = Line(gradebook.name(row), fate, before, remark=result.reason)
            continue
        after = style.write(scaled(result.score, result.max_score, maximum or Decimal(str(result.max_score))))
        excused = folded(before) == "ex"
        fate = settled(before, after, locked=excused, overwrite=overwrite)
        lines[row] = Line(gradebook.name(row), fate, before, after, _EXCUSED if excused else NOTHING)
        if fate in (Fate.GIVEN, Fate.REPLACED):
            marks[row] = after
    if column is not None:
        sheet = sheet.with_values({(row, column): mark for row, mark in marks.items()})
    elif marks:
        head = {0: title} | ({points: style.write(maximum)} if points is not None and maximum else {})
        sheet = sheet.with_column(gradebook.place(), head | marks)
    return Plan((*lines.values(), *match.others), sheet)


def _held(sheet: Sheet, row: int, column: int | None) -> str:
    held = sheet.value(row, column).strip() if column is not None else ""
    return "" if held in ("-", "N/A") else held


def _by_key(keys: Mapping[int, Iterable[str]]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = {}
    for row, theirs in keys.items():
        for key in map(folded, theirs):
            if key:
                index.setdefault(key, set()).add(row)
    return index


def _names(name: str) -> list[str]:
    """`Ruiz, Ana` also as `Ana Ruiz`, and as Canvas's zips of submissions write it: `ruizana`."""
    last, comma, first = name.partition(",")
    turned = f"{first} {last}" if comma else name
    return [name, turned, "".join(char for char in name if char.isalnum())]
