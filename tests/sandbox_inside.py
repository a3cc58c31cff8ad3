"""Runs a function behind walls and tells what it returned; for the tests of `autograder.sandbox`."""

from __future__ import annotations

import errno
import json
import os
import select
import shutil
import socket
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import Plan, libraries, run_walled, system

MB = 1 << 20
AS_ROOT = os.geteuid() == 0


@dataclass
class Inside:
    """What came out."""

    value: Any = None
    """What the function returned, through JSON."""
    text: str = ""
    """What it printed."""
    events: list[dict[str, Any]] = field(default_factory=list)

    def event(self, name: str) -> dict[str, Any]:
        """The one event of this name; empty if there was none."""
        return next((event for event in self.events if event["event"] == name), {})


def work_folder() -> str:
    """A fresh folder whose parents every user may pass through (pytest's own are closed)."""
    outer = tempfile.mkdtemp(prefix="walled-", dir="/var/tmp")
    os.chmod(outer, 0o711)
    os.mkdir(os.path.join(outer, "work"), 0o700)
    return os.path.join(outer, "work")


def inside(
    function: Callable[[], Any],
    *,
    work: str | None = None,
    before: Callable[[], None] | None = None,
    during: Callable[[socket.socket, dict[str, Any]], None] | None = None,
    seconds: float = 30,
    **plan: Any,
) -> Inside:
    """Run `function` behind the walls of a plan.

    Args:
        before: runs in the forked child, before the walls.
        during: runs outside with the control socket, when the walls stand.
        seconds: after which everything is ended by hanging up.
    """
    folder = work or work_folder()
    plan = {"read": libraries(), **plan}
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()

    def body() -> None:
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1)
        value = function()
        os.write(writing, json.dumps(value).encode())

    with tempfile.TemporaryFile() as printed:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            try:
                os.dup2(printed.fileno(), 1)
                os.dup2(printed.fileno(), 2)
                if before:
                    before()
                run_walled(Plan(work=folder, **plan), (1, 2, writing), theirs.fileno(), body)
            finally:
                os._exit(99)
        theirs.close()
        os.close(writing)
        result = Inside()
        received = b""
        answer = b""
        deadline = time.monotonic() + seconds
        open_ends = {ours.fileno(), reading}
        while open_ends:
            left = deadline - time.monotonic()
            ready = select.select(open_ends, [], [], max(left, 0))[0]
            if not ready:
                ours.shutdown(socket.SHUT_WR)
                deadline += 10
                assert left > -20, "the supervisor does not end"
                continue
            for end in ready:
                data = os.read(end, 1 << 16)
                if not data:
                    open_ends.discard(end)
                elif end == reading:
                    answer += data
                else:
                    *lines, received = (received + data).split(b"\n")
                    for line in lines:
                        result.events.append(event := json.loads(line))
                        if event["event"] == "walls" and during:
                            during(ours, event)
        os.close(reading)
        ours.close()
        assert os.waitpid(pid, 0)[1] in (0, 256)
        result.value = json.loads(answer) if answer else None
        printed.seek(0)
        result.text = printed.read().decode()
    if work is None:
        shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
    return result


def outcome(function: Callable[..., Any], *arguments: Any) -> str:
    """`done`, the errno's name, or the exception's."""
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "OSError")
    except BaseException as error:
        return type(error).__name__
    return "done"


def kernel_without(*names: str, code: int = errno.EPERM, allowing: int | None = None) -> Callable[[], None]:
    """For `before`: a filter that refuses system calls, as a container or an older kernel does.

    Args:
        allowing: the calls go through where this is their first argument.
    """

    def install() -> None:
        import ctypes

        refuse = (0x06, 0, 0, 0x00050000 | code)
        lines = [(0x20, 0, 0, 0)]
        for name in names:
            body = [refuse]
            if allowing is not None:
                body = [(0x20, 0, 0, 16), (0x15, 1, 0, allowing), refuse, (0x06, 0, 0, 0x7FFF0000)]
            lines += [(0x15, 0, len(body), system.number(name)), *body]
        lines.append((0x06, 0, 0, 0x7FFF0000))
        program = b"".join(struct.pack("HBBI", *line) for line in lines)

        class Program(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))

        system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
        system.call("seccomp", 1, 0, ctypes.byref(Program(len(lines), program)))

    return install
