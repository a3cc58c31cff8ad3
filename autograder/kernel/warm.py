"""A warm parent: imports libraries once, then forks a child per request in milliseconds.

The parent has executed nothing but imports: it has one thread (so forking is sound), no secret, no environment of ours
and no open file beyond its request socket. Children inherit exactly that, copy-on-write.

Requests are single messages on a `SOCK_SEQPACKET` pair, each carrying the child's own sockets as descriptors. One message is
atomic, so any number of processes may share the requesting end, and no socket has a name in the file system that student
code could reach.

The standard library's `multiprocessing` fork server was considered: it imports the caller's `__main__` into every child and
leaves its own pipes open in it, and student code must inherit neither.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from autograder.errors import EngineError

_MESSAGE_CAP = 128 << 10
_XLA_FLAGS = "--xla_cpu_multi_thread_eigen=false --xla_backend_optimization_level=0"
"""Without the first XLA shares sums among threads, and the number of cores decides the order in which floats are added. The second
saves a third of all time: a course's networks take longer to be compiled than to be trained."""
_SETTLING_SECONDS = 1.0
_START_SECONDS = 300.0
"""A cold disk and a first TensorFlow import may take a minute; five mean that something is wrong."""


class WarmParent:
    """The client's end of a warm parent, usable from several threads and, by inheritance, several processes.

    Args:
        preload: modules to import before the first fork.
        cache: folder that outlives the process, for matplotlib's font list (1–2 s to rebuild).
        backend: what Keras computes with; `None` leaves it to `KERAS_BACKEND` of our own environment.

    Raises:
        EngineError: the parent did not come up; the message holds the end of what it printed.
    """

    def __init__(self, preload: Sequence[str], cache: Path, backend: str | None = None) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the parent
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        cache.mkdir(parents=True, exist_ok=True)
        with theirs:
            self._process = subprocess.Popen(
                # -I: neither PYTHON* variables nor the working directory decide what is imported.
                [sys.executable, "-I", "-m", __name__, str(theirs.fileno()), *preload],
                pass_fds=[theirs.fileno()],
                env=_environment(cache, backend),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                # Its own session: Ctrl-C in the terminal is for the command, which then closes us in order.
                start_new_session=True,
            )
        self.requests.settimeout(_START_SECONDS)
        try:
            answer = json.loads(self.requests.recv(_MESSAGE_CAP) or b"{}")
        except TimeoutError:
            answer = {}
        self.requests.settimeout(None)
        if not answer.get("ready"):
            tail = self._tail()
            self.close()
            raise EngineError(f"The warm parent for {', '.join(preload)} did not start: {answer.get('error') or tail}")

    def fork(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Ask for a child; it answers, if at all, on the sockets given as `descriptors`.

        Raises:
            EngineError: the parent is gone.
        """
        request_fork(self.requests, request, descriptors)

    @property
    def alive(self) -> bool:
        """Whether it can still be asked for children."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the parent; children that are still running go on until their own connections close."""
        self.requests.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _tail(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace").strip()[-500:] or "no word from it"


def request_fork(requests: socket.socket, request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Send one request over a (possibly inherited) requesting end; see `WarmParent.fork`."""
    try:
        socket.send_fds(requests, [json.dumps(request).encode()], list(descriptors))
    except OSError as error:
        raise EngineError(f"The warm parent is gone ({error}); grade again to start a new one.") from error


def _environment(cache: Path, backend: str | None) -> dict[str, str]:
    """An allow-list: no token, password or path of the course reaches the parent or its children."""
    backend = backend or os.environ.get("KERAS_BACKEND")
    kept = {"KERAS_BACKEND": backend} if backend else {}
    if backend == "jax":
        kept["XLA_FLAGS"] = _XLA_FLAGS
    return kept | {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": str(cache),
        # With more than one, OpenBLAS starts threads at import and forking is no longer sound.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }


def cache_folder() -> Path:
    """Where files that only save time are kept: `$XDG_CACHE_HOME/autograder`, else under the home folder, else `/tmp`."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(base) / "autograder"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"autograder-{os.getuid()}"
    return path


# --- the parent's own side -------------------------------------------------------------------------------------------


def _serve(requests: socket.socket, preload: Sequence[str]) -> NoReturn:
    # Imports make no cycles worth collecting, and looking for them takes a fifth of the time that TensorFlow needs.
    gc.disable()
    for name in preload:
        importlib.import_module(name)
    gc.enable()
    threads = settled()
    if threads != 1:
        requests.send(json.dumps({"error": f"{threads} threads after the imports, so forking is not sound"}).encode())
        sys.exit(1)
    requests.send(json.dumps({"ready": True}).encode())
    _child(*fork_for(requests))


def fork_for(requests: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork a child for every request that comes, until nobody can ask any more; returns in the children only."""
    # Collected once and then left alone, or the first collection in every child would copy every page.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors = _receive(requests)
        if not message:
            # Not sys.exit: taking TensorFlow apart module by module takes a third of a second, and nothing of it outlives us.
            os._exit(0)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            return json.loads(message), descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def settled() -> int:
    """The number of our threads, once those that are ending have ended, such as a timer that matplotlib has cancelled."""
    deadline = time.monotonic() + _SETTLING_SECONDS
    while (threads := len(os.listdir("/proc/self/task"))) != 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    return threads


def _child(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    status = 1
    try:
        module, _, function = request["run"].partition(":")
        if not module.startswith("autograder."):
            raise ValueError(f"{module} is not ours to run")
        getattr(importlib.import_module(module), function)(request, descriptors)
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        os._exit(status)


def _receive(requests: socket.socket) -> tuple[bytes, list[int]]:
    descriptors = array.array("i")
    message, ancillary, _flags, _address = requests.recvmsg(_MESSAGE_CAP, socket.CMSG_SPACE(8 * descriptors.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
    return message, list(descriptors)


def main() -> NoReturn:
    """Entry point of the parent process: a descriptor number, then the modules to import."""
    descriptor, *preload = sys.argv[1:]
    requests = socket.socket(fileno=int(descriptor))
    try:
        _serve(requests, preload)
    except ImportError as error:
        requests.send(json.dumps({"error": f"cannot import {error.name}: {error}"}).encode())
        sys.exit(1)


def remove_tree(folder: str) -> None:
    """Delete a work folder whatever student code left in it; what cannot be deleted is left to the system's own cleaning.

    Not `shutil.rmtree`: it calls itself once per level, so a thousand folders inside each other end in RecursionError, and what is
    in a folder closed to its owner would stay. Here every inner folder is moved to the top before its turn comes, so nothing is
    deep. No link is followed.
    """
    with contextlib.suppress(OSError):
        if not os.path.islink(folder):
            os.chmod(folder, 0o700)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            waiting = _without_files(top, top)
            while waiting:
                name = waiting.pop()
                with contextlib.suppress(OSError):
                    here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
                    try:
                        waiting += _without_files(here, top)
                    finally:
                        os.close(here)
                    os.rmdir(name, dir_fd=top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _without_files(here: int, top: int) -> list[str]:
    """Delete what is no folder in `here`, and move the folders to `top`; returns their new names there."""
    moved = []
    with os.scandir(here) as found:
        entries = list(found)
    for entry in entries:
        with contextlib.suppress(OSError):
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=here)
                continue
            # Its owner may have closed it; what was a folder a moment ago is one still, since whoever could change that has ended.
            os.chmod(entry.name, 0o700, dir_fd=here)
            name = secrets.token_hex(8)
            os.rename(entry.name, name, src_dir_fd=here, dst_dir_fd=top)
            moved.append(name)
    return moved


if __name__ == "__main__":
    main()
