"""Names as they come from file systems, zips and LMSs: data to show, never a path to open."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_NAME = 120
"""Characters kept of a name."""
NAMELESS = "sin-nombre"
"""Stands in for a name of which nothing printable is left."""
NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)
"""How a notebook's file name ends; browsers add `.txt` and `.json`."""

# Folders that people keep submissions in; none of them is a student.
_GENERIC = frozenset(
    re.findall(
        r"\w+",
        "assignment, assignments, autograded, clase, class, collected, content, course, curso, data, descargas, "
        "desktop, documentos, documents, downloads, en, entrega, entregas, es, escritorio, files, home, notebook, "
        "notebooks, release, root, solutions, source, src, submission, submissions, submitted, tarea, tareas, tmp, "
        "work ",
    )
)
_UNTITLED = re.compile(r"(?:untitled|sin t[ií]tulo|notebook|cuaderno|tarea|entrega|submission|assignment)?[\s_-]*\d*")
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_+(?P<rest>.*))?")
_CANVAS = re.compile(r"(?P<name>[^\W\d_]+)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)", re.IGNORECASE)
# What Jupyter, browsers, Windows, macOS and Colab put around the name of a second copy.
_COPY_AFTER = re.compile(r"(?:\s*\(\d+\)|[\s_-]+cop(?:y|ia)\s*\d*)$", re.IGNORECASE)
_COPY_BEFORE = re.compile(r"^(?:copy of|copia de)\s+", re.IGNORECASE)
_SAFE_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_HASHED = re.compile(r"-[0-9a-f]{8}$")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


@dataclass(frozen=True)
class Label:
    """What a file's or folder's name says about who handed in what."""

    student: str
    """Empty when the name says nothing about a student."""
    assignment: str | None = None
    number: str | None = None
    """The LMS's number of this participant (Moodle) or user (Canvas)."""
    moodle: bool = False
    """The name was given by Moodle, so the student's name is certain."""


@lru_cache(maxsize=4096)
def clean(name: str) -> str:
    """`name` fit to be shown: NFC, one line, no control or invisible characters, at most `MAX_NAME` characters."""
    name = "".join(
        " " if unicodedata.category(c) in ("Zl", "Zp", "Cc") else c for c in unicodedata.normalize("NFC", name)
    )
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    return " ".join(name.split())[:MAX_NAME].rstrip()


def slug(student: str) -> str:
    """A lower-case ASCII file name for `student`, without extension.

    Where the name had to be altered, eight hex digits of its SHA-256 follow, so that different students get different
    files also on file systems that ignore case.
    """
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9_]+", "-", plain.lower()).strip("-_")[:48].rstrip("-_")
    unaltered = plain == student and _SAFE_SLUG.fullmatch(plain) and not _HASHED.search(plain)
    if unaltered and not _RESERVED.fullmatch(plain):
        return plain
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain or 'student'}-{digest}"


def course_name(name: str, course_names: Sequence[str]) -> str | None:
    """The assignment that a folder called `name` stands for; case, spaces and hyphens are forgiven."""
    return _by_fold(tuple(course_names)).get(_folded(name))


@lru_cache(maxsize=8)
def _by_fold(course_names: tuple[str, ...]) -> dict[str, str]:
    return {_folded(known): known for known in course_names}


def read_label(name: str, course_names: Sequence[str]) -> Label:
    """What `name` (a file's without extension, or a folder's) says.

    In this order: Moodle's `Full name_123_assignsubmission_file…`; Canvas's `fullname_12_345_file`; otherwise the
    student is what remains without copy marks (`(1)`, `-Copy1`, `Copia de`) and without an assignment's name.
    """
    # A class's names are asked for again with every file in their folders.
    return _read_label(name, tuple(course_names))


@lru_cache(maxsize=4096)
def _read_label(name: str, course_names: tuple[str, ...]) -> Label:
    if match := _MOODLE.fullmatch(name):
        _, assignment = _split(match["rest"] or "", course_names)
        return Label(clean(match["name"]) or NAMELESS, assignment, match["number"], moodle=True)
    if match := _CANVAS.fullmatch(name):
        _, assignment = _split(match["rest"], course_names)
        return Label(clean(match["name"]), assignment, match["number"])
    student, assignment = _split(name, course_names)
    return Label("" if _UNTITLED.fullmatch(student.lower()) else clean(student), assignment)


def is_student_folder(name: str, course_names: Sequence[str]) -> bool:
    """Whether a folder called `name` may well be named after a student."""
    generic = not name or name.startswith(".") or name.lower() in _GENERIC
    return not generic and course_name(name, course_names) is None


def is_generic(name: str) -> bool:
    """Whether `name` is one that people give to folders full of submissions."""
    return name.lower() in _GENERIC


def _split(name: str, course_names: Sequence[str]) -> tuple[str, str | None]:
    """`name` without copy marks and without the assignment's name, and that assignment."""
    previous = None
    while previous != name:
        previous, name = name, _COPY_BEFORE.sub("", _COPY_AFTER.sub("", name.strip()))
    folded = _folded(name)
    for known in sorted(course_names, key=lambda known: (-len(known), known)):
        # Not inside a longer word or number: `01_mse` is not in `101_mse` or `01_mserror`.
        if found := re.search(rf"(?<![^\W_]){re.escape(_folded(known))}(?![^\W_])", folded):
            kept = name[: found.start()] + " " + name[found.end() :]
            return _COPY_AFTER.sub("", kept.strip(" _-.,")).strip(" _-.,"), known
    return name, None


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    # Character by character, so that positions in the folded text are positions in the name.
    return "".join("_" if c in " -." else c.lower() if len(c.lower()) == 1 else c for c in name)
