"""What a student's side sent, made fit to be shown: text without control codes, checked images, harmless HTML.

Nothing here trusts a MIME type, a size or an encoding that came along with the data.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass

MAX_IMAGE = 4 << 20
"""Bytes of one image, decoded."""
MAX_PIXELS = 40_000_000
"""Pixels of one image: a few kilobytes of PNG can unfold into gigabytes in a browser."""
MAX_HTML = 100_000
"""Characters of one HTML output."""

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: window titles, links
    r"|\x1b[ -/]*[0-~]"  # the short ones
)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but line feed and tab
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or reordering a line
    "\ud800-\udfff\U000e0000-\U000e0fff]"  # lone surrogates, tags
)
"""Not the joiners U+200C and U+200D, which spelling needs (Persian, Hindi, emoji)."""
_TEXT_TAGS = {"b", "br", "code", "div", "em", "hr", "i", "li", "ol", "p", "pre", "span", "strong", "sub", "sup", "ul"}
_TABLE_TAGS = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}


def plain(text: str) -> str:
    """`text` as a person sees it, with line breaks and tabs but nothing that steers a terminal or reorders a line.

    Escape sequences (ANSI colours and the like), control characters, direction overrides, lone surrogates and other
    invisible characters go; a carriage return starts its line afresh, as a progress bar means it.
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    text = "\n".join(_last_overwrite(line) for line in text.split("\n"))
    return _UNSEEN.sub("", text)


def _last_overwrite(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


@dataclass(frozen=True)
class Cut:
    """A text whose middle may have been left out."""

    head: str
    left_out: int = 0
    """Characters between `head` and `tail`."""
    tail: str = ""


def cut(text: str, keep: int) -> Cut:
    """At most `keep` characters: three quarters from the start, the rest from the end, where errors stand."""
    if len(text) <= keep:
        return Cut(text)
    head = text[: keep * 3 // 4]
    tail = text[len(text) - (keep - len(head)) :]
    return Cut(head, len(text) - len(head) - len(tail), tail)


@dataclass(frozen=True)
class Image:
    """A PNG or JPEG that was decoded and measured."""

    uri: str
    width: int
    height: int
    size: int
    """Bytes."""


def image(data: str) -> Image | None:
    """The base64 text `data` as an image, or `None` when it is damaged, too large, or neither PNG nor JPEG."""
    if len(data) > MAX_IMAGE * 3 // 2:
        return None
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    kind, size = ("png", _png_size(raw)) if raw.startswith(b"\x89PNG\r\n\x1a\n") else ("jpeg", _jpeg_size(raw))
    if size is None or len(raw) > MAX_IMAGE or not 0 < size[0] * size[1] <= MAX_PIXELS:
        return None
    # Encoded anew: what stands in the page is ours, not the student's spelling of it.
    return Image(f"data:image/{kind};base64,{base64.b64encode(raw).decode()}", *size, len(raw))


def _png_size(raw: bytes) -> tuple[int, int] | None:
    if raw[12:16] != b"IHDR" or len(raw) < 24:
        return None
    width, height = struct.unpack(">II", raw[16:24])
    return width, height


def _jpeg_size(raw: bytes) -> tuple[int, int] | None:
    """From the frame header: the segments before it are skipped by their lengths (ITU-T T.81, annex B)."""
    at = 2
    if not raw.startswith(b"\xff\xd8\xff"):
        return None
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        marker, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(raw[at + 7 : at + 9], "big"), int.from_bytes(raw[at + 5 : at + 7], "big")
        at += 2 + length
    return None


def harmless(html: str) -> str:
    """`html` reduced to text and tables: no script, style, link, image, heading, id or class remains."""
    import nh3

    return nh3.clean(
        plain(html[:MAX_HTML]),
        tags=_TEXT_TAGS | _TABLE_TAGS,
        attributes={"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}},
        clean_content_tags={"script", "style", "title", "textarea", "svg", "math"},
        link_rel=None,
    )
