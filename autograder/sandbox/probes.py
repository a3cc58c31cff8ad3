"""Tries each wall on this machine, for `autograder doctor`: nothing is concluded from version numbers.

Each is raised alone, in a forked child that then runs against it, all children side by side; last, all are raised together.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import landlock, privileges, root, seccomp, system
from autograder.sandbox.advice import LOST, remedy
from autograder.sandbox.plan import MANDATORY, Plan, environment, libraries, spare_uid
from autograder.sandbox.supervisor import run_walled
from autograder.sandbox.surroundings import Surroundings
from autograder.text import Text


@dataclass(frozen=True)
class Probe:
    """One wall, tried."""

    name: str
    holds: bool
    detail: Text
    """What was tried and what came of it."""
    lost: Text
    """What is lost without it, as the rest of a sentence that begins "without it"."""
    remedy: Text
    """How to get it in the present surroundings."""
    mandatory: bool
    """Whether nothing is run without it."""


def probe() -> tuple[Probe, ...]:
    """Every wall that applies to the present user, in the order in which they go up, then `together`."""
    work = os.path.realpath(tempfile.mkdtemp(prefix="autograder-doctor-"))
    os.chmod(work, 0o711)
    try:
        os.mkdir(os.path.join(work, "tmp"))
        plan = Plan(work=work, read=libraries())
        place = Surroundings.here()
        started = {
            name: _start(attempt, plan)
            for name, attempt in _ATTEMPTS.items()
            if name != ("user_namespace" if place.root else "uid")
        }
        found = []
        for name, child in started.items():
            why = _outcome(*child)
            mandatory = name in MANDATORY or name == "uid"
            found.append(Probe(name, why is None, _detail(why), LOST[name], remedy(name, place), mandatory))
        found.append(_together(plan, place))
        return tuple(found)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _detail(why: str | None) -> Text:
    if why is None:
        return Text(es="se levantó y aguantó.", en="was raised and held.")
    return Text(es=f"no se pudo levantar ({why}).", en=f"could not be raised ({why}).")


def _start(attempt: Callable[[Plan], None], plan: Plan) -> tuple[int, int]:
    """A process of its own for `attempt`, and where it will say why it failed."""
    reading, writing = os.pipe()
    pid = _fork()
    if pid == 0:
        try:
            attempt(plan)
        except BaseException as error:
            os.write(writing, str(error).encode()[:4096] or b"?")
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def _outcome(pid: int, reading: int) -> str | None:
    """Why an attempt failed, or `None`."""
    with open(reading, "rb") as file:
        told = file.read().decode(errors="replace")
    status = os.waitpid(pid, 0)[1]
    return told or (f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else None)


def _fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns of threads; the child here takes no lock and imports nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _refused(act: Callable[[], Any], *codes: int) -> None:
    try:
        act()
    except OSError as error:
        if error.errno in codes:
            return
        raise
    raise OSError("it was raised, but what it should stop went through")


def _descriptors(plan: Plan) -> None:
    spare = os.dup2(1, 900)
    system.close_all_but(range(spare))
    _refused(lambda: os.fstat(spare), errno.EBADF)


def _environment(plan: Plan) -> None:
    privileges.surround(environment(plan))
    with open("/proc/self/environ", "rb") as file:
        if file.read().strip(b"\0"):
            raise OSError("the old environment is still readable")


def _privileged(plan: Plan) -> None:
    if os.geteuid() != 0:
        privileges.user_namespace(os.geteuid(), os.getegid())


def _unshared(flag: int) -> Callable[[Plan], None]:
    def attempt(plan: Plan) -> None:
        _privileged(plan)
        system.unshare(flag)

    return attempt


def _net(plan: Plan) -> None:
    _unshared(system.CLONE_NEWNET)(plan)
    if [name for _, name in socket.if_nameindex() if name != "lo"]:
        raise OSError("other network interfaces are still there")


def _mounts(plan: Plan) -> None:
    _unshared(system.CLONE_NEWNS)(plan)
    system.mount_private()


def _minimal_root(plan: Plan) -> None:
    _mounts(plan)
    root.build(plan, os.geteuid(), own_pids=False)
    for path in ("/etc/shadow", "/home", "/proc/1", "/var/log"):
        if os.path.exists(path):
            raise OSError(f"{path} is still there")
    _refused(lambda: os.open("/usr/x", os.O_WRONLY | os.O_CREAT), errno.EROFS, errno.EACCES)


def _limits(plan: Plan) -> None:
    privileges.limit(plan, own_user=os.geteuid() == 0)
    # No limit at all reads as -1.
    if not 0 <= resource.getrlimit(resource.RLIMIT_FSIZE)[1] <= plan.file_size:
        raise OSError("the limit on files was not taken")


def _no_new_privs(plan: Plan) -> None:
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)


def _landlock(plan: Plan) -> None:
    _no_new_privs(plan)
    landlock.restrict(read=("/usr",), write=(plan.work,), devices=())
    _refused(lambda: os.open("/etc/passwd", os.O_RDONLY), errno.EACCES)
    _refused(lambda: os.mkdir(plan.work + "x"), errno.EACCES)
    with open(os.path.join(plan.work, "x"), "w"):
        pass


def _seccomp(plan: Plan) -> None:
    _no_new_privs(plan)
    seccomp.install(seccomp.program(alone=True, scoped=True, own_root=True, pid=os.getpid()))
    _refused(lambda: socket.socket(socket.AF_INET), errno.EPERM)
    _refused(lambda: system.unshare(system.CLONE_NEWUSER), errno.EPERM)


def _together(plan: Plan, place: Surroundings) -> Probe:
    ours, theirs = socket.socketpair()
    pid = _fork()
    if pid == 0:
        ours.close()
        run_walled(plan, (), theirs.fileno(), lambda: None)
    theirs.close()
    with ours, ours.makefile("rb") as lines:
        events = [json.loads(line) for line in lines]
    os.waitpid(pid, 0)
    first = events[0] if events else {"why": "the process died"}
    holds = first.get("event") == "walls" and events[-1].get("status") == 0
    if holds:
        names = ", ".join(first["walls"])
        detail = Text(es=f"código de prueba se ejecutó tras: {names}.", en=f"trial code ran behind: {names}.")
    else:
        why = f"{first.get('wall', '')}: {first.get('why', events[-1:])}"
        detail = Text(es=f"no se ejecutó código de prueba ({why}).", en=f"trial code was not run ({why}).")
    return Probe("together", holds, detail, LOST["together"], remedy("together", place), True)


_ATTEMPTS: dict[str, Callable[[Plan], None]] = {
    "descriptors": _descriptors,
    "environment": _environment,
    "user_namespace": _privileged,
    "pid_namespace": _unshared(system.CLONE_NEWPID),
    "mount_namespace": _mounts,
    "net_namespace": _net,
    "ipc_namespace": _unshared(system.CLONE_NEWIPC),
    "uts_namespace": _unshared(system.CLONE_NEWUTS),
    "minimal_root": _minimal_root,
    "uid": lambda plan: privileges.become(spare_uid(os.getpid())),
    "capabilities": lambda plan: system.drop_capabilities(),
    "rlimits": _limits,
    "no_new_privs": _no_new_privs,
    "landlock": _landlock,
    "seccomp": _seccomp,
}
