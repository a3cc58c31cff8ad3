"""The bytes of a submission read as a notebook, whatever wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np

from autograder.errors import SubmissionRejected
from autograder.intake import lookalike, remarks
from autograder.intake.encoding import decode
from autograder.intake.listing import MAX_BYTES
from autograder.text import Text

MAX_DEPTH = 100
"""Nesting of the JSON text; notebooks with widgets stay below 20."""
MAX_VALUES = 3_000_000
"""JSON values, each of which costs up to 80 bytes of memory when it is read."""
MAX_CELLS = 2_000
MAX_SOURCE = 256 << 10
"""Characters of one code cell."""
MAX_SOURCES = 1 << 20
"""Characters of all code cells."""

Kind = Literal["code", "markdown", "raw"]
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class RawCell:
    """One cell of a submission: data from the student's side, never trusted."""

    id: str | None
    """`id` (nbformat 4.5), else `metadata.id` (Colab)."""
    kind: Kind
    source: str
    """Without NULs and lone surrogates; empty when a text cell is larger than `MAX_SOURCE`."""
    grade_id: str | None
    """nbgrader's name for the cell."""
    role: str | None
    """The role that the released notebook gave the cell."""
    task: str | None
    """The task that the released notebook gave the cell."""


@dataclass(frozen=True)
class Document:
    """A notebook reduced to what grading needs; outputs and attachments are left out unread."""

    cells: tuple[RawCell, ...]
    assignment: str | None
    """The assignment that the released notebook's metadata names."""
    language: str | None
    """The language that the released notebook's metadata names."""
    repairs: tuple[Text, ...]
    """What had to be put right or guessed to read it."""


def read(data: bytes) -> Document:
    """`data` as a notebook of any format version, in any encoding.

    Reads what it needs and ignores the rest, so that a notebook which breaks the nbformat schema elsewhere is still
    read. Keys that appear twice count as in Jupyter: the last wins.

    Raises:
        SubmissionRejected: too large, not JSON, too deep, without cells, or with too many or too large cells.
    """
    if len(data) > MAX_BYTES:
        _reject(
            f"El cuaderno supera {MAX_BYTES >> 20} MiB; borra las salidas, guárdalo y vuelve a entregarlo.",
            f"The notebook is larger than {MAX_BYTES >> 20} MiB; clear its outputs, save it and hand it in again.",
        )
    if seen := lookalike.of_bytes(data):
        raise SubmissionRejected(seen)
    text, remark = decode(data)
    repairs = [remark] if remark else []
    value = _parse(text.strip("\0 \r\n\t"), repairs)
    cells = tuple(_cells(value, repairs))
    metadata = _dict(value, "metadata")
    own = _dict(metadata, "autograder")
    return Document(
        cells=cells,
        assignment=_word(own.get("assignment")),
        language=_word(own.get("language")),
        repairs=tuple(repairs),
    )


def _reject(es: str, en: str) -> NoReturn:
    raise SubmissionRejected(Text(es, en))


def _parse(text: str, repairs: list[Text]) -> dict[str, Any]:
    if not text.startswith("{"):
        raise SubmissionRejected(lookalike.of_text(text))
    depth, values = _extent(text)
    if depth > MAX_DEPTH:
        _reject(
            "El archivo no es un cuaderno: sus datos están anidados a demasiada profundidad; entrega el original.",
            "The file is not a notebook: its data are nested too deeply; hand in the original.",
        )
    if values > MAX_VALUES:
        _reject(
            "El cuaderno contiene demasiados datos; borra las salidas, guárdalo y vuelve a entregarlo.",
            "The notebook holds too much data; clear its outputs, save it and hand it in again.",
        )
    doubled = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        result = dict(found)
        doubled |= len(result) < len(found)
        return result

    try:
        # No number of a notebook is needed but its version, so none can be too long to convert.
        value = json.loads(
            text,
            strict=False,
            object_pairs_hook=pairs,
            parse_int=lambda digits: int(digits) if len(digits) < 4 else 0,
            parse_float=lambda digits: 0.0,
            parse_constant=lambda name: None,
        )
    except json.JSONDecodeError as error:
        raise SubmissionRejected(lookalike.of_text(text, _end(error))) from error
    assert isinstance(value, dict), "the text starts with a brace"
    if doubled:
        repairs.append(remarks.DOUBLED_KEYS)
    return value


def _end(error: json.JSONDecodeError) -> int:
    # A string that is cut off is reported at its beginning.
    return len(error.doc) if error.msg.startswith("Unterminated string") else error.pos


def _extent(text: str) -> tuple[int, int]:
    """The nesting depth of a JSON text and a bound on its number of values, in linear time and without recursion.

    Exact up to the first character that is not JSON, which is where the parser stops.
    """
    data = text.encode("utf-8", "surrogatepass").replace(rb"\\", b"__").replace(rb"\"", b"__")
    array = np.frombuffer(data, np.uint8)
    outside = np.bitwise_xor.accumulate(array == ord('"')) == 0
    opening = ((array == ord("[")) | (array == ord("{"))) & outside
    closing = ((array == ord("]")) | (array == ord("}"))) & outside
    depth = np.cumsum(opening.astype(np.int8) - closing.astype(np.int8), dtype=np.int32)
    separators = ((array == ord(",")) | (array == ord(":"))) & outside
    return int(depth.max(initial=0)), int(opening.sum() + separators.sum())


def _cells(value: dict[str, Any], repairs: list[Text]) -> Iterator[RawCell]:
    version = value.get("nbformat")
    found = value.get("cells")
    if not isinstance(found, list):
        sheets = value.get("worksheets")
        if not isinstance(sheets, list):
            raise SubmissionRejected(lookalike.of_json(value))
        found = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet, "cells")]
        repairs.append(remarks.OLD_FORMAT)
    elif not isinstance(version, int) or not 1 <= version <= 4:
        repairs.append(remarks.UNKNOWN_FORMAT)
    if len(found) > MAX_CELLS:
        _reject(
            f"El cuaderno tiene {len(found)} celdas, más de {MAX_CELLS}; borra las que sobran y entrégalo.",
            f"The notebook has {len(found)} cells, more than {MAX_CELLS}; delete what it does not need and hand it in.",
        )
    total = 0
    unread = []
    for number, cell in enumerate(found, 1):
        raw = _cell(cell)
        if raw is None:
            unread.append(number)
            continue
        if raw.kind == "code":
            total += len(raw.source)
            if max(len(raw.source) - MAX_SOURCE, total - MAX_SOURCES) > 0:
                _reject(
                    f"Con la celda {number} el código es demasiado largo; guarda esos datos en un archivo aparte.",
                    f"Cell {number} makes the code too long; keep such data in a file of their own.",
                )
        yield raw
    repairs += remarks.unread(unread)


def _cell(cell: object) -> RawCell | None:
    """`cell` of any format version, or `None` when it has no source that could be read."""
    if not isinstance(cell, dict):
        return None
    # Formats 2 and 3 keep code under `input`, and headings as cells of their own.
    source = _joined(cell.get("source", cell.get("input")))
    if source is None:
        return None
    metadata = _dict(cell, "metadata")
    own = _dict(metadata, "autograder")
    kind = _kind(cell)
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + source
    if kind != "code" and len(source) > MAX_SOURCE:
        source = ""
    return RawCell(
        id=_id(cell.get("id")) or _id(metadata.get("id")),
        kind=kind,
        source=_SURROGATE.sub("\ufffd", source.replace("\0", "")),
        grade_id=_word(_dict(metadata, "nbgrader").get("grade_id")),
        role=_word(own.get("role")),
        task=_word(own.get("task")),
    )


def _kind(cell: dict[str, Any]) -> Kind:
    match cell.get("cell_type"):
        case "code":
            return "code"
        case "markdown" | "heading":
            return "markdown"
        case "raw" | "html" | "plaintext":
            return "raw"
    return "code" if {"outputs", "execution_count", "input"} & set(cell) else "raw"


def _joined(source: object) -> str | None:
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return None


def _dict(value: dict[str, Any], key: str) -> dict[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _list(value: dict[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _word(value: object) -> str | None:
    """`value` if it is a short printable name."""
    return value if isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable() else None
