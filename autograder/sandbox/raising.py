"""Raises the walls around the calling process, which is the one that will run student code."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.sandbox import landlock, privileges, root, seccomp, system
from autograder.sandbox.plan import MANDATORY, Plan, system_devices, system_files

_PROC_READ = ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys/kernel/osrelease", "version")
"""What may be read of a /proc that shows everybody's processes, beside `self`."""


class Unraised(Exception):
    """A wall that must stand could not be raised; student code must not run in this process."""

    def __init__(self, wall: str, why: str) -> None:
        super().__init__(f"{wall}: {why}")
        self.wall = wall
        self.why = why


@dataclass
class Walls:
    """The walls that stand so far, and those lived without."""

    required: frozenset[str]
    standing: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    """Wall → why it does not stand."""

    @classmethod
    def of(cls, plan: Plan) -> Walls:
        """None yet."""
        return cls(plan.required | MANDATORY | ({"uid"} if os.geteuid() == 0 else set()))

    def raised(self, wall: str, act: Callable[[], object]) -> bool:
        """Whether `wall` stands after `act()`.

        Raises:
            Unraised: it does not, and it must.
        """
        try:
            act()
        except OSError as error:
            return self.lack(wall, str(error))
        self.standing.append(wall)
        return True

    def lack(self, wall: str, why: str) -> bool:
        """Note that `wall` does not stand; always false.

        Raises:
            Unraised: it must.
        """
        if wall in self.required:
            raise Unraised(wall, why)
        self.missing[wall] = why
        return False

    def __contains__(self, wall: str) -> bool:
        return wall in self.standing


def raise_walls(plan: Plan, walls: Walls, *, uid: int, variables: Mapping[str, str]) -> int | None:
    """Raise, in this process, all walls that `walls` does not hold yet.

    The order is forced: what reads /proc comes before the root that may lack it, mounts before Landlock (which forbids them), the
    change of user before the loss of capabilities, and the filter last, because it refuses most of what the others need.

    Args:
        uid: whom student code runs as; unlike the present uid only when that is root.

    Returns:
        a descriptor of a /proc in which the watchdog sees the submission's processes and no others, if there is one.

    Raises:
        Unraised: a mandatory or required wall does not stand, or a path of the plan is out of reach behind them.
    """
    was_root = os.geteuid() == 0
    read = [path for path in plan.read if os.path.exists(path)]
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise Unraised("seccomp", f"{threads} threads run already, and a filter binds only the one that installs it")
    walls.raised("environment", lambda: privileges.surround(variables))
    privileges.first_to_die()
    own_user = was_root or "user_namespace" in walls
    walls.raised("rlimits", lambda: privileges.limit(plan, own_user=own_user))
    # Read by an unprivileged watchdog, and needed to write the second map; as root the mark protects instead.
    system.prctl(system.PR_SET_DUMPABLE, int(not was_root))

    proc = _namespaces(plan, walls, uid)
    if "user_namespace" in walls:
        _second_user_namespace(uid, proc)
    system.drop_bounding_set()
    if was_root:
        walls.raised("uid", lambda: privileges.become(uid))
        system.prctl(system.PR_SET_DUMPABLE, 0)
    walls.raised("capabilities", system.drop_capabilities)
    walls.raised("no_new_privs", lambda: system.prctl(system.PR_SET_NO_NEW_PRIVS, 1))
    _enter(plan.work)
    walls.raised("landlock", lambda: _landlock(plan, walls))
    alone = was_root or "pid_namespace" in walls
    scoped = alone or landlock.scopes_signals(landlock.version())
    code = seccomp.program(alone=alone, scoped=scoped, own_root="minimal_root" in walls, pid=os.getpid())
    walls.raised("seccomp", lambda: seccomp.install(code))
    _check_reach(plan, read)
    return proc


def _namespaces(plan: Plan, walls: Walls, uid: int) -> int | None:
    for wall, flag in (
        ("net_namespace", system.CLONE_NEWNET),
        ("ipc_namespace", system.CLONE_NEWIPC),
        ("uts_namespace", system.CLONE_NEWUTS),
    ):
        walls.raised(wall, lambda flag=flag: system.unshare(flag))  # type: ignore[misc]
    if not walls.raised("mount_namespace", _mount_namespace):
        walls.lack("minimal_root", "it needs a mount namespace")
        return None
    own_pids = "pid_namespace" in walls
    proc: int | None = None
    if own_pids:
        try:
            proc = root.list_proc()
        except OSError:
            own_pids = False
    walls.raised("minimal_root", lambda: root.build(plan, uid, own_pids=own_pids))
    return proc


def _mount_namespace() -> None:
    system.unshare(system.CLONE_NEWNS)
    system.mount_private()


def _second_user_namespace(uid: int, proc: int | None) -> None:
    """Leave the user namespace that owns the mounts and holds process 1, so that no capability ever counts there again."""
    with contextlib.suppress(OSError):  # one more lock on a closed door; the capabilities are dropped next
        privileges.user_namespace(uid, os.getegid(), "/proc" if proc is None else f"/proc/self/fd/{proc}")


def _landlock(plan: Plan, walls: Walls) -> None:
    own_root = "minimal_root" in walls
    if landlock.version() < 3 and not own_root:
        raise OSError(
            "this kernel's Landlock cannot forbid truncating files (Linux 6.2 can), and no minimal root hides them"
        )
    read = [*plan.read, *system_files()]
    if own_root and "pid_namespace" in walls:
        read.append("/proc")
    else:
        read += ["/proc/self", *(f"/proc/{name}" for name in _PROC_READ)]
    write = [plan.work, *(("/tmp", "/dev/shm") if own_root else ())]
    landlock.restrict(read=read, write=write, devices=(*plan.devices, *system_devices()))


def _check_reach(plan: Plan, read: Sequence[str]) -> None:
    for path in read:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError as error:
            raise Unraised(
                "read",
                f"student code needs {path}, and uid {os.getuid()} cannot read it ({error.strerror}): install Python and its "
                "packages where every user may read them, or allow namespaces, behind which permissions above do not matter",
            ) from error


def _enter(work: str) -> None:
    try:
        os.chdir(work)
        usable = os.access(".", os.R_OK | os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise Unraised("work", f"uid {os.getuid()} cannot use {work}: choose a folder that every user may pass through")
