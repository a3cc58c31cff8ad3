"""What lies under a path on the command line: a folder, a zip or one notebook as a flat list of entries."""

from __future__ import annotations

import errno
import io
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.archive import Archive, BadArchive, Member, too_large
from autograder.intake.names import NOTEBOOK
from autograder.text import Text

MAX_BYTES = 20 << 20
"""Largest notebook."""
MAX_NESTED = 40 << 20
"""Largest zip that a student handed in."""
MAX_ENTRIES = 100_000
"""Files and folders under one path; more means that the wrong folder was named."""
MAX_DEPTH = 32
"""Folders in each other; what lies deeper is not looked for."""
_HELD = 1 << 20
"""Bytes of a student's zip that stays in memory while the class is collected; a larger one is read again when needed."""

_JUNK = frozenset({"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "node_modules"})


class Kind(Enum):
    """What an entry is."""

    FOLDER = auto()
    ARCHIVE = auto()
    """A zip inside: its members are entries of their own, in a folder of its name."""
    NOTEBOOK = auto()
    OTHER = auto()


@dataclass(frozen=True)
class Entry:
    """One file or folder below the path that was named."""

    parts: tuple[str, ...]
    """Folders and name, as found: not yet fit to be shown. An archive's last part has lost its `.zip`."""
    kind: Kind
    origin: str
    """Where it lies, fit to be shown."""
    read: Callable[[], bytes | Text]
    """Its bytes, or why they cannot be had."""
    modified: float = 0.0
    """Seconds since 1970."""
    problem: Text | None = None
    """Why its contents could not even be listed."""


def listing(path: Path, opened: ExitStack) -> list[Entry]:
    """The entries under the existing `path`, without junk, sorted; zips stay open as long as `opened`.

    Raises:
        UsageError: `path` is no notebook, folder or zip, or nothing in it can be read.
    """
    if path.is_dir():
        entries = _expanded(_in_folder(path))
    elif NOTEBOOK.search(path.name):
        entries = [Entry((path.name,), Kind.NOTEBOOK, shown(str(path)), lambda: read_file(path, MAX_BYTES))]
    else:
        entries = _expanded(_in_archive(_open_zip(path, opened), (), shown(str(path))))
    return sorted(entries, key=lambda entry: (entry.parts, entry.origin))


def read_file(path: Path, cap: int) -> bytes | Text:
    """The bytes of a regular file of at most `cap` bytes, or why they cannot be had; links are not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return _LINK if error.errno == errno.ELOOP else _unreadable(error)
    with open(handle, "rb") as stream:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return _SPECIAL
        if found.st_size > cap:
            return too_large(cap)
        try:
            data = stream.read(cap + 1)
        except OSError as error:  # pragma: no cover - a disk or network share that fails while it is read
            return _unreadable(error)
    return too_large(cap) if len(data) > cap else data


def shown(path: str) -> str:
    """`path` without characters that a terminal or page would act on; every kind of space becomes a plain one."""
    return "".join(c if c.isprintable() else " " if unicodedata.category(c) == "Zs" else "?" for c in path)


_LINK = Text(
    es="Es un enlace a otro archivo, no un cuaderno; entrega el archivo mismo.",
    en="It is a link to another file, not a notebook; hand in the file itself.",
)
_SPECIAL = Text(
    es="No es un archivo normal; entrega el cuaderno mismo.",
    en="It is not a regular file; hand in the notebook itself.",
)


def _unreadable(error: OSError) -> Text:
    reason = error.strerror or type(error).__name__
    return Text(
        es=f"No se pudo leer ({reason}); revisa los permisos.",
        en=f"It could not be read ({reason}); check its permissions.",
    )


def _is_junk(parts: tuple[str, ...]) -> bool:
    return any(part.startswith((".", "~$")) or part.lower() in _JUNK for part in parts)


def _kind(name: str) -> Kind:
    if NOTEBOOK.search(name):
        return Kind.NOTEBOOK
    return Kind.ARCHIVE if name.lower().endswith(".zip") else Kind.OTHER


def _in_folder(root: Path) -> Iterator[Entry]:
    refused: list[OSError] = []
    count = 0
    for folder, names, files in os.walk(root, onerror=refused.append):
        here = Path(folder)
        if len(here.parts) - len(root.parts) >= MAX_DEPTH:
            # `os.walk` would end in a RecursionError on a path that the file system still allows.
            names.clear()
        names[:] = sorted(name for name in names if not _is_junk((name,)))
        count += len(names) + len(files)
        if count > MAX_ENTRIES:
            raise UsageError(f"{shown(str(root))} holds more than {MAX_ENTRIES} files: name a folder of submissions.")
        for name in names:
            # A link to a folder is not walked; what it hides is told below as a folder without a notebook.
            yield _on_disk(here / name, root, Kind.FOLDER)
        for name in files:
            if not _is_junk((name,)):
                yield _on_disk(here / name, root, _kind(name))
    for error in refused:
        if Path(error.filename) == root:
            raise UsageError(f"{shown(str(root))} could not be read: {error.strerror}.")
        yield replace(_on_disk(Path(error.filename), root, Kind.FOLDER), problem=_unreadable(error))


def _on_disk(path: Path, root: Path, kind: Kind) -> Entry:
    cap = MAX_NESTED if kind is Kind.ARCHIVE else MAX_BYTES
    try:
        modified = path.lstat().st_mtime
    except OSError:
        modified = 0.0
    return Entry(path.relative_to(root).parts, kind, shown(str(path)), lambda: read_file(path, cap), modified)


def _open_zip(path: Path, opened: ExitStack) -> Archive:
    where = shown(str(path))
    try:
        # The path itself is the instructor's own, so a link is followed here; a FIFO must still not block.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{where} could not be read: {error.strerror}.") from error
    stream = opened.enter_context(os.fdopen(handle, "rb"))
    if not stat.S_ISREG(os.fstat(handle).st_mode) or not (path.suffix.lower() == ".zip" or stream.peek(2)[:2] == b"PK"):
        raise UsageError(f"{where} is neither a notebook (.ipynb), a folder nor a zip; unpack other archives first.")
    try:
        return Archive(stream)
    except BadArchive as error:
        raise UsageError(f"{where}: {error}") from error


def _in_archive(
    archive: Archive, parts: tuple[str, ...], origin: str, again: Callable[[], bytes | Text] | None = None
) -> Iterator[Entry]:
    """The members of `archive` below `parts`; they read from what `again` returns, where given, and not from `archive`."""
    folders = set()
    for member in archive:
        if not member.parts or _is_junk(member.parts):
            continue
        inner = parts + member.parts
        # Most zips do not list their folders.
        for depth in range(len(parts) + 1, len(inner) + member.folder):
            if (folder := inner[:depth]) not in folders:
                folders.add(folder)
                yield Entry(folder, Kind.FOLDER, _inside(origin, folder[len(parts) :]), bytes)
        if not member.folder:
            kind = _kind(member.parts[-1])
            cap = MAX_NESTED if kind is Kind.ARCHIVE else MAX_BYTES
            read = partial(archive.read, member, cap) if again is None else partial(_read_again, again, member, cap)
            yield Entry(inner, kind, _inside(origin, member.parts), read, member.modified, member.problem)


def _inside(origin: str, parts: tuple[str, ...]) -> str:
    return f"{origin}!{shown('/'.join(parts))}"


def _read_again(again: Callable[[], bytes | Text], member: Member, cap: int) -> bytes | Text:
    data = again()
    if isinstance(data, Text):
        return data
    try:
        return Archive(io.BytesIO(data)).read(member, cap)
    except BadArchive as error:
        return error.text


def _expanded(entries: Iterator[Entry]) -> list[Entry]:
    """`entries` with the members of every zip among them; zips inside those stay closed."""
    found = []
    for entry in entries:
        if entry.kind is not Kind.ARCHIVE:
            found.append(entry)
            continue
        parts = (*entry.parts[:-1], entry.parts[-1][: -len(".zip")])
        data = entry.read()
        if isinstance(data, Text):
            found.append(replace(entry, parts=parts, problem=data))
            continue
        try:
            again = entry.read if len(data) > _HELD else None
            inside = list(_in_archive(Archive(io.BytesIO(data)), parts, entry.origin, again))
        except BadArchive as error:
            found.append(replace(entry, parts=parts, problem=error.text))
            continue
        found.append(replace(entry, parts=parts))
        found += [replace(e, kind=Kind.OTHER) if e.kind is Kind.ARCHIVE else e for e in inside]
    return found
