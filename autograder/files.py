"""Files that are there whole or not at all, and reading what may be no file."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.errors import EngineError


def write_atomically(path: Path, content: str | bytes | Iterable[str], *, private: bool = False) -> None:
    """Write `path` (and the folders above it) so that a reader, or a crash, meets the old file or the new one.

    Args:
        content: all of it, or pieces of text that are written as they come.
        private: never readable by others, not even for a moment, and on the disk when this returns: for secrets, which nobody can
            make again.

    Raises:
        EngineError: it cannot be written; the old file is as it was.
    """
    pieces = (content,) if isinstance(content, str | bytes) else content
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # "x" follows no link that someone may have left there.
            mode = 0o600 if private else 0o666
            with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
                if private:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise EngineError(
            f"{path} could not be written ({error.strerror}); free space or name another folder."
        ) from error


def read_regular(
    path: Path | str, cap: int, *, links: bool = True, folder: int | None = None
) -> tuple[bytes, os.stat_result]:
    """The first `cap + 1` bytes of a regular file, so that more than `cap` of them mean too large, and what it is.

    Args:
        links: whether `path` itself may be a symbolic link.
        folder: descriptor of the folder that a relative `path` is in; `None` for the working directory.

    Raises:
        OSError: it cannot be read, or is no regular file; never waits for the other end of a FIFO.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW)
    handle = os.open(path, flags, dir_fd=folder)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file")
        with open(handle, "rb", closefd=False) as stream:
            return stream.read(cap + 1), found
    finally:
        os.close(handle)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other graders off `folder` until the block ends, or this process does.

    Raises:
        EngineError: another one holds it; nothing was done.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise EngineError(
            f"Another grader is at work on {folder}: wait until it ends, then give the same command again."
        ) from error
    try:
        yield
    finally:
        os.close(handle)
