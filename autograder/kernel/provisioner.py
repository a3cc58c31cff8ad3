"""Warm walled kernels for any Jupyter client: nbclient, papermill, JupyterLab, nbgrader, otter.

A client uses them by choosing the kernel "Walled Python (warm)", whose kernelspec names this provisioner:

    {"metadata": {"kernel_provisioner": {"provisioner_name": "walled-warm",
                                         "config": {"preload": ["numpy", "keras"], "memory": 3221225472}}}}

`config` may hold every setting of `WalledProvisioner`. What is different from an ordinary kernel: there is no network; the working
directory is a fresh private folder, deleted with the kernel, and the notebook's own folder is out of reach unless `read` names it;
the environment is an allow-list; nothing can be debugged, since that needs a network socket.
"""

from __future__ import annotations

import asyncio
import atexit
import difflib
import json
import os
import signal
import tempfile
import threading
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Int, List, Unicode

from autograder.course import Limits
from autograder.errors import EngineError, UsageError, WallError
from autograder.kernel.control import Control, epitaph
from autograder.kernel.session import make_work_folder
from autograder.kernel.warm import WarmParent, cache_folder, remove_tree
from autograder.sandbox import Plan, libraries

KERNEL_NAME = "walled-python"
"""Name under which the kernelspec is installed."""

_BODY = "autograder.kernel.jupyter"
_PATH_CAP = 107
"""The longest path of a unix socket on Linux, bytes."""
_PREFIX = "autograder-"
_SOCKETS = "k"
_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
_PAUSE_SECONDS = 0.05
_DEFAULT = Limits()


class WalledProvisioner(KernelProvisionerBase):
    """Manages one kernel: an ipykernel in a walled child of a warm parent.

    Kernels of one client process share one warm parent per `preload`, started by the first and ended with the process. A restart is
    a fresh fork in an empty work folder, under the same connection, so clients that are connected stay so.
    """

    preload: List = List(Unicode(), config=True, help="Modules to import before the first kernel is forked.")
    read: List = List(Unicode(), config=True, help="Further folders and files that code may read, absolute.")
    sandbox: Bool = Bool(True, config=True, help="False runs code WITHOUT walls: only for code you trust.")
    memory: Int = Int(_DEFAULT.memory, config=True, help="Memory of all that the kernel starts, bytes.")
    processes: Int = Int(_DEFAULT.processes, config=True, help="Processes and threads at the same time.")
    file_size: Int = Int(
        _DEFAULT.file_size, config=True, help="Largest single file, bytes; all together, 4 times this."
    )
    threads: Int = Int(_DEFAULT.threads, config=True, help="Threads of BLAS and TensorFlow.")

    def __init__(self, **settings: Any) -> None:
        """Called by the provisioner factory with `config` of the kernelspec.

        Raises:
            ValueError: `config` holds something that is no setting: a misspelt limit must not go unnoticed.
        """
        for name in settings:
            if not self.has_trait(name):
                near = difflib.get_close_matches(name, self.class_trait_names(config=True), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"The provisioner `walled-warm` has no setting {name!r}{hint}")
        super().__init__(**settings)
        self._control: Control | None = None
        self._status: int | None = None
        self._work: str | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was started that has not been waited for."""
        return self._control is not None

    async def poll(self) -> int | None:
        """`None` while the kernel runs; then its exit status, negative for a signal."""
        if self._control is None:
            return self._status or 0
        if (status := self._control.poll()) is not None and self._status is None:
            self._status = status
            ending = self._control.ending()
            if ending.get("why") in ("memory", "processes", "disk"):
                # A client says no more than that the kernel has died; its log is the place to say why.
                self.log.warning("Kernel %s %s: %s.", self.kernel_id, epitaph(ending).en, ending.get("detail"))
        return status

    async def wait(self) -> int | None:
        """Wait for the kernel's end; see `poll` for what is returned."""
        while (status := await self.poll()) is None:
            await asyncio.sleep(_PAUSE_SECONDS)
        self._hang_up()
        return status

    async def send_signal(self, signum: int) -> None:
        """SIGINT interrupts what is running; SIGTERM and SIGKILL end the kernel; 0 does nothing.

        Raises:
            ValueError: another signal, which the walls do not let through.
        """
        if signum not in (0, signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            raise ValueError(f"a walled kernel takes SIGINT, SIGTERM and SIGKILL, not signal {signum}")
        if self._control is None or signum == 0:
            return
        if signum == signal.SIGINT:
            self._control.interrupt()
        else:
            self._control.kill()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and everything it started."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """The same as `kill`: what runs behind walls is not asked."""
        await self.send_signal(signal.SIGTERM)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Drop the client's environment; what the kernelspec itself sets goes on to the kernel."""
        kwargs = await super().pre_launch(cmd=list(self.kernel_spec.argv), **kwargs)
        kwargs["env"] = {name: kwargs["env"][name] for name in self.kernel_spec.env}
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; the first one of a `preload` waits for the imports.

        Args:
            cmd: not used; no program is started.
            kwargs: `env` is added to the kernel's environment, others (`cwd`) are not used.

        Raises:
            WallError: a wall could not be raised, and nothing was run.
            EngineError: the warm parent or the kernel did not come up.
        """
        # In a thread, since imports may take 10 s and a Jupyter server has other kernels to serve.
        await asyncio.to_thread(self._launch, kwargs.get("env") or {})
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """End what may still run and delete the work folder; its path is kept for a restart."""
        self._hang_up()
        if self._work is not None:
            remove_tree(self._work)
            if not restart:
                self._work = None

    async def get_provisioner_info(self) -> dict[str, Any]:
        """For a client's own records. A kernel ends with the client that started it, so no other process can take it over."""
        info = await super().get_provisioner_info()
        if self._control is not None:
            info |= {"pid": self._control.pid, "walls": list(self._control.walls), "work": self._work}
        return info

    def _launch(self, variables: dict[str, str]) -> None:
        self._status = None
        if self._work is None:
            self._work = make_work_folder(_shared.folder())
        else:
            remove_tree(self._work)
            os.mkdir(self._work, 0o700)
        self.connection_info = self._connection(self._work)
        plan = Plan(
            work=self._work,
            read=(*libraries(), *self.read),
            memory=self.memory,
            processes=self.processes,
            file_size=self.file_size,
            disk=4 * self.file_size,
            threads=self.threads,
            sandbox=self.sandbox,
        )
        connection: dict[str, Any] = {**self.connection_info}
        connection["key"] = connection["key"].decode()
        options = {"connection": connection, "threads": self.threads, "variables": variables}
        try:
            self._control = _shared.start((*self.preload, _BODY), plan, options)
        except BaseException:
            remove_tree(self._work)
            self._work = None
            raise
        if not self.sandbox:
            self.log.warning("Kernel %s runs WITHOUT walls: its provisioner has sandbox = false.", self.kernel_id)

    def _connection(self, work: str) -> KernelConnectionInfo:
        """Unix sockets `work/k-1` to `work/k-5`, and the key that the client's manager signs with."""
        assert self.parent is not None, "a provisioner is made by a kernel manager"
        info: dict[str, Any] = self.parent.get_connection_info()
        info |= {"transport": "ipc", "ip": os.path.join(work, _SOCKETS)}
        info |= {f"{channel}_port": number for number, channel in enumerate(_CHANNELS, start=1)}
        return cast(KernelConnectionInfo, info)

    def _hang_up(self) -> None:
        if self._control is not None:
            _shared.end(self._control)
            self._status = self._control.poll()
            self._control = None


class _Shared:
    """What the kernels of this process share: warm parents, a folder for their work folders, and an end in good order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: str | None = None
        self._parents: dict[tuple[str, ...], WarmParent] = {}
        self._running: set[Control] = set()

    def folder(self) -> str:
        """The folder that work folders are made in."""
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.mkdtemp(prefix=_PREFIX, dir=_place())
                # Kernels run under their own user id and have to reach their folder below this one.
                os.chmod(self._folder, 0o711)
                atexit.register(self.close)
            return self._folder

    def start(self, preload: tuple[str, ...], plan: Plan, options: dict[str, Any]) -> Control:
        """Fork a kernel from the parent of `preload`, started now if there is none; one that has died is replaced."""
        with self._lock:
            old = self._parents.get(preload)
        try:
            control = self._fork(preload, plan, options)
        except WallError:
            raise
        except EngineError:
            if old is None:
                raise
            with self._lock:
                if self._parents.get(preload) is old:
                    self._parents.pop(preload).close()
            control = self._fork(preload, plan, options)
        self._running.add(control)
        return control

    def end(self, control: Control) -> None:
        """End one kernel."""
        control.close()
        self._running.discard(control)

    def close(self) -> None:
        """End all kernels and warm parents and delete the work folders; called when the process ends."""
        for control in list(self._running):
            self.end(control)
        with self._lock:
            for parent in self._parents.values():
                parent.close()
            self._parents.clear()
            if self._folder is not None:
                remove_tree(self._folder)
                self._folder = None

    def _fork(self, preload: tuple[str, ...], plan: Plan, options: dict[str, Any]) -> Control:
        with self._lock:
            if preload not in self._parents:
                self._parents[preload] = WarmParent(preload, cache_folder() / "matplotlib")
            requests = self._parents[preload].requests
        return Control(requests, f"{_BODY}:kernel", plan, options)


_shared = _Shared()


def install_kernelspec(prefix: str | None = None, *, user: bool = False, preload: list[str] | None = None) -> str:
    """Install the kernel "Walled Python (warm)" for Jupyter clients, as `KernelSpecManager.install_kernel_spec` does.

    Args:
        prefix: installs under `prefix/share/jupyter/kernels`; `sys.prefix` is for this virtual environment only.
        user: installs for this user; excludes `prefix`. By default it is for everybody on this machine.
        preload: modules to import before the first kernel is forked; `None` for NumPy, matplotlib and Keras.

    Returns:
        the folder of its `kernel.json`, where `preload` and the limits may be changed.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        with as_file(files(__package__) / "kernelspec") as source:
            folder = KernelSpecManager().install_kernel_spec(str(source), KERNEL_NAME, user=user, prefix=prefix)
        if preload is not None:
            path = Path(folder) / "kernel.json"
            spec = json.loads(path.read_text(encoding="utf-8"))
            spec["metadata"]["kernel_provisioner"]["config"]["preload"] = preload
            path.write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The kernelspec could not be written to {error.filename} ({error.strerror}): name another place with --prefix or"
            " --user."
        ) from error
    return folder


def _place() -> str | None:
    """`/tmp` where the usual folder for temporary files has too long a name for sockets below it; else `None`, the usual."""
    longest = os.path.join(tempfile.gettempdir(), _PREFIX + 8 * "x", 12 * "x", f"{_SOCKETS}-{len(_CHANNELS)}")
    return None if len(os.fsencode(longest)) <= _PATH_CAP else "/tmp"
