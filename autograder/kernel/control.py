"""The trusted end of a supervisor's control socket: starts a walled process, ends it, and knows how it ended."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.errors import EngineError, WallError
from autograder.kernel.warm import request_fork
from autograder.sandbox import Plan
from autograder.text import Text

_START_SECONDS = 60.0
_END_SECONDS = 10.0
"""How long a supervisor may take to collect what it has killed."""


class Control:
    """A walled process forked from a warm parent, seen by whoever asked for it.

    Args:
        requests: requesting end of the warm parent.
        run: `module:function` that the child runs.
        plan: the walls; its work folder exists.
        options: further plain data for the child.
        descriptors: what the child is handed beside its end of the control socket, which comes last.

    Raises:
        WallError: a wall could not be raised, and nothing was run.
        EngineError: the child did not come up.
    """

    def __init__(
        self,
        requests: socket.socket,
        run: str,
        plan: Plan,
        options: Mapping[str, Any],
        descriptors: Sequence[int] = (),
    ) -> None:
        self.walls: tuple[str, ...] = ()
        self.pid = 0
        """The walled process, as numbered outside."""
        self._received = b""
        self._over = False
        self._end: dict[str, Any] = {}
        self._exit: dict[str, Any] = {}
        self._sock, theirs = socket.socketpair()
        try:
            with theirs:
                request_fork(requests, {"run": run, "plan": plan.to_json(), **options}, [*descriptors, theirs.fileno()])
            event = self._event(time.monotonic() + _START_SECONDS)
            if event is None or event.get("event") != "walls":
                if event and event.get("event") == "wall_error":
                    raise WallError(
                        f"The wall {event.get('wall')!r} could not be raised ({event.get('why')}), so nothing was run; "
                        "`autograder doctor` says what is missing."
                    )
                raise EngineError(f"A student process did not start: {event or 'no word from it'}.")
        except BaseException:
            self.close()
            raise
        self.walls = tuple(event["walls"])
        self.pid = event["pid"]

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt inside; nothing happens when the process is gone."""
        self._command("interrupt")

    def kill(self) -> None:
        """End the process and everything it started; returns before they have ended."""
        self._command("kill")

    def poll(self) -> int | None:
        """`None` while it runs; then its exit status, negative for a signal, as `subprocess.Popen.poll` has it."""
        self._listen(time.monotonic())
        if not self._over:
            return None
        if self._exit.get("status") is not None:
            return int(self._exit["status"])
        # Without an exit event the supervisor itself was killed, and took everything with it.
        return -int(self._exit.get("signal") or 9)

    def ending(self, seconds: float = _END_SECONDS) -> dict[str, Any]:
        """The event that tells how the process ended, once it is ending; empty if none came in time."""
        self._listen(time.monotonic() + seconds)
        return self._end

    def close(self) -> None:
        """End everything that the process started, before this returns, and hang up."""
        if self._sock.fileno() >= 0:
            self.kill()
            self.ending()
            self._sock.close()
            self._over = True

    def _listen(self, deadline: float) -> None:
        while (event := self._event(deadline)) is not None:
            if event.get("event") == "exit":
                self._exit = event
            # The reason for a kill comes before the exit that it causes.
            if event.get("event") in ("killed", "exit") and not self._end:
                self._end = event

    def _command(self, what: str) -> None:
        with contextlib.suppress(OSError):
            self._sock.sendall(json.dumps({"do": what}).encode() + b"\n")

    def _event(self, deadline: float) -> dict[str, Any] | None:
        """The supervisor's next event; `None` at the end of its connection or at the deadline."""
        while b"\n" not in self._received:
            if self._over or not self._readable(deadline):
                return None
            try:
                chunk = self._sock.recv(1 << 16)
            except OSError:
                chunk = b""
            if not chunk:
                self._over = True
                return None
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)  # written by our supervisor, not by student code

    def _readable(self, deadline: float) -> bool:
        # Not `select`, which refuses descriptors from 1024 on, and a Jupyter server holds many.
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def epitaph(event: Mapping[str, Any]) -> Text:
    """What became of a process whose `Control.ending` this is, as a predicate ("used more memory than allowed")."""
    why = event.get("why")
    if why == "memory":
        return Text(es="usó más memoria de la permitida", en="used more memory than allowed")
    if why == "processes":
        return Text(es="abrió más procesos de los permitidos", en="started more processes than allowed")
    if why == "disk":
        return Text(es="escribió más en disco de lo permitido", en="wrote more to disk than allowed")
    if event.get("signal"):
        return Text(
            es=f"cerró el intérprete de Python (señal {event['signal']})",
            en=f"brought the Python interpreter down (signal {event['signal']})",
        )
    return Text(
        es="cerró el intérprete de Python (¿una llamada a exit?)",
        en="closed the Python interpreter (a call to exit?)",
    )
