"""Runs a function behind walls and watches it from outside.

Three processes, of which only two are forks of the large warm parent, since each such fork copies its page tables (9 ms):

- the *supervisor*, the process that calls `run_walled`: outside the walls, unseen from inside, trusted;
- *process 1* of the pid namespace: `cat` on a pipe that only the supervisor holds, started without a fork's copying. It collects
  orphans, and when it ends, the kernel ends every process of the namespace, so nothing outlives a supervisor however that dies;
- the *student process*, number 2 and the supervisor's own child: raises the walls around itself, waits for the word, runs `body`.

Events and commands are one line of JSON each on the control socket; the trusted side holds its other end, student code never does.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from autograder.sandbox import inheritance, privileges, system
from autograder.sandbox.family import Family, process_one
from autograder.sandbox.plan import Plan, environment
from autograder.sandbox.raising import Unraised, Walls, raise_walls
from autograder.sandbox.watch import Processes, Watchdog

_PATIENCE = 30.0
"""Seconds in which the walls must be up."""


def run_walled(
    plan: Plan,
    keep_fds: Sequence[int],
    control_fd: int,
    body: Callable[[], None],
    variables: Mapping[str, str] | None = None,
) -> NoReturn:
    """Run `body` behind the walls of `plan`; called in a fresh fork of a process with one thread, and never returns.

    Args:
        keep_fds: descriptors that `body` uses; all others are closed. 0 is /dev/null, and so are 1 and 2 unless named here.
        control_fd: a stream socket to the trusted side, above 2 and not among `keep_fds`. Events sent on it:
            `{"event": "walls", "walls": [...], "missing": {wall: why}, "pid": n}` before `body` runs, or
            `{"event": "wall_error", "wall": ..., "why": ...}` as the only one, and `body` never runs;
            `{"event": "killed", "why": ..., "detail": ...}` when it was ended from outside, where why is `memory`,
            `processes`, `disk`, `asked`, `control` (the trusted side hung up) or `supervisor` (a fault of ours);
            last `{"event": "exit", "status": n | null, "signal": n | null, "peak": bytes}`, when every process started
            inside has gone. Commands obeyed: `{"do": "interrupt"}` (KeyboardInterrupt inside) and `{"do": "kill"}`.
            When the other end closes, everything is killed.
        body: runs in the student process, with `plan.work` as working directory. Its return is exit status 0.
        variables: its whole environment; `environment(plan)` by default.
    """
    code = 1
    try:
        code = _supervise(
            plan, tuple(keep_fds), control_fd, body, environment(plan) if variables is None else variables
        )
    except BaseException as error:  # the caller's stack belongs to another process: nothing may unwind into it
        why = "".join(traceback.format_exception_only(error)).strip()
        with contextlib.suppress(OSError):
            _tell(control_fd, event="wall_error", wall="supervisor", why=why)
    finally:
        os._exit(code)


def _supervise(
    plan: Plan, keep: tuple[int, ...], control: int, body: Callable[[], None], variables: Mapping[str, str]
) -> int:
    if control in (0, 1, 2, *keep):
        raise ValueError(f"descriptor {control} would stay open for student code, so it cannot be the control socket")
    inheritance.calm()
    inheritance.descriptors(keep, control)
    walls = Walls.of(plan)
    try:
        uid = inheritance.owner(plan)
        if plan.sandbox:
            walls.standing.append("descriptors")
            system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
        init, *lifeline = process_one(walls) if plan.sandbox else (None,)
        if init is None:
            system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
    except Unraised as error:
        _tell(control, event="wall_error", wall=error.wall, why=error.why)
        return 1
    ours, theirs = socket.socketpair()
    me = os.getpid()
    student = os.fork()
    if student == 0:
        _student(plan, walls, uid, (*keep, theirs.fileno()), theirs, me, body, variables)
    family = Family(student, init)
    try:
        theirs.close()
        inheritance.descriptors((), control, ours.fileno(), *lifeline)
        return _watch(plan, family, ours, control)
    except BaseException:
        family.end()
        raise


def _watch(plan: Plan, family: Family, sync: socket.socket, control: int) -> int:
    sync.settimeout(_PATIENCE)
    everybody = Processes(os.open("/proc", os.O_RDONLY | os.O_DIRECTORY), os.getpid())
    inherited = everybody.inherited(family.student)
    try:
        message, descriptors, _, _ = socket.recv_fds(sync, 1 << 16, 1)
        report = json.loads(message)
    except (OSError, ValueError):
        report = {"wall": "unknown", "why": "the process that raised the walls died"}
        descriptors = []
    if "walls" not in report:
        family.end()
        _tell(control, event="wall_error", **report)
        return 1
    watchdog = Watchdog(plan, Processes(descriptors[0], None) if descriptors else everybody, inherited)
    killed: tuple[str, str] | None = None
    try:
        _tell(control, event="walls", walls=report["walls"], missing=report["missing"], pid=family.student)
        sync.send(b"g")
        killed = _until_end(family.student, watchdog, control)
    except (BrokenPipeError, ConnectionError):
        killed = "control", "the process that asked for this run is gone"
    except Exception as error:  # never the student's doing: what they can cause is an excess
        killed = "supervisor", f"{type(error).__name__}: {error}"
    status = family.end()
    with contextlib.suppress(OSError):  # the trusted side may be gone
        if killed:
            _tell(control, event="killed", why=killed[0], detail=killed[1])
        _tell(
            control,
            event="exit",
            status=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
            peak=watchdog.peak,
        )
        # Whoever waits for the end hears it now, not when the kernel has taken apart this process's copy of the warm parent.
        os.close(control)
    return 0


def _until_end(student: int, watchdog: Watchdog, control: int) -> tuple[str, str] | None:
    """Wait until the student process ends (`None`) or must be ended (why, and a sentence)."""
    ended = os.pidfd_open(student)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(control, select.POLLIN)
    due = time.monotonic()
    received = b""
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(max(0.0, due - time.monotonic()) * 1000)}
        if ended in ready:
            return None
        if control in ready:
            data = os.read(control, 4096)
            if not data:
                return "control", "the process that asked for this run is gone"
            *lines, received = (received + data).split(b"\n")
            for line in lines:
                command = json.loads(line).get("do")
                if command == "kill":
                    return "asked", "ended by the grader"
                if command == "interrupt":
                    os.kill(student, signal.SIGINT)
        if time.monotonic() >= due:
            if excess := watchdog.excess():
                return excess
            due = time.monotonic() + watchdog.pause


def _student(
    plan: Plan,
    walls: Walls,
    uid: int,
    keep: Sequence[int],
    sync: socket.socket,
    supervisor: int,
    body: Callable[[], None],
    variables: Mapping[str, str],
) -> NoReturn:
    """The student process, from its fork to its end."""
    code = 1
    try:
        os.setsid()
        system.close_all_but({0, 1, 2, *keep})
        report: dict[str, Any] = {}
        proc: int | None = None
        try:
            if plan.sandbox:
                proc = raise_walls(plan, walls, uid=uid, variables=variables)
            else:
                privileges.surround(variables)
                privileges.limit(plan, own_user=False)
                os.chdir(plan.work)
            report = {"walls": walls.standing, "missing": walls.missing}
        except Unraised as error:
            report = {"wall": error.wall, "why": error.why, "missing": walls.missing}
        except Exception as error:
            report = {"wall": "unknown", "why": f"{type(error).__name__}: {error}"}
        # After the change of user, which clears it; the pipe to process 1 serves the case that it comes too late.
        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        socket.send_fds(sync, [json.dumps(report).encode()], [] if proc is None else [proc])
        if proc is not None:
            os.close(proc)
        go = sync.recv(1)
        sync.close()
        if go == b"g" and "walls" in report and os.getppid() in (0, supervisor):
            body()
            code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code & 0xFF)


def _tell(control: int, **event: Any) -> None:
    data = json.dumps(event).encode() + b"\n"
    while data:
        data = data[os.write(control, data) :]
