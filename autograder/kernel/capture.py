"""What a cell shows: text, rich displays and tracebacks, in order and capped."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import io
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

# In the order in which Jupyter prefers them.
MIMES = ("image/png", "image/jpeg", "image/svg+xml", "text/html", "text/markdown", "text/latex", "text/plain")
_DESCRIPTORS = {1: "stream/stdout", 2: "stream/stderr"}


class Recorder:
    """Collects a cell's outputs.

    Python's streams are replaced, so text and figures keep their order. Descriptors 1 and 2 go to unlinked files in the
    work folder, for C code and child processes; their text is appended when the cell ends.

    Args:
        cap: bytes kept of one cell's outputs together; what is beyond is counted and dropped.
    """

    def __init__(self, cap: int) -> None:
        # Held open, since student code may change or delete the working directory.
        self._folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
        self._cap = cap
        self._room = cap
        self._cut = False
        self._outputs: list[dict[str, str]] = []

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """Start empty, collect until the end of the block, and put the real streams back whatever happened."""
        self.clear()
        self._room, self._cut = self._cap, False
        kept = sys.stdout, sys.stderr
        files = {descriptor: _unlinked_file(self._folder) for descriptor in _DESCRIPTORS}
        for descriptor, file in files.items():
            os.dup2(file.fileno(), descriptor)
        sys.stdout, sys.stderr = _Stream(self, "stream/stdout"), _Stream(self, "stream/stderr")
        try:
            yield
        finally:
            sys.stdout, sys.stderr = kept
            _flush()
            for descriptor, file in files.items():
                with contextlib.suppress(OSError), file:
                    file.seek(0)
                    text = file.read(self._room + 1).decode(errors="replace")
                    if text:
                        self.text(_DESCRIPTORS[descriptor], text)

    def text(self, mime: str, text: str) -> None:
        """Add text, joined to the output before it when that is of the same kind."""
        text = self._fit(text)
        if not text:
            return
        if self._outputs and self._outputs[-1]["mime"] == mime:
            self._outputs[-1]["data"] += text
        else:
            self._outputs.append({"mime": mime, "data": text})

    def display(self, data: dict[str, Any]) -> None:
        """Add a rich display in its richest known form."""
        mime = next((mime for mime in MIMES if mime in data), None)
        if mime is None:
            return
        content = data[mime]
        if isinstance(content, bytes):
            content = base64.b64encode(content).decode()
        if not isinstance(content, str):
            return
        if len(content) > self._room:
            self._cut = True
            return
        self._room -= len(content)
        self._outputs.append({"mime": mime, "data": content})

    def error(self, traceback: str) -> None:
        """Add a traceback as the student would see it in Jupyter."""
        self._outputs.append({"mime": "error", "data": traceback[-20_000:]})

    def clear(self) -> None:
        """Forget what was collected, as `clear_output()` does."""
        self._outputs = []

    def outputs(self) -> list[dict[str, str]]:
        """What was collected, with a last word when something was cut."""
        if self._cut:
            return [*self._outputs, {"mime": "cut", "data": str(self._cap)}]
        return list(self._outputs)

    def _fit(self, text: str) -> str:
        if len(text) > self._room:
            self._cut = True
            text = text[: self._room]
        self._room -= len(text)
        return text


class _Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` while a cell runs."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, recorder: Recorder, mime: str) -> None:
        self._recorder = recorder
        self._mime = mime

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._recorder.text(self._mime, text)
        return len(text)

    def fileno(self) -> int:
        return 1 if self._mime == "stream/stdout" else 2


def _unlinked_file(folder: int) -> io.BufferedRandom:
    """A file without a name: student code cannot truncate or replace it by path."""
    try:
        descriptor = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600, dir_fd=folder)
    except OSError:
        # Some file systems have no O_TMPFILE.
        name = f".output-{time.monotonic_ns()}"
        descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600, dir_fd=folder)
        os.unlink(name, dir_fd=folder)
    return os.fdopen(descriptor, "w+b")


def _flush() -> None:
    """Push what C's stdio and Python's original streams still hold into the files behind descriptors 1 and 2."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            if stream is not None:
                stream.flush()
    ctypes.CDLL(None).fflush(None)
