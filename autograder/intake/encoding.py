"""Bytes to text, forgiving about the encoding, saying so when something had to be guessed."""

from __future__ import annotations

import json

from autograder.text import Text

_SAMPLE = 64 << 10
"""Bytes before and after the first damage that decide which encoding it was."""


def decode(data: bytes) -> tuple[str, Text | None]:
    """`data` as text without byte-order mark, and a remark when it was not UTF-8.

    UTF-16 and UTF-32 are known by their mark or by where their zero bytes stand (RFC 4627, section 3). What is not
    UTF-8 is Windows-1252, unless most of it is UTF-8: then the damaged characters become U+FFFD.
    """
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        return data.decode(encoding, "replace").removeprefix("\ufeff"), _converted(encoding.upper().replace("-SIG", ""))
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        around = data[max(0, error.start - _SAMPLE) : error.start + _SAMPLE].decode("utf-8", "replace")
    if sum(c > "\x7f" and c != "\ufffd" for c in around) > around.count("\ufffd"):
        return data.decode("utf-8", "replace"), _DAMAGED
    try:
        return data.decode("cp1252"), _converted("Windows-1252")
    except UnicodeDecodeError:
        return data.decode("latin-1"), _converted("Latin-1")


_DAMAGED = Text(
    es="El archivo tenía caracteres dañados; se han sustituido por �.",
    en="The file had damaged characters; they were replaced by �.",
)


def _converted(name: str) -> Text:
    return Text(
        es=f"El archivo estaba guardado en {name} y se ha convertido a UTF-8; revisa las tildes.",
        en=f"The file was saved as {name} and was converted to UTF-8; check its accented letters.",
    )
