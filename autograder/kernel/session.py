"""The trusted end of one student process: asks, waits with a clock, and knows why a process is gone."""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import BadReply, EngineError, KernelDied, TimedOut
from autograder.kernel import values, wire
from autograder.kernel.control import Control, epitaph
from autograder.sandbox import Plan
from autograder.text import Text

_GRACE_SECONDS = 2.0
"""How long student code may take to react to an interrupt before its process is killed."""
_BUFFER = 1 << 20
"""Bytes on their way that a sender need not wait for; the system may allow fewer."""
_HANGING_UP_SECONDS = 1.0
"""How long a process whose connection has closed may take to end by itself before it is killed."""


@dataclass(frozen=True)
class Answer:
    """One reply of the student side."""

    header: dict[str, Any]
    arrays: list[np.ndarray]
    seconds: float = 0.0
    """CPU time of the student's process from the question to the whole reply, as the kernel counts it.

    Not the student side's own claim; and not wall-clock time, or a busy machine would cost points.
    """

    def value(self) -> dict[str, Any]:
        """The packed part of the reply, unpacked; a malformed one is the student side's fault."""
        try:
            unpacked = values.unpack(self.header.get("reply"), self.arrays)
        except wire.WireError as error:
            raise _damaged() from error
        if not isinstance(unpacked, dict):
            raise _damaged()
        return unpacked


class Session:
    """A walled process forked from a warm parent.

    Args:
        requests: requesting end of the warm parent.
        run: `module:function` that the child runs.
        plan: the walls; its work folder exists.
        options: further plain data for the child.

    Raises:
        WallError: a wall could not be raised, and nothing was run.
        EngineError: the child did not come up.
    """

    def __init__(self, requests: socket.socket, run: str, plan: Plan, options: dict[str, Any], reply_cap: int) -> None:
        self._reply_cap = reply_cap
        self._gone: KernelDied | None = None
        self._sock, theirs = socket.socketpair()
        for end in (self._sock, theirs):
            # A million numbers fill the usual buffer 40 times, and each time both sides wait for each other.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        try:
            with theirs:
                self._control = Control(requests, run, plan, options, [theirs.fileno()])
        except BaseException:
            self._sock.close()
            raise
        self.walls = self._control.walls

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._gone is None

    def ask(self, op: str, seconds: float, arrays: list[np.ndarray] | None = None, **fields: Any) -> Answer:
        """Send one request and wait at most `seconds` for its reply.

        Raises:
            TimedOut: no reply in time; the code was interrupted, and the process killed if that did not stop it.
            KernelDied: the process is gone.
            EngineError: its supervisor is gone, which is no fault of the student's.
            BadReply: what came back is damaged or too large, or answers another question (stale or forged).
        """
        if self._gone is not None:
            raise self._gone
        nonce = secrets.token_hex(8)
        deadline = time.monotonic() + seconds
        spent = self._cpu_seconds()
        asked = False
        try:
            wire.send(self._sock, {"op": op, "nonce": nonce, **fields}, arrays, deadline)
            asked = True
            header, received = wire.receive(self._sock, deadline, self._reply_cap)
        except wire.Late:
            if asked:
                self._interrupt(nonce)
            else:
                self.kill()
            raise TimedOut(
                Text(
                    es=f"tardó más de {seconds:.0f} s y se detuvo",
                    en=f"ran longer than {seconds:.0f} s and was stopped",
                )
            ) from None
        except (wire.Closed, ConnectionError, BrokenPipeError) as error:
            raise self._hung_up() from error
        except wire.WireError as error:
            self.kill()
            raise _damaged() from error
        if header.get("nonce") != nonce:
            self.kill()
            raise _stale()
        return Answer(header, received, self._cpu_seconds() - spent)

    def _interrupt(self, nonce: str) -> None:
        """Stop what is running, and keep the process if it then answers in order."""
        self._control.interrupt()
        try:
            header, _ = wire.receive(self._sock, time.monotonic() + _GRACE_SECONDS, self._reply_cap)
            if header.get("nonce") == nonce:
                return
        except wire.WireError:
            pass
        self.kill()

    def _cpu_seconds(self) -> float:
        try:
            with open(f"/proc/{self._control.pid}/stat", "rb") as file:
                # The second field is the process's name, which may hold spaces and brackets.
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """End the process and everything it started."""
        self._control.kill()
        self._bury()

    def close(self) -> None:
        """Hang up; the supervisor ends everything that the process started, before this returns."""
        self._control.close()
        self._sock.close()
        if self._gone is None:
            self._gone = KernelDied(Text(es="el proceso ya terminó", en="the process has already ended"))

    def _hung_up(self) -> KernelDied:
        """What became of a process whose connection has closed; one that goes on without it is ended."""
        if not self._control.ending(_HANGING_UP_SECONDS):
            self._control.kill()
            if self._control.ending().get("why") == "asked":
                self._gone = KernelDied(
                    Text(es="cerró su conexión con el calificador", en="closed its connection to the grader")
                )
        return self._bury()

    def _bury(self) -> KernelDied:
        if self._gone is None:
            ending = self._control.ending()
            self._gone = KernelDied(epitaph(ending))
            if ending.get("why", "supervisor") == "supervisor" and ending.get("event") != "exit":
                raise EngineError("The supervisor of a student process was lost, so it is not known what happened.")
        return self._gone


def _damaged() -> BadReply:
    return BadReply(
        Text(
            es="Tu código devolvió algo que no se puede leer como datos, o demasiado grande.",
            en="Your code returned something that cannot be read as data, or is too large.",
        )
    )


def _stale() -> BadReply:
    return BadReply(
        Text(
            es="Tu código envió una respuesta que no es la de la pregunta hecha: es antigua o falsificada, y no cuenta.",
            en="Your code sent a reply that does not belong to the question asked: it is stale or forged, and does not count.",
        )
    )


def make_work_folder(parent: str) -> str:
    """A fresh private folder for one process under `parent`."""
    path = os.path.join(parent, secrets.token_hex(6))
    os.mkdir(path, 0o700)
    return path
