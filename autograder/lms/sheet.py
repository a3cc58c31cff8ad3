"""A CSV file that belongs to someone else: read cell by cell, changed in a few, and otherwise given back byte for byte.

Not by Python's `csv` module, which tells what a cell says and forgets how it was written: quoted or not, with which end of
line. A file written anew would differ everywhere, and nobody could see what was changed in it. So cells are kept as they are
spelt.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.errors import UsageError
from autograder.intake.listing import shown

MAX_BYTES = 32 << 20
"""Largest file that is read; a worksheet of 10,000 students with comments stays below."""

_HEADERS = 1 << 16
"""Characters in which the headers' row has to end for its separator to be found."""
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_BARE = {separator: re.compile(rf"[^{separator}\r\n]*+") for separator in (",", ";", "\t")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """Rows of cells, each cell as the file spells it."""

    name: str
    """The file's, fit to be shown."""
    rows: tuple[tuple[str, ...], ...]
    """The first one holds the headers; all others have as many cells, or are blank: one empty cell."""
    ends: tuple[str, ...]
    """How each row ends: `\\n`, `\\r\\n`, `\\r`, or nothing at the end of the file."""
    separator: str
    encoding: str
    """Such that decoding and encoding give the same bytes."""
    bom: bytes

    @classmethod
    def read(cls, data: bytes, name: str) -> Sheet:
        """The sheet in `data`; the separator is the one that gives the first row most cells.

        Raises:
            UsageError: it is no CSV file, or it is damaged; the sentence names the row, the headers' being row 1.
        """
        name = shown(name)
        bom, encoding = _encoding(data, name)
        text = data[len(bom) :].decode(encoding)
        if not text.strip():
            raise UsageError(f"{name} is empty: download it again.")
        separator = _separator(text)
        rows: list[tuple[str, ...]] = []
        ends: list[str] = []
        at = 0
        while at < len(text):
            row, end, at = _row(text, at, separator, name, len(rows))
            if row != ("",) and rows and len(row) != len(rows[0]):
                raise damaged(name, len(rows), f"has {len(row)} cells where the headers have {len(rows[0])}")
            rows.append(row)
            ends.append(end)
        return cls(name, tuple(rows), tuple(ends), separator, encoding, bom)

    def value(self, row: int, column: int) -> str:
        """What a cell says."""
        return _said(self.rows[row][column])

    def values(self, row: int) -> tuple[str, ...]:
        """What the cells of a row say."""
        return tuple(map(_said, self.rows[row]))

    def blank(self, row: int) -> bool:
        """Whether the row is an empty line."""
        return self.rows[row] == ("",)

    def with_values(self, changes: Mapping[tuple[int, int], str]) -> Sheet:
        """The sheet with other values in the cells (row, column) of `changes`; all other cells as they were spelt."""
        rows = [list(row) for row in self.rows]
        for (row, column), value in changes.items():
            rows[row][column] = self._spelt(value, like=self.rows[row][column])
        return replace(self, rows=tuple(map(tuple, rows)))

    def with_column(self, at: int, values: Mapping[int, str]) -> Sheet:
        """The sheet with one more column before column `at`, empty where `values` (by row) has nothing."""
        rows = [
            row if self.blank(place) else (*row[:at], self._spelt(values.get(place, "")), *row[at:])
            for place, row in enumerate(self.rows)
        ]
        return replace(self, rows=tuple(rows))

    def to_bytes(self) -> bytes:
        """The file; equal to what was read where nothing was changed.

        A character that an old encoding lacks is written as HTML writes it, since only comments, which are HTML, hold any.
        """
        text = "".join(self.separator.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.bom + text.encode(self.encoding, "xmlcharrefreplace")

    def _spelt(self, value: str, like: str = "") -> str:
        value = guarded(value)
        needed = any(char in value for char in (self.separator, '"', "\r", "\n", " "))
        return _quoted(value) if needed or like.startswith('"') else value


def guarded(value: str) -> str:
    """`value` such that no spreadsheet takes it for a formula: behind an apostrophe where it begins like one."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV file of our own (RFC 4180, UTF-8): every cell guarded, quoted where it has to be."""
    lines = []
    for row in rows:
        cells = map(guarded, row)
        lines.append(",".join(_quoted(cell) if re.search(r'[,"\r\n ]', cell) else cell for cell in cells))
    return "".join(line + "\r\n" for line in lines).encode()


def damaged(name: str, row: int, what: str) -> UsageError:
    """The error for `row` (from 0, the headers') of the file `name`."""
    return UsageError(f"{name}, row {row + 1}, {what}: download the file again, and change it in a text editor only.")


def _encoding(data: bytes, name: str) -> tuple[bytes, str]:
    if data.startswith(b"PK"):
        raise UsageError(f"{name} is a zip or an Excel workbook, not a CSV file: download it as CSV, or save it so.")
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-8"),
        # What Excel writes in western Europe when it is asked for a CSV file.
        (b"", "cp1252"),
    ):
        if data.startswith(bom):
            try:
                text = data[len(bom) :].decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" in text:
                break
            return bom, encoding
    raise UsageError(f"{name} is no text that can be read: download it again as CSV.")


def _separator(text: str) -> str:
    """The separator that the headers have most of, quoted ones left out."""
    headers = _QUOTED.sub("", text[:_HEADERS]).lstrip("\r\n")
    line = re.split(r"[\r\n]", headers, maxsplit=1)[0]
    return max(_BARE, key=line.count)


def _row(text: str, at: int, separator: str, name: str, row: int) -> tuple[tuple[str, ...], str, int]:
    """The cells of the row that begins at `at`, how it ends, and where the next one begins."""
    cells = []
    while True:
        match = (_QUOTED if text.startswith('"', at) else _BARE[separator]).match(text, at)
        if match is None:
            raise damaged(name, row, "opens a quotation mark that is never closed")
        cells.append(match[0])
        at = match.end()
        if text.startswith(separator, at):
            at += 1
            continue
        end = "\r\n" if text.startswith("\r\n", at) else text[at : at + 1]
        if end not in ("\r\n", "\r", "\n", ""):
            raise damaged(name, row, "goes on after a closing quotation mark")
        return tuple(cells), end, at + len(end)


def _said(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
