"""What was handed in, kept out of memory: ten thousand notebooks with their figures would fill it.

The files themselves are not read again later instead: a student's folder may be a share that somebody still writes to, and what is
hashed has to be what is graded.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import dataclass
from threading import Lock

from autograder.errors import UsageError

_IN_MEMORY = 32 << 20
"""Bytes that a class may take before it goes to the disk; most classes never do."""
_ON_DISK = "/var/tmp"
"""By convention on a disk, where /tmp is memory on many systems."""


class Spool:
    """Bytes written once, read any number of times from any thread; they go when nobody holds a `Kept` any more."""

    def __init__(self) -> None:
        folder = None if "TMPDIR" in os.environ or not os.access(_ON_DISK, os.W_OK) else _ON_DISK
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=folder)  # noqa: SIM115 -- lives as long as what is kept
        weakref.finalize(self, self._file.close)
        self._lock = Lock()
        self._end = 0

    def keep(self, data: bytes) -> Kept:
        """Where `data` now lies.

        Raises:
            UsageError: the disk is full.
        """
        with self._lock:
            kept = Kept(self, self._end, len(data))
            try:
                self._file.seek(self._end)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise UsageError(
                    f"What was handed in could not be copied to a temporary file ({error.strerror}): free space, or name another"
                    " folder with the variable TMPDIR."
                ) from error
            self._end += len(data)
        return kept

    def read(self, at: int, size: int) -> bytes:
        """The `size` bytes that begin `at`."""
        with self._lock:
            self._file.seek(at)
            return self._file.read(size)


@dataclass(frozen=True)
class Kept:
    """The place of some bytes in a spool."""

    spool: Spool
    at: int
    """Where they begin."""
    size: int
    """How many they are."""

    def read(self) -> bytes:
        """The bytes."""
        return self.spool.read(self.at, self.size)
