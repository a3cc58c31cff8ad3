"""An ipykernel behind the walls: what Jupyter clients get from `provisioner`, over unix sockets in its work folder."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
from functools import cached_property
from typing import Any, cast

import zmq
from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.connect import KernelConnectionInfo
from traitlets import Type
from traitlets.config import Config
from zmq.eventloop.zmqstream import ZMQStream

from autograder.kernel.card import keep_to
from autograder.kernel.shell import fix_threads
from autograder.sandbox import Plan, environment, run_walled

_INLINE = "module://matplotlib_inline.backend_inline"


class _Shell(ZMQInteractiveShell):
    def system(self, cmd: str) -> None:
        # IPython's default opens a pseudo-terminal, which the walls do not hand out. A pipe of our own, rather than
        # `system_raw` and ipykernel's capture of descriptor 1, because that may deliver after the cell is reported done.
        process = subprocess.Popen(
            self.var_expand(cmd, depth=1),
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with process:
            try:
                while chunk := os.read(process.stdout.fileno(), 1 << 16):
                    sys.stdout.write(decoder.decode(chunk))
                sys.stdout.write(decoder.decode(b"", final=True))
            except KeyboardInterrupt:
                # An interrupt reaches the kernel's own process only.
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert self.user_ns is not None
        self.user_ns["_exit_code"] = process.returncode


class _IOPubThread(IOPubThread):
    """Carries what forked workers print over a unix socket.

    ipykernel's own way is a port on 127.0.0.1. Behind the walls libzmq does not fail there, it aborts; and without any such pipe a
    worker would send through the sockets of its parent, which breaks those.
    """

    def _setup_pipe_in(self) -> None:
        self._pipe_uuid = os.urandom(16)
        socket = self.socket.context.socket(zmq.PULL)
        socket.linger = 0
        socket.bind(self._address)
        self._pipe_in = ZMQStream(socket, self.io_loop)
        self._pipe_in.on_recv(self._handle_pipe_msg)

    def _setup_pipe_out(self) -> tuple[Any, Any]:
        context = zmq.Context()  # a fork cannot use its parent's
        socket = context.socket(zmq.PUSH)
        socket.linger = 3000
        socket.connect(self._address)
        return context, socket

    @cached_property
    def _address(self) -> str:
        return f"ipc://{os.environ['HOME']}/forked"


class _Kernel(IPythonKernel):
    shell_class = Type(_Shell)


def kernel(request: dict[str, Any], descriptors: list[int]) -> None:
    """A process for one Jupyter kernel; the warm parent calls this in a fresh fork.

    Args:
        request: `plan`; `connection`, as in a connection file; `threads` of BLAS and TensorFlow; `variables` to add to
            the environment.
        descriptors: the control socket.
    """
    (control,) = descriptors
    plan = Plan.from_json(request["plan"])
    variables = environment(plan, {"MPLBACKEND": _INLINE, **request["variables"]})
    run_walled(plan, [], control, lambda: _serve(plan, request["connection"], request["threads"]), variables)


def _serve(plan: Plan, connection: dict[str, Any], threads: int) -> None:
    fix_threads(threads)
    keep_to(plan)
    sys.argv[:] = [""]  # the warm parent's own
    config = Config()
    config.HistoryManager.hist_file = ":memory:"  # a file would be deleted with the work folder
    kernelapp.IOPubThread = _IOPubThread  # type: ignore[misc]  # the application has no setting for it
    app = kernelapp.IPKernelApp.instance(config=config, kernel_class=_Kernel)
    app.load_connection_info(cast(KernelConnectionInfo, connection))
    app.initialize([])
    if "matplotlib" in sys.modules:
        # Loaded before the fork, it has chosen its backend already and no longer looks at the environment.
        assert app.shell is not None
        app.shell.enable_matplotlib("inline")
    app.start()
