"""The folder in which one grader's student processes have their own, and the removal of those that killed graders left."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
from pathlib import Path

from autograder.errors import EngineError
from autograder.kernel.warm import remove_tree

_PREFIX = "autograder-run-"


class Scratch:
    """A private folder for as long as this process lives.

    Its owner holds a lock on it, which ends with the process however that ends; a folder without one is nobody's any more.

    Raises:
        EngineError: there is no place for it.
    """

    def __init__(self) -> None:
        base = Path(tempfile.gettempdir())
        _sweep(base)
        name = secrets.token_hex(8)
        # Locked before it gets the name by which another grader would look for abandoned ones.
        draft = base / f".{_PREFIX}{name}"
        try:
            draft.mkdir(mode=0o700)
            self._lock = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Student processes run under their own user id and have to reach their folder below this one.
            draft.chmod(0o711)
            self.path = str(draft.rename(base / f"{_PREFIX}{name}"))
        except OSError as error:
            raise EngineError(
                f"There is no place for work folders in {base} ({error.strerror}): free space, or name another in TMPDIR."
            ) from error

    def close(self) -> None:
        """Delete it."""
        remove_tree(self.path)
        os.close(self._lock)


def _sweep(base: Path) -> None:
    """Delete the folders of graders that were killed."""
    for path in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(handle).st_uid == os.geteuid():
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove_tree(str(path))
            finally:
                os.close(handle)
