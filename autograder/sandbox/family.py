"""The processes of one submission: their namespace, and their common end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass

from autograder.sandbox import privileges, system
from autograder.sandbox.raising import Walls
from autograder.sandbox.watch import Processes


@dataclass
class Family:
    """The processes of one submission, and how to end them all."""

    student: int
    init: int | None
    """Process 1 of the namespace, by its number outside."""

    def end(self) -> int:
        """Kill and collect every process; returns the student's wait status."""
        if self.init is not None:
            os.kill(self.init, signal.SIGKILL)
            # The student first: process 1 ends only after its whole namespace has been collected.
            status = os.waitpid(self.student, 0)[1]
            os.waitpid(self.init, 0)
            return status
        return self._end_tree()

    def _end_tree(self) -> int:
        # Without a pid namespace: orphans come to us, their adopted parent, so whoever is left is found in our own tree.
        proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        tree = Processes(proc, os.getpid())
        status = 0
        while True:
            # All are stopped before any is killed; otherwise a fork bomb is faster.
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in tree.look().pids:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
            try:
                while found := os.waitpid(-1, os.WNOHANG):
                    if found[0] == self.student:
                        status = found[1]
                    if found[0] == 0:
                        time.sleep(0.002)
                        break
            except ChildProcessError:
                os.close(proc)
                return status


def process_one(walls: Walls) -> tuple[int, int] | tuple[None]:
    """Open the pid namespace, for children only, and start its process 1.

    Returns:
        its number outside, and the descriptor that keeps it alive; `(None,)` where there can be no such namespace.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        walls.raised("user_namespace", lambda: privileges.user_namespace(uid, gid))
    cat = next((path for path in ("/bin/cat", "/usr/bin/cat") if os.access(path, os.X_OK)), None)
    if cat is None:
        walls.lack("pid_namespace", "no `cat` to be its process 1")
        return (None,)
    if not walls.raised("pid_namespace", lambda: system.unshare(system.CLONE_NEWPID)):
        return (None,)
    theirs, ours = os.pipe()
    # An ignored SIGCHLD survives exec, and orphans of such a parent are collected by the kernel.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    actions = [
        (os.POSIX_SPAWN_DUP2, theirs, 0),
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return os.posix_spawn(cat, ["cat"], {}, file_actions=actions), ours
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(theirs)
