"""What a file that is no notebook seems to be, so that the student learns what to hand in instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.text import Text

_NEXT = Text(
    es="Entrega el cuaderno: en Jupyter «Archivo ▸ Descargar», en Colab «Archivo ▸ Descargar ▸ .ipynb».",
    en="Hand in the notebook: “File ▸ Download” in Jupyter, “File ▸ Download ▸ .ipynb” in Colab.",
)


def _seen(es: str, en: str) -> Text:
    return Text(f"El archivo no es un cuaderno: {es}.", f"The file is not a notebook: {en}.") + _NEXT


_EMPTY = _seen("está vacío", "it is empty")
_ZEROS = _seen(
    "solo contiene ceros, como tras un fallo del disco o de la sincronización",
    "it holds nothing but zeros, as after a failure of the disk or of its synchronisation",
)
_WORD = _seen("es un documento de Office", "it is an Office document")
_MAGIC: tuple[tuple[bytes, Text], ...] = (
    (b"PK\3\4", _seen("es un zip; descomprímelo", "it is a zip; unpack it")),
    (b"%PDF", _seen("es un PDF", "it is a PDF")),
    (b"\xd0\xcf\x11\xe0", _WORD),
    (b"{\\rtf", _seen("es un documento de texto con formato (RTF)", "it is a rich-text document (RTF)")),
    (b"\x89HDF", _seen("es un modelo guardado (HDF5)", "it is a saved model (HDF5)")),
    (b"\x89PNG", _seen("es una imagen", "it is an image")),
    (b"\xff\xd8\xff", _seen("es una imagen", "it is an image")),
    (b"\x1f\x8b", _seen("es un archivo comprimido (gzip)", "it is a compressed file (gzip)")),
    (b"Rar!", _seen("es un archivo comprimido (RAR)", "it is a compressed file (RAR)")),
    (b"7z\xbc\xaf", _seen("es un archivo comprimido (7z)", "it is a compressed file (7z)")),
    (b"L\0\0\0\1\x14\2", _seen("es un acceso directo de Windows", "it is a Windows shortcut")),
    (b"\0\5\x16\7", _seen("es un archivo auxiliar de macOS", "it is an auxiliary file of macOS")),
    (
        b"version https://git-lfs",
        _seen(
            "es un puntero de Git LFS, no el archivo al que apunta",
            "it is a Git LFS pointer, not the file it points to",
        ),
    ),
)
_HTML = _seen(
    "es una página web guardada desde el navegador",
    "it is a web page saved from the browser",
)
_XML = _seen("es un documento XML", "it is an XML document")
_CONFLICT = _seen(
    "contiene marcas de conflicto de Git (<<<<<<<); resuelve el conflicto y guárdalo de nuevo",
    "it contains Git conflict markers (<<<<<<<); resolve the conflict and save it again",
)
_PYTHON = _seen("es un programa de Python", "it is a Python script")
_BINARY = _seen("son datos binarios", "it is binary data")
_CUT = _seen(
    "está cortado a la mitad, como tras una descarga incompleta",
    "it is cut off in the middle, as after an incomplete download",
)
_BROKEN = _seen(
    "su texto JSON está dañado cerca de la línea {line}, quizá porque se editó a mano",
    "its JSON text is damaged near line {line}, perhaps because it was edited by hand",
)
_TEXT = _seen("es texto sin formato", "it is plain text")
_OTHER_JSON = _seen(
    "son datos JSON, pero sin celdas",
    "it is JSON data, but without cells",
)
_DRIVE = _seen(
    "es solo un enlace a Google Drive",
    "it is only a link to Google Drive",
)


def of_bytes(data: bytes) -> Text | None:
    """What `data` seems to be judging from its first bytes; `None` when it may be text."""
    start = data[:4096]
    if not data or data.isspace():
        return _EMPTY
    if not data.strip(b"\0 \r\n\t"):
        return _ZEROS
    if start.startswith(b"PK\3\4") and any(mark in start for mark in (b"word/", b"xl/", b"ppt/", b"[Content_Types]")):
        return _WORD
    return next((text for magic, text in _MAGIC if start.startswith(magic)), None)


def of_text(text: str, at: int | None = None) -> Text:
    """What `text` seems to be, which stopped being a JSON object at character `at`, or does not start like one."""
    start = text[:4096].lstrip().lower()
    # Judged by the beginning: a notebook may well hold these inside its cells.
    if "\n<<<<<<< " in text and "\n>>>>>>> " in text:
        return _CONFLICT
    if start.startswith(("<!doctype html", "<html", "<head", "<body")) or (start[:1] == "<" and "<html" in start):
        return _HTML
    if start.startswith("<"):
        return _XML
    if at is not None:
        if not text[at:].strip("\0 \r\n\t"):
            return _CUT
        line = str(text.count("\n", 0, at) + 1)
        return Text(_BROKEN.es.replace("{line}", line), _BROKEN.en.replace("{line}", line))
    if start.startswith("["):
        return _OTHER_JSON
    strange = sum((c < " " and c not in "\t\r\n\f") or c == "\ufffd" for c in start)
    if strange * 20 > len(start):
        return _BINARY
    if re.search(
        r"^\s*(import \w|from [\w.]+ import |def \w+\(|class \w+|# %%|#!.*python|# coding)", start, re.MULTILINE
    ):
        return _PYTHON
    return _TEXT


def of_json(value: Mapping[str, object]) -> Text:
    """What a JSON object without cells seems to be."""
    return _DRIVE if "doc_id" in value else _OTHER_JSON
