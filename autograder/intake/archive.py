"""Zips read in memory: nothing is unpacked to disk, and no claim of the zip about itself is believed."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from autograder.text import Text

MAX_MEMBERS = 20_000
MAX_RATIO = 400
"""Largest expansion of a member over 1 MiB; deflate could reach 1032."""
MAX_DIRECTORY = 8 << 20
"""Bytes of the central directory, which is read whole before any member can be counted."""
MAX_PATH = 1_024
"""Characters of a member's path; a zip can state 65,535."""
MAX_PART = 255
"""Characters of one name in it, as on disk."""
MAX_DEPTH = 32
"""Folders and name in a path; each of them becomes an entry for every folder on the way."""

BAD_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    MemoryError,
    # Encrypted members, unknown compression methods.
    RuntimeError,
)
"""What `zipfile` is known to raise on damaged or hostile input."""


class BadArchive(Exception):
    """The zip as a whole cannot be read; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Member:
    """One entry of a zip."""

    parts: tuple[str, ...]
    """Its path, decoded, without drive letters, `.` and `..`; the last part is the file's or folder's name.

    Of a path beyond the limits, the first and the last part, cut.
    """
    folder: bool
    modified: float
    """Seconds since 1970, read as local time like all clocks in zips; 0 when the zip gives no valid time."""
    problem: Text | None
    """Why it will not be read, if so."""
    info: zipfile.ZipInfo


class Archive:
    """A zip held in `data`, or in an open binary file.

    Raises:
        BadArchive: it is damaged, has too many members, or its table of contents is too large.
    """

    def __init__(self, source: io.BufferedIOBase) -> None:
        try:
            if _directory_size(source) > MAX_DIRECTORY:
                raise BadArchive(_TOO_MANY)
            self._zip = zipfile.ZipFile(source)
        except BAD_ZIP as error:
            raise BadArchive(_DAMAGED) from error
        if len(self._zip.infolist()) > MAX_MEMBERS:
            raise BadArchive(_TOO_MANY)

    def __iter__(self) -> Iterator[Member]:
        for info in self._zip.infolist():
            yield _member(info)

    def read(self, member: Member, cap: int) -> bytes | Text:
        """The bytes of `member`, or why they cannot be had; no more than `cap` + 1 bytes are ever unpacked."""
        if member.problem:
            return member.problem
        if member.info.file_size > cap:
            return too_large(cap)
        if member.info.file_size > max(1 << 20, member.info.compress_size * MAX_RATIO):
            return Text(
                es="El archivo está comprimido como una bomba zip y no se ha abierto; entrega el cuaderno suelto.",
                en="The file is compressed like a zip bomb and was not opened; hand in the notebook by itself.",
            )
        try:
            with self._zip.open(member.info) as stream:
                data = stream.read(cap + 1)
        except BAD_ZIP:
            return _DAMAGED_MEMBER
        return too_large(cap) if len(data) > cap else data


def too_large(cap: int) -> Text:
    """The sentence for a file over `cap` bytes."""
    return Text(
        es=f"El archivo supera {cap >> 20} MiB; borra las salidas del cuaderno y vuelve a entregarlo.",
        en=f"The file is larger than {cap >> 20} MiB; clear the notebook's outputs and hand it in again.",
    )


_DAMAGED = Text(
    es="El zip está dañado o incompleto; descárgalo o créalo de nuevo.",
    en="The zip is damaged or incomplete; download it or create it again.",
)
_DAMAGED_MEMBER = Text(
    es="El archivo está dañado dentro del zip y no se pudo leer; hay que entregarlo de nuevo.",
    en="The file is damaged inside the zip and could not be read; it has to be handed in again.",
)
_TOO_MANY = Text(
    es=f"El zip tiene demasiados archivos (más de {MAX_MEMBERS}); entrega solo el cuaderno.",
    en=f"The zip holds too many files (more than {MAX_MEMBERS}); hand in the notebook alone.",
)
_ENCRYPTED = Text(
    es="El archivo está protegido con contraseña dentro del zip; entrégalo sin contraseña.",
    en="The file is protected with a password inside the zip; hand it in without one.",
)
_LINK = Text(
    es="Es un enlace a otro archivo, no un cuaderno; entrega el archivo mismo.",
    en="It is a link to another file, not a notebook; hand in the file itself.",
)
_OUTSIDE = Text(
    es="El nombre del archivo dentro del zip apunta fuera del zip, por lo que no se ha leído; crea el zip de nuevo.",
    en="The file's name inside the zip points outside the zip, so it was not read; create the zip again.",
)
_ABSURD = Text(
    es="El nombre del archivo dentro del zip es demasiado largo o tiene demasiadas carpetas; entrega el cuaderno suelto.",
    en="The file's name inside the zip is too long or lies in too many folders; hand in the notebook by itself.",
)


def _member(info: zipfile.ZipInfo) -> Member:
    # Zips made on Windows may use backslashes; on POSIX zipfile leaves them in.
    name = _decoded(info).replace("\\", "/")
    parts = name.split("/")
    outside = ".." in parts or name.startswith("/") or parts[0][1:] == ":"
    mode = info.external_attr >> 16
    problem = None
    if outside:
        problem = _OUTSIDE
    elif stat.S_ISLNK(mode):
        problem = _LINK
    elif info.flag_bits & 1:
        problem = _ENCRYPTED
    kept = tuple(part for part in parts if part not in ("", ".", "..") and part[1:] != ":")
    if len(name) > MAX_PATH or len(kept) > MAX_DEPTH or max(map(len, kept), default=0) > MAX_PART:
        kept = tuple(part[-MAX_PART:] for part in (kept[:1] + kept[-1:] if len(kept) > 1 else kept))
        problem = problem or _ABSURD
    return Member(kept, name.endswith("/"), _modified(info), problem, info)


def _decoded(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if info.flag_bits & 0x800:
        return name
    raw = name.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # cp850 has cp437's accented letters at the same places, and Á Í Ó Ú where cp437 has lines and Greek;
        # Windows writes it in Spain.
        return raw.decode("cp850")


def _modified(info: zipfile.ZipInfo) -> float:
    try:
        return datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _directory_size(source: io.BufferedIOBase) -> int:
    """Size of the central directory as the end record states it, of which zipfile reads as much; 0 without a record."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - 65_700))
    tail = source.read()
    source.seek(0)
    # The same two places, in the same order, where zipfile looks: a comment may hold a second, false record.
    plain = tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0"
    at = len(tail) - 22 if plain else tail.rfind(b"PK\5\6")
    if at < 0:
        return 0
    stated = int.from_bytes(tail[at + 12 : at + 16], "little")
    if stated != 0xFFFFFFFF:
        return stated
    at = tail.rfind(b"PK\6\6", 0, at)
    return int.from_bytes(tail[at + 40 : at + 48], "little") if at >= 0 else 0
