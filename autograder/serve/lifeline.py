"""Child processes of the service: told their settings when they start, and ended with whoever started them, however that ends.

A child's standard input is a pipe. Its first line holds the settings, which stay out of the process list; after that nothing is
written, and its end means that the parent is gone, since the system closes the pipes of the dead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autograder.serve.settings import Settings

_PATHS = ("course_root", "data")


def start(module: str, settings: Settings, *arguments: str, sockets: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Run `module` as a program with `--child`, handing it the settings and the open sockets with these numbers."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--child", *arguments],
        stdin=subprocess.PIPE,
        pass_fds=list(sockets),
        # Ctrl-C in the terminal is for the launcher, which ends everything in order.
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(settings), default=str).encode() + b"\n")
    process.stdin.flush()
    return process


def inherited() -> Settings:
    """In a child: the settings from the pipe."""
    values: dict[str, Any] = json.loads(_line())
    paths = {name: Path(values[name]) for name in _PATHS}
    return Settings(**values | paths | {"zone": ZoneInfo(values["zone"])})


def watch(ended: Callable[[], None], seconds: float) -> None:
    """In a child: call `ended` when the parent is gone, and end this process for good if it has not ended `seconds` later."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        ended()
        threading.Timer(seconds, os._exit, [1]).start()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def _line() -> bytes:
    # Not through `sys.stdin`, which would read ahead and hide the end from `watch`.
    found = bytearray()
    while not found.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            break
        found += piece
    return bytes(found)
