"""Notebooks and zips made odd, broken and hostile by chance, one `Random` in, one file out; and the laws of what is found in them.

Shared by the property tests and by `benchmarks/fuzz_intake.py`, which adds guidance by coverage.
"""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from autograder.intake import Handed, slug
from autograder.text import Text

NOTEBOOK = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] lang="es"
# # Errores

# %% [markdown] lang="en"
# # Errors

# %% role="setup"
import numpy as np

# %% task="{first}" points=6
def {first}(a, b):
    """Mean squared error."""
    ### BEGIN SOLUTION
    return float(np.mean((np.asarray(a) - np.asarray(b)) ** 2))
    ### END SOLUTION

# %% check="{first}"
def test_zero({first}):
    """es: Cero. | en: Zero."""
    assert {first}([1], [1]) == 0

# %% task="{second}" points=4
def {second}(a):
    ### BEGIN SOLUTION
    return 2 * a
    ### END SOLUTION

# %% check="{second}"
def test_double({second}):
    """es: Doble. | en: Double."""
    assert {second}(1) == 2

# %% role="demo"
print({first}([1, 2], [2, 1]))
'''
"""A small assignment of two tasks in the authors' format, with the names of the tasks left open."""
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp850")
CELL_TYPES = ("code", "markdown", "raw", "heading", "html", "plaintext", "", None, 7)
LINES = (
    "def mse(a, b):\n    return 0",
    "def mse(a, b)\n    return 0",
    "ｍｓｅ = twice = lambda *a: 0",
    "class mse: pass",
    "async def twice(a): pass",
    "mse, (twice, *mse[0]) = 1, (2, 3)",
    "%%time\nmse = 1",
    "%%writefile mse.py\n",
    "!ls \ud800",
    "x = !echo it's\u00a0mse",
    "np.mean??",
    "```python\nmse = 0\n```",
    '"""\u200b',
    "'\\",
    '\\"""x\n',
    "\r\n\r",
    "\0",
    "\ufeff# coding: mse",
    "\x0c\x1c\u2028\u0085",
    "(" * 120 + "mse",
    "-" * 300 + "mse",
    "mse" + ".mse" * 300,
    "if mse:\n  pass\n" + "elif mse:\n  pass\n" * 120,
    "<<<<<<< HEAD\n=======\n>>>>>>> mse\n",
    'raise NotImplementedError("mse")',
)
NAMES = (
    "ana",
    "Ana Ruiz_123_assignsubmission_file",
    "Beto Gil_124_assignsubmission_onlinetext",
    "ruizana_LATE_77_901_01_mse-1",
    "01_mse",
    "04-XOR mlp (1)",
    "Copia de Copia de ana-Copy1",
    "submitted",
    "entregas",
    "__MACOSX",
    ".ipynb_checkpoints",
    "..",
    ".",
    "",
    "C:",
    "con",
    "a\0b",
    "\u202eana\u200b\x1b[31m",
    "\ud800",
    "ÁNGEL Peña",
    "A\u0301NGEL",
    "🙂" * 40,
    " " * 300,
    "(1)" * 200,
    "_1" * 300,
    "x" * 5000,
    "d/" * 300,
    "\\",
    "nbgrader\\01_mse",
)
ENDINGS = (".ipynb", ".ipynb", ".ipynb", ".IPYNB.txt", ".ipynb.json", ".zip", ".ZIP", ".py", "", "/")


def notebook(data: bytes, random: Random) -> bytes:
    """`data` with a few changes to its structure where it is JSON, and now and then to its text."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return text(data, random)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if isinstance(value, dict) and random.random() < 0.7:
            random.choice(_CELL_CHANGES)(value, random)
        else:
            value = _node(value, random)
    try:
        dumped = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, 1)))
    except (ValueError, RecursionError):
        return data
    changed = dumped.encode("utf-8", "surrogatepass")
    return text(changed, random) if random.random() < 0.1 else changed


def text(data: bytes, random: Random) -> bytes:
    """`data` cut, joined to itself, nested, or in another encoding."""
    at, end = sorted(random.randrange(len(data) + 1) for _ in range(2))
    match random.randrange(9):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data + data[at:end]
        case 3:
            return data[:at] + random.choice((b"\0", b"\xff", b"{", b"]", b'"', b"\\", b"\xed\xa0\x80")) + data[at:]
        case 4:
            depth = random.choice((10, 99, 101, 1000, 20_000))
            return data[:at] + b"[" * depth + b"]" * random.choice((0, depth)) + data[at:]
        case 5:
            return data[:at] + random.choice((b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"-0.0")) + data[end:]
        case 6:
            return data.replace(random.choice((b",", b":", b'"', b"4", b"}")), b"", 1)
        case 7:
            return random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b" ", b"\x1f\x8b")) + data
    return data.decode("utf-8", "replace").encode(random.choice(ENCODINGS), "replace")


def value(random: Random, depth: int = 3) -> Any:
    """A JSON value of any kind."""
    match random.randrange(10 if depth else 8):
        case 0:
            return None
        case 1:
            return random.random() < 0.5
        case 2:
            return random.choice((0, 1, 2, 3, 4, 5, -1, 10**30, 2**63))
        case 3:
            return random.choice((0.5, float("nan"), float("inf"), 1e300))
        case 4:
            return random.choice(LINES)
        case 5:
            return random.choice(("", "mse", "twice", "task", "01_mse", "90_first", "x" * 101, "\ud800", "code", "a b"))
        case 6:
            return [random.choice(LINES) + "\n" for _ in range(random.randrange(4))]
        case 7:
            return {}
        case 8:
            return [value(random, depth - 1) for _ in range(random.randrange(4))]
    keys = ("source", "metadata", "id", "autograder", "role", "task", "cells", "nbgrader", "grade_id", "input", "x")
    return {random.choice(keys): value(random, depth - 1) for _ in range(random.randrange(4))}


def _nodes(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Every container in `value` with every key of it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        if depth < 60:
            yield from _nodes(value[key], depth + 1)


def _node(root: Any, random: Random) -> Any:
    """`root` with one value, anywhere in it, replaced, removed or nested."""
    holders = list(_nodes(root))
    if not holders:
        return value(random)
    holder, key = random.choice(holders)
    match random.randrange(5):
        case 0:
            del holder[key]
        case 1:
            nested: Any = holder[key]
            for _ in range(random.choice((1, 20, 90, 110))):
                nested = [nested] if random.random() < 0.5 else {"cells": nested}
            holder[key] = nested
        case 2:
            other, where = random.choice(holders)
            holder[key] = copy.deepcopy(other[where])
        case _:
            holder[key] = value(random)
    return root


def _cells(book: dict[str, Any]) -> list[Any]:
    found = book.get("cells")
    if not isinstance(found, list):
        found = book["cells"] = []
    return found


def _cell(book: dict[str, Any], random: Random) -> dict[str, Any]:
    cells = [cell for cell in _cells(book) if isinstance(cell, dict)]
    if not cells:
        cells = [{"cell_type": "code", "source": random.choice(LINES), "metadata": {}}]
        _cells(book).append(cells[0])
    return random.choice(cells)


def _drop(book: dict[str, Any], random: Random) -> None:
    cells = _cells(book)
    at, count = random.randrange(len(cells) + 1), random.choice((1, 1, 5))
    del cells[at : at + count]


def _double(book: dict[str, Any], random: Random) -> None:
    twin = copy.deepcopy(_cell(book, random))
    cells = _cells(book)
    for _ in range(random.choice((1, 1, 1, 2, 40))):
        cells.insert(random.randrange(len(cells) + 1), twin)


def _swap(book: dict[str, Any], random: Random) -> None:
    cells = _cells(book)
    cells.insert(random.randrange(len(cells) + 1), copy.deepcopy(_cell(book, random)))
    cells.pop(random.randrange(len(cells)))


def _retype(book: dict[str, Any], random: Random) -> None:
    _cell(book, random)["cell_type"] = random.choice(CELL_TYPES)


def _retag(book: dict[str, Any], random: Random) -> None:
    cell, other = _cell(book, random), _cell(book, random)
    key = random.choice(("id", "metadata"))
    if random.random() < 0.3:
        cell.pop(key, None)
    elif key in other:
        cell[key] = copy.deepcopy(other[key])


def _edit(book: dict[str, Any], random: Random) -> None:
    cell = _cell(book, random)
    source = cell.get("source")
    joined = "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else str(source)
    at, end = sorted(random.randrange(len(joined) + 1) for _ in range(2))
    new = random.choice(LINES) * random.choice((1, 1, 1, 3, 40))
    joined = random.choice((joined[:at] + new + joined[at:], joined[:at] + new + joined[end:], joined[:at], new))
    cell["source"] = joined.splitlines(keepends=True) if random.random() < 0.5 else joined


def _forget(book: dict[str, Any], random: Random) -> None:
    book["metadata"] = {}
    for cell in _cells(book):
        if isinstance(cell, dict) and random.random() < 0.8:
            cell.pop("id", None)
            cell["metadata"] = {}


def _reformat(book: dict[str, Any], random: Random) -> None:
    book["nbformat"] = random.choice((1, 2, 3, 4, 5, 0, -1, "4", None, 4.5, 10**40))
    if random.random() < 0.5:
        book["worksheets"] = [{"cells": book.pop("cells", [])}]


_CELL_CHANGES: tuple[Callable[[dict[str, Any], Random], None], ...] = (
    _drop,
    _double,
    _swap,
    _retype,
    _retag,
    _retag,
    _edit,
    _edit,
    _edit,
    _forget,
    _reformat,
)


@dataclass(frozen=True)
class Member:
    """One entry of a zip."""

    name: str
    data: bytes
    mode: int = 0
    """The upper half of its external attributes: a Unix mode."""
    stored: bool = False


def zipped(members: list[Member]) -> bytes:
    """A zip of `members`, names as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for member in members:
            info = zipfile.ZipInfo("x")
            info.filename = member.name.replace("\ud800", "?") or "x"
            info.external_attr = member.mode << 16
            info.compress_type = zipfile.ZIP_STORED if member.stored else zipfile.ZIP_DEFLATED
            # `writestr` warns of a name that is there already, and names twice are wanted.
            out.NameToInfo.pop(info.filename, None)
            try:
                out.writestr(info, member.data)
            except (ValueError, struct.error, zipfile.LargeZipFile):
                continue
    return buffer.getvalue()


def archive(data: bytes, random: Random, notebooks: tuple[bytes, ...]) -> bytes:
    """`data` with other members where it is a zip, and now and then with false statements about them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            members = [
                Member(info.filename, _content(found, info), info.external_attr >> 16)
                for info in found.infolist()[:200]
            ]
    except Exception:  # `zipfile` has no list of what it raises on damaged input; any of it means damage
        return text(data, random)
    for _ in range(random.choice((1, 1, 2, 4))):
        members = _members(members, random, notebooks)
    changed = zipped(members)
    if random.random() < 0.4:
        changed = _lie(changed, random)
    return text(changed, random) if random.random() < 0.1 else changed


def name(random: Random) -> str:
    """A path inside a zip or a folder."""
    return "/".join(random.choice(NAMES) for _ in range(random.choice((1, 1, 2, 3)))) + random.choice(ENDINGS)


def _content(found: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > 1 << 20:
        return b""
    try:
        return found.read(info)
    except Exception:  # as above
        return b""


def _members(members: list[Member], random: Random, notebooks: tuple[bytes, ...]) -> list[Member]:
    at = random.randrange(len(members)) if members else 0
    new = Member(name(random), random.choice((*notebooks, b"", b"PK\3\4", b"{}")))
    if not members:
        return [new]
    old = members[at]
    match random.randrange(8):
        case 0:
            return members[:at] + members[at + 1 :]
        case 1:
            return [*members, *[old] * random.choice((1, 1, 30))]
        case 2:
            changed = replace(old, name=name(random))
        case 3:
            changed = replace(old, name=f"{random.choice(NAMES)}/{old.name}")
        case 4:
            changed = replace(old, mode=random.choice((0o120777, 0o010644, 0o060644, 0o140644, 0o100000)))
        case 5:
            changed = Member(random.choice(NAMES) + ".zip", zipped(members))
        case 6:
            changed = replace(old, data=bytes(random.choice((1, 70_000, 2 << 20))), stored=random.random() < 0.2)
        case _:
            return [*members, new]
    return [*members[:at], changed, *members[at + 1 :]]


# Where a local header, a central header and the end record keep what may be lied about: offset and width.
_FIELDS = {
    b"PK\3\4": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\1\2": ((8, 2), (10, 2), (12, 4), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (38, 4), (42, 4)),
    b"PK\5\6": ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}


def _lie(data: bytes, random: Random) -> bytes:
    """`data` with one field of one of its records overwritten."""
    kind = random.choice(tuple(_FIELDS))
    places = [at for at in range(len(data)) if data.startswith(kind, at)] if len(data) < 20_000 else [data.find(kind)]
    if not places or places[0] < 0:
        return data
    offset, width = random.choice(_FIELDS[kind])
    at = random.choice(places) + offset
    stated = random.choice((0, 1, 8, 9, 12, 14, 99, 1 << 30, (1 << 32) - 1, random.getrandbits(32)))
    return data[:at] + (stated & ((1 << 8 * width) - 1)).to_bytes(width, "little") + data[at + width :]


def lawful(handed: Sequence[Handed]) -> None:
    """What holds of everything that a class's folder or zip was found to hold, whatever is in it; an AssertionError otherwise."""
    assert handed
    known = [(one.student, one.assignment) for one in handed if one.assignment]
    assert len(set(known)) == len(known)
    for one in handed:
        assert one.student.strip()
        assert one.student.isprintable()
        assert one.origin.isprintable()
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", slug(one.student))
        assert one.data is not None or one.problem is not None
        if one.problem:
            writable(one.problem)


def writable(text: Text) -> None:
    """An AssertionError or UnicodeEncodeError unless both languages say something that can be written to a file."""
    assert text.es.encode()
    assert text.en.encode()
