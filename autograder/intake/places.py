"""Where a file lies says who handed in what, by these rules:

1. A folder named after an assignment gives the assignment; `--assignment` then selects among such folders. Otherwise
   `--assignment` decides, and without it the file's name (`ana_01_mse.ipynb`), or nobody: then it is `None`.
2. The outermost folder that is neither an assignment nor a generic one (`submitted`, `entregas`, …) is the student:
   nbgrader's `ana/01_mse/01_mse.ipynb`, Moodle's `Ana Ruiz_123_assignsubmission_file/x.ipynb`, a zip `ana.zip`.
3. Without such a folder the file's name is the student, less the assignment's name and copy marks:
   `ana_01_mse (1).ipynb` is ana's. Moodle's and Canvas's flat names are understood.
4. If nothing is left (`01_mse.ipynb`), the student is the folder that was named, or that the named notebook lies in, or
   the zip; if that is generic too, the file's name as it is.
5. A single folder around everything (`entregas/…`) is looked through; so is one with several notebooks in it that look
   like several students'. To have it read as one student's, name the folder itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.intake.listing import Entry, Kind
from autograder.intake.names import (
    NAMELESS,
    NOTEBOOK,
    Label,
    clean,
    course_name,
    is_generic,
    is_student_folder,
    read_label,
)


@dataclass(frozen=True)
class Placed:
    """An entry, and whose it is."""

    entry: Entry
    owner: str
    """Tells people apart within one path, also where their names look the same; not to be shown."""
    student: str
    """Fit to be shown."""
    assignment: str | None
    named: str | None
    """The assignment that the file's own name gives."""
    participant: str | None
    sure: bool
    """It stands for a student also if there is no notebook in it."""
    foldered: bool
    """A folder gave the assignment."""


def unwrapped(entries: list[Entry], course_names: Sequence[str]) -> list[Entry]:
    """`entries` without a single folder around everything, unless that folder is a student's or an assignment's."""
    tops = {entry.parts[0] for entry in entries}
    below = [entry for entry in entries if len(entry.parts) > 1]
    if len(tops) != 1 or not below:
        return entries
    top = tops.pop()
    if course_name(top, course_names) or read_label(top, course_names).moodle:
        return entries
    loose = [entry for entry in below if len(entry.parts) == 2 and entry.kind is Kind.NOTEBOOK]
    folders = {entry.parts[1] for entry in below if len(entry.parts) > 2}
    if any(course_name(folder, course_names) for folder in folders):
        return entries
    students = {read_label(stem(entry.parts[1]), course_names).student for entry in loose} - {""}
    with_notebooks = {entry.parts[1] for entry in below if len(entry.parts) > 2 and entry.kind is Kind.NOTEBOOK}
    lms = any(read_label(folder, course_names).moodle for folder in folders)
    around = len(students) > 1 if loose else is_generic(top) or lms or len(with_notebooks) > 1
    return [replace(entry, parts=entry.parts[1:]) for entry in below] if around else entries


def root_name(path: Path, course_names: Sequence[str]) -> str:
    """The name around the entries that may be a student's, or empty (rule 4)."""
    if path.is_dir():
        names = [path.name]
    elif NOTEBOOK.search(path.name):
        names = [path.parent.name]
        if course_name(path.parent.name, course_names):
            names.append(path.parent.parent.name)
    else:
        names = [path.stem]
    return next((name for name in names if is_student_folder(name, course_names)), "")


def place(entry: Entry, root: str, course_names: Sequence[str], asked: str | None) -> Placed | None:
    """Whose `entry` is, and for which assignment (`asked` is `--assignment`); `None` when it stands for nobody."""
    is_file = entry.kind in (Kind.NOTEBOOK, Kind.OTHER)
    folders = entry.parts[:-1] if is_file else entry.parts
    own = read_label(stem(entry.parts[-1]), course_names) if is_file else Label("")
    by_folder = next((name for part in reversed(folders) if (name := course_name(part, course_names))), None)
    holder = next((part for part in folders if is_student_folder(part, course_names)), None)
    if holder is not None:
        label = read_label(holder, course_names)
        # `ana (1)` beside `ana` may be another person; only a name with an assignment in it is taken apart.
        known = label.number or label.assignment
        student = (label.student if known else "") or clean(holder)
    elif entry.kind is Kind.NOTEBOOK or own.number:
        label = own
        student = own.student or read_label(root, course_names).student or clean(stem(entry.parts[-1]))
    elif by_folder and root and entry.kind is Kind.FOLDER:
        label, student = Label(""), read_label(root, course_names).student or clean(root)
    else:
        return None
    named = own.assignment or label.assignment
    student = student or NAMELESS
    return Placed(
        entry=entry,
        owner=f"{label.number}/{student}" if label.number else holder or f"/{student}",
        student=student,
        assignment=by_folder or asked or named,
        named=named,
        participant=label.number,
        sure=holder is not None or by_folder is not None,
        foldered=by_folder is not None,
    )


def stem(name: str) -> str:
    """The file name `name` without its extension."""
    short = NOTEBOOK.sub("", name)
    return short if short != name else Path(name).stem
