"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from autograder.errors import EngineError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write `path` (and the folders above it) so that a reader, or a crash, meets the old file or the new one.

    Raises:
        EngineError: it cannot be written; the old file is as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # "x" follows no link that someone may have left there.
            with draft.open("xb") as file:
                file.write(data)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise EngineError(
            f"{path} could not be written ({error.strerror}); free space or name another folder."
        ) from error
