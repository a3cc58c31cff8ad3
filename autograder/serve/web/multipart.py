"""A form with a file, taken apart while it arrives: nothing but the chunk at hand is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

_MAX_FIELD = 4 << 10
"""Bytes of a field that is no file."""
_MAX_PARTS = 20


class Malformed(Exception):
    """It is no form, or not a whole one."""


@dataclass(frozen=True)
class Field:
    """A field that is no file."""

    name: str
    value: str


@dataclass(frozen=True)
class FileBegins:
    """A file; its content follows, until `FileEnds`."""

    name: str
    """As the browser calls it: data to show, never a path."""


@dataclass(frozen=True)
class FileEnds:
    """The end of a file's content."""


Part = Field | FileBegins | FileEnds | bytes


async def parts(chunks: AsyncIterator[bytes], content_type: str) -> AsyncIterator[Part]:
    """What is in the form, in the order in which it comes.

    Raises:
        Malformed: the form breaks the rules (RFC 7578), ends early, or has too many or too large fields.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Malformed
    reader = _Reader(boundary)
    async for chunk in chunks:
        for part in reader.read(chunk):
            yield part
    if not reader.ended:
        raise Malformed


class _Reader:
    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self._found: list[Part] = []
        self._parts = 0
        self._header, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._name, self._file = "", False
        self._content = b""
        callbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all_end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
        except FormParserError as error:
            raise Malformed from error

    def read(self, chunk: bytes) -> list[Part]:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise Malformed from error
        found, self._found = self._found, []
        return found

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise Malformed
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise Malformed
        self._name, self._file, self._content = options[b"name"].decode("utf-8", "replace"), b"filename" in options, b""
        if self._file:
            self._found.append(FileBegins(options[b"filename"].decode("utf-8", "replace")))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file:
            self._found.append(data[start:end])
            return
        self._content += data[start:end]
        if len(self._content) > _MAX_FIELD:
            raise Malformed

    def _end(self) -> None:
        text = self._content.decode("utf-8", "replace")
        self._found.append(FileEnds() if self._file else Field(self._name, text))

    def _all_end(self) -> None:
        self.ended = True
