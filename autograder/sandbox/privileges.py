"""What a process gives up for good: its user, its capabilities, its limits, its surroundings."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Mapping

from autograder.sandbox import system
from autograder.sandbox.plan import Plan

_PAGE = os.sysconf("SC_PAGE_SIZE")


def user_namespace(uid: int, gid: int, proc: str = "/proc") -> None:
    """Enter a user namespace in which only `uid` and `gid` exist, under the same numbers, with all capabilities in it.

    Raises:
        OSError: the kernel or its security module does not allow it.
    """
    system.unshare(system.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"{proc}/self/{name}", "w") as file:
            file.write(text)


def become(uid: int) -> None:
    """Change from root to `uid` with the group of the same number, for good, and check that there is no way back.

    Raises:
        OSError: the change was refused, or could be undone.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    try:
        os.setuid(0)
    except OSError:
        return
    raise OSError("the way back to root is open")


def limit(plan: Plan, *, own_user: bool) -> None:
    """Set the limits of this process and all it starts.

    No RLIMIT_AS: TensorFlow reserves address space by the dozen gigabytes and never touches it. RLIMIT_DATA counts what is private
    and writable, so an array of 100 GB raises MemoryError and the notebook goes on, where the watchdog could only kill.

    Args:
        own_user: no other process is counted under this uid, so the number of processes can be limited by it.
    """
    with open("/proc/self/statm") as file:
        inherited = int(file.read().split()[5]) * _PAGE  # the warm parent's libraries are not the student's doing
    _lower(resource.RLIMIT_DATA, inherited + plan.memory + plan.memory // 4)
    _lower(resource.RLIMIT_FSIZE, plan.file_size)
    _lower(resource.RLIMIT_NOFILE, plan.files)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_MEMLOCK, 1 << 20)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    _lower(resource.RLIMIT_NICE, 0)
    _lower(resource.RLIMIT_RTPRIO, 0)
    _lower(resource.RLIMIT_SIGPENDING, 4096)
    _lower(resource.RLIMIT_STACK, 8 << 20, 64 << 20)
    if own_user:
        # A little more than the watchdog's limit: it should see the excess and say why, and this should hold until it does.
        _lower(resource.RLIMIT_NPROC, plan.processes + plan.processes // 4 + 16)


def surround(variables: Mapping[str, str]) -> None:
    """Make `variables` the whole environment, also as /proc shows it."""
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = None  # decided once per process, and so perhaps in the warm parent
    system.scrub_environment_block()
    os.umask(0o022)


def first_to_die() -> None:
    """Let the kernel choose this process, and those it starts, when the machine runs out of memory."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # a help to the rest of the machine, not a wall


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    ceiling = resource.getrlimit(kind)[1]
    top = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        top = min(top, ceiling)
    resource.setrlimit(kind, (min(soft, top), top))
