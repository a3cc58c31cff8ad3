"""What was handed in, by content: equal files lie once, and a file is whole or not there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from autograder.errors import EngineError
from autograder.files import read_regular
from autograder.intake.listing import MAX_BYTES


class TooLarge(Exception):
    """More bytes came than a notebook may have."""


class Uploads:
    """The store in one folder.

    Args:
        folder: made when missing.
        cap: bytes of one file.
    """

    def __init__(self, folder: Path, cap: int = MAX_BYTES) -> None:
        self.folder = folder
        self.cap = cap
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def keep(self, chunks: AsyncIterator[bytes]) -> tuple[str, int]:
        """Keep what comes in; its SHA-256 and its size in bytes. It is on the disk when this returns.

        Never more than a chunk is in memory.

        Raises:
            TooLarge: nothing is kept.
            EngineError: the disk is full or cannot be written.
        """
        draft = self.folder / f".{secrets.token_hex(8)}.tmp"
        digest, size = hashlib.sha256(), 0
        try:
            with draft.open("xb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self.cap:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                # A disk may take its time, and everybody else's pages are answered by this thread.
                await asyncio.to_thread(os.fsync, file.fileno())
            await asyncio.to_thread(_settle, draft, self.path(digest.hexdigest()))
        except OSError as error:
            raise EngineError(f"{self.folder} could not be written ({error.strerror}): free space there.") from error
        finally:
            draft.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def read(self, sha256: str) -> bytes:
        """The bytes with this hash.

        Raises:
            EngineError: they are gone, or are not what they were.
        """
        try:
            data, _ = read_regular(self.path(sha256), self.cap, links=False)
        except OSError as error:
            raise EngineError(
                f"The upload {sha256[:12]} cannot be read ({error.strerror}): restore it from backup."
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EngineError(f"The upload {sha256[:12]} is not what was handed in: restore it from backup.")
        return data

    def path(self, sha256: str) -> Path:
        """Where the file with this hash lies."""
        return self.folder / sha256[:2] / f"{sha256}.ipynb"


def _settle(draft: Path, path: Path) -> None:
    """Give a whole file its name, and make the name itself last, not only the bytes under it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    os.replace(draft, path)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
