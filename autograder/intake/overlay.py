"""Which cell of a student's notebook stands in which place of the released one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from autograder.intake import remarks
from autograder.intake.document import Document, RawCell
from autograder.intake.source import Cleaned, clean
from autograder.intake.syntax import Reader, meaning
from autograder.records import PROSE, Cell, Role
from autograder.text import Text

if TYPE_CHECKING:
    from autograder.authoring import Template

_RUN_LOCKED = (Role.SETUP, Role.DEMO)


class Overlay:
    """A student's notebook laid over the template; `prepare` calls its steps in the order in which they stand.

    Student cells go by their index in the document, places by their index in the template.
    """

    def __init__(self, document: Document, template: Template) -> None:
        self.template = template
        self.raw = document.cells
        self.cleaned: list[Cleaned] = [clean(cell.source) for cell in document.cells]
        self._reader = Reader(template.points)
        self.defined = [self._definitions(index) for index in range(len(self.raw))]
        self.placed: dict[int, int] = {}
        """Place → student cell."""
        self.loose: dict[int, int] = {}
        """Place of a task → student cell that stands for it outside the template's order."""
        self.dropped: set[int] = set()
        """Student cells that are copies of locked cells or of stubs."""
        self.moved: set[int] = set()
        """Places of tasks whose untouched stub gave way to another cell."""

    # --- finding -------------------------------------------------------------------------------------------------

    def by_identity(self) -> None:
        """Places the cells whose id or metadata survived; of several candidates, the one that does the task."""
        places = self.template.cells
        self._pair(lambda raw: raw.id, {place: cell.id for place, cell in enumerate(places)})
        self._pair(lambda raw: raw.grade_id, {place: _grade_id(cell) for place, cell in enumerate(places)})
        roles: dict[Hashable, list[int]] = defaultdict(list)
        for place, cell in enumerate(places):
            roles[cell.role.value, cell.task].append(place)
        unique = {found[0]: key for key, found in roles.items() if len(found) == 1}
        self._pair(lambda raw: (raw.role, raw.task), unique)

    def by_source(self) -> None:
        """Places unchanged copies of released cells, and drops second copies."""
        by_text: dict[str, list[int]] = defaultdict(list)
        for place, cell in enumerate(self.template.cells):
            by_text[_released_key(cell.source)].append(place)
        taken = set(self.placed)
        for index in self._rest():
            places = by_text.get(_key(self.cleaned[index].source), [])
            kinds = [place for place in places if self._fits(index, place)]
            free = [place for place in kinds if place not in taken]
            if free:
                self.placed[free[0]] = index
                taken.add(free[0])
            elif kinds:
                self.dropped.add(index)

    def by_function(self) -> None:
        """Gives each task that its own cell does not do the last other cell that defines it, and drops copied stubs."""
        for place, cell in enumerate(self.template.cells):
            if cell.role is not Role.TASK:
                continue
            rivals = [index for index in self._own() if cell.task in self.defined[index]]
            stubs = {index for index in rivals if self._is_stub(index, cell)}
            current = self.placed.get(place)
            self.dropped |= stubs - {current}
            if current is not None and cell.task in self.defined[current] and current not in stubs:
                continue
            # Text that happens to be code counts only when no code cell defines the task, and locked cells (Colab
            # lets students write in them) only when no cell of the student's own does.
            own = [index for index in rivals if index not in stubs and index != current]
            code = [index for index in own if self.raw[index].kind == "code"]
            if found := code or own or self._in_locked(cell):
                self._replace(place, found[-1])
            elif current is None and stubs:
                current = max(stubs)
                self.dropped.remove(current)
                self.placed[place] = current

    def _replace(self, place: int, index: int) -> None:
        """Lets student cell `index` do the task of `place`; what stood there runs by itself unless it was the stub."""
        current = self.placed.pop(place, None)
        if current is not None and self._is_stub(current, self.template.cells[place]):
            self.dropped.add(current)
            self.moved.add(place)
        # A cell that does several tasks stands for each of them, and runs once.
        used = index in self.placed.values() or index in self.loose.values()
        if not used and self._in_order(place, index):
            self.placed[place] = index
        else:
            self.loose[place] = index

    def _in_locked(self, cell: Cell) -> list[int]:
        """Changed locked cells that define the task of `cell`, in the student's order."""
        return sorted(
            index
            for place, index in self.placed.items()
            if self.template.cells[place].role not in (Role.TASK, *PROSE)
            if cell.task in self.defined[index] - meaning(self.template.cells[place].source).defined
        )

    def tasks_found(self) -> bool:
        """Whether any task of the template has a cell."""
        found = self.placed.keys() | self.loose.keys()
        return any(self.template.cells[place].role is Role.TASK for place in found)

    # --- merging -------------------------------------------------------------------------------------------------

    def merged(self) -> tuple[Cell, ...]:
        """The template's cells in their order, each followed by what followed it in the student's notebook."""
        place_of = {index: place for place, index in self.placed.items()}
        following: dict[int, list[Cell]] = defaultdict(list)
        taken = {cell.id for cell in self.template.cells}
        locked = {index for index, place in place_of.items() if self.template.cells[place].role is not Role.TASK}
        extras, made = self._extras(), 0
        anchor = -1
        for index in range(len(self.raw)):
            anchor = place_of.get(index, anchor)
            if index in self.loose.values() and (index not in place_of or index in locked):
                first = min(place for place, other in self.loose.items() if other == index)
                following[anchor].append(self._filled(first, index))
            if index in extras:
                made += 1
                while f"extra-{made}" in taken:
                    made += 1
                following[anchor].append(Cell(f"extra-{made}", Role.EXTRA, self.cleaned[index].source))
        merged = following[-1]
        answers = self._answers()
        for place, cell in enumerate(self.template.cells):
            if cell.role is Role.ANSWER:
                merged.append(Cell(cell.id, cell.role, self._prose(place), cell.task))
            elif place not in self.loose:
                merged.append(self._filled(place, answers[place]) if place in answers else cell)
            merged += following[place]
        return tuple(merged)

    def repairs(self) -> tuple[Text, ...]:
        """What a student should know of all this, cells counted from 1 as in their notebook."""
        places = dict(enumerate(self.template.cells))
        answers = self._answers()
        run = sorted({*answers.values(), *self._extras()})
        changed = sorted(
            index + 1
            for place, index in self.placed.items()
            if places[place].role not in (Role.TASK, *PROSE)
            if not self._reader.same(places[place].source, self.cleaned[index].source)
        )
        missing = [cell.task for place, cell in places.items() if cell.role is Role.TASK and place not in answers]
        gone = [cell for place, cell in places.items() if cell.role in _RUN_LOCKED and place not in self.placed]
        return (
            *remarks.line_ends([index + 1 for index in run if self.cleaned[index].line_ends]),
            *remarks.invisible([index + 1 for index in run if self.cleaned[index].invisible]),
            *remarks.fenced([index + 1 for index in run if self.cleaned[index].fenced]),
            *remarks.was_text([index + 1 for index in run if self.raw[index].kind != "code"]),
            *remarks.locked_changed(changed),
            *([remarks.LOCKED_MISSING] if gone else []),
            *remarks.moved([str(places[place].task) for place in sorted(self.moved)]),
            *remarks.task_missing([str(task) for task in missing]),
        )

    # --- questions -----------------------------------------------------------------------------------------------

    def _definitions(self, index: int) -> frozenset[str]:
        source = self.cleaned[index].source
        return self._reader.defined(source) if self.raw[index].kind == "code" else self._reader.defined_in_text(source)

    def _pair(self, key: Callable[[RawCell], Hashable], wanted: dict[int, Hashable]) -> None:
        """Places the unplaced cells whose key is the one wanted; copies of a cell share its key."""
        candidates: dict[Hashable, list[int]] = defaultdict(list)
        for index in self._rest():
            candidates[key(self.raw[index])].append(index)
        for place, value in wanted.items():
            cell = self.template.cells[place]
            # Code in what was a text cell is the student's own; text in what was a code cell is a slip.
            found = [
                index for index in candidates[value] if cell.role is not Role.TEXT or self.raw[index].kind != "code"
            ]
            if found and place not in self.placed:
                self.placed[place] = max(found, key=lambda index: (*self._merit(index, cell), -index))

    def _merit(self, index: int, cell: Cell) -> tuple[bool, bool]:
        if cell.role is Role.ANSWER:
            return self._words(index).strip() != cell.source.strip(), False
        if cell.role is not Role.TASK:
            return self._reader.same(cell.source, self.cleaned[index].source), False
        return cell.task in self.defined[index], not self._is_stub(index, cell)

    def _fits(self, index: int, place: int) -> bool:
        return (self.raw[index].kind == "code") == (self.template.cells[place].role not in PROSE)

    def _is_stub(self, index: int, cell: Cell) -> bool:
        return self._reader.is_stub(cell.source, self.cleaned[index].source)

    def _in_order(self, place: int, index: int) -> bool:
        """Whether student cell `index` stands between its placed neighbours as `place` does in the template."""
        before = [other for other, cell in self.placed.items() if cell < index]
        after = [other for other, cell in self.placed.items() if cell > index]
        return max(before, default=-1) < place < min(after, default=len(self.template.cells))

    def _answers(self) -> dict[int, int]:
        """Places of tasks → the student cells that do them, without cells that hold nothing to run."""
        return {
            place: index
            for place, index in (self.placed | self.loose).items()
            if (cell := self.template.cells[place]).role is Role.TASK
            if self.cleaned[index].source.strip()
            if self.raw[index].kind == "code" or cell.task in self._reader.defined(self.cleaned[index].source)
        }

    def _prose(self, place: int) -> str:
        """The student's words to the question at `place`: in the cell for them, and in text cells that they added below it."""
        cell = self.template.cells[place]
        own = self.placed.get(place)
        # Who deleted the cell, or overlooked it, wrote below the question.
        above = own if own is not None else self.placed.get(place - 1)
        words = [] if own is None else [self._words(own)]
        if above is not None:
            below = takewhile(set(self._rest()).__contains__, range(above + 1, len(self.raw)))
            words += [self._words(index) for index in below if self.raw[index].kind != "code"]
        added = [text for text in words if text.strip() and text.strip() != cell.source.strip()]
        return "\n\n".join(added) if added or any(not text.strip() for text in words) else cell.source

    def _words(self, index: int) -> str:
        """A text cell as it was written: what cleans code would take fences and signs from it."""
        return self.raw[index].source.replace("\r\n", "\n").replace("\r", "\n")

    def _extras(self) -> set[int]:
        """The code cells that the student added."""
        return {
            index for index in self._rest() if self.raw[index].kind == "code" and self.cleaned[index].source.strip()
        }

    def _own(self) -> list[int]:
        """The student cells that may hold work: all but those that stand for locked cells, and copies."""
        own = {index for place, index in self.placed.items() if self.template.cells[place].role is Role.TASK}
        return sorted({*self._rest(), *own, *self.loose.values()})

    def _rest(self) -> list[int]:
        used = {*self.placed.values(), *self.loose.values(), *self.dropped}
        return [index for index in range(len(self.raw)) if index not in used]

    def _filled(self, place: int, index: int) -> Cell:
        cell = self.template.cells[place]
        return Cell(cell.id, cell.role, self.cleaned[index].source, cell.task)


def _grade_id(cell: Cell) -> str:
    """nbgrader's name for the released `cell`, as `authoring.release` gives it."""
    if cell.role is Role.TASK:
        return f"{cell.task}-answer"
    return cell.task if cell.role in (Role.CHECK, Role.ANSWER) and cell.task is not None else cell.id


def _key(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.splitlines() if line.strip())


_released_key = lru_cache(maxsize=1024)(_key)
