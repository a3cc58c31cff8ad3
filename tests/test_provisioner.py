"""Warm walled kernels, as Jupyter's own clients meet them."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.errors import EngineError, UsageError, WallError
from autograder.kernel import provisioner
from autograder.kernel.provisioner import KERNEL_NAME, install_kernelspec

Change = Callable[..., None]


@pytest.fixture(scope="module", autouse=True)
def _one_client() -> Iterator[None]:
    """All tests here share their warm parent, as the kernels of one client do."""
    yield
    provisioner._shared.close()


@pytest.fixture(autouse=True)
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Installs the kernelspec; called with settings, changes its `config`."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    path = Path(install_kernelspec(str(tmp_path))) / "kernel.json"

    def change(env: dict[str, str] | None = None, **settings: Any) -> None:
        spec = json.loads(path.read_text())
        # No Keras: its import takes longer than all tests here.
        spec["metadata"]["kernel_provisioner"]["config"] |= {"preload": ["numpy", "matplotlib.pyplot"], **settings}
        spec["env"] = env or {}
        path.write_text(json.dumps(spec))

    change()
    return change


def executed(*sources: str, **options: Any) -> NotebookNode:
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name=KERNEL_NAME, **{"timeout": 60, **options}).execute()
    return notebook


def shown(notebook: NotebookNode) -> list[str]:
    """Each cell's text, streams and values joined."""
    return [
        "".join(
            output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
    ]


@contextmanager
def kernel() -> Iterator[tuple[KernelManager, Callable[..., str]]]:
    """A kernel and a function that runs code in it and returns what it printed; `restarted` says that it is a new one."""
    manager = KernelManager(kernel_name=KERNEL_NAME)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()

    def run(code: str, *, restarted: bool = False) -> str:
        printed: list[str] = []
        if restarted:
            # What the old kernel said last must not pass for a sign of the new one, whose sockets are still being joined.
            with suppress(queue.Empty):
                while True:
                    client.get_iopub_msg(timeout=0)
            client.wait_for_ready(timeout=30)

        def hook(message: dict[str, Any]) -> None:
            printed.append(message["content"].get("text") or message["content"].get("evalue") or "")

        client.execute_interactive(code, timeout=30, output_hook=hook)
        return "".join(printed).strip()

    try:
        client.wait_for_ready(timeout=30)
        yield manager, run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def live(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def warm_parents() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "autograder.kernel.jupyter" in child.cmdline()]


def test_a_notebook_runs_as_in_any_kernel() -> None:
    notebook = executed(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "!echo out; echo err >&2; exit 3",
        "_exit_code",
        "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
        "listed = !echo a b\nlisted",
        # What workers print comes over a socket of its own.
        "import multiprocessing\nprocess = multiprocessing.Process(target=print, args=('from a worker',), kwargs={'flush': True})\n"
        "process.start(); process.join()\nawait asyncio.sleep(1)",
        "1 / 0",
        "input()",
        "'still here'",
        allow_errors=True,
    )
    plot, *_ = notebook.cells
    assert "image/png" in plot.outputs[0].data
    texts = shown(notebook)
    assert texts[1:6] == ["out\nerr\n", "3", "'awaited'", "['a b']", "from a worker\n"]
    assert notebook.cells[6].outputs[0].ename == "ZeroDivisionError"
    assert notebook.cells[7].outputs[0].ename == "StdinNotImplementedError"
    assert texts[8] == "'still here'"


def test_a_cell_that_outruns_its_clock_is_interrupted_and_the_kernel_goes_on() -> None:
    notebook = executed(
        "while True: pass", "!sleep 60", "'alive'", timeout=1, interrupt_on_timeout=True, allow_errors=True
    )
    assert [cell.outputs[-1].get("ename") for cell in notebook.cells[:2]] == ["KeyboardInterrupt"] * 2
    assert shown(notebook)[2] == "'alive'"
    with pytest.raises(CellTimeoutError):
        executed("while True: pass", timeout=1)


def test_a_kernel_that_leaves_is_reported_dead() -> None:
    with pytest.raises(DeadKernelError):
        executed("import os; os._exit(3)")


def test_a_kernel_beyond_its_memory_is_ended_and_the_log_says_why(
    configure: Change, caplog: pytest.LogCaptureFixture
) -> None:
    configure(memory=200 << 20)
    with caplog.at_level(logging.WARNING), pytest.raises(DeadKernelError):
        # Shared memory, since an ordinary allocation meets its own limit first and ends in a MemoryError.
        executed(
            "import mmap, time\nkept = mmap.mmap(-1, 400 << 20)\nfor _ in range(400): kept.write(bytes(1 << 20))\ntime.sleep(30)"
        )
    assert "used more memory than allowed: " in caplog.text
    assert "200 MiB are allowed" in caplog.text


def test_the_walls_hold(configure: Change, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_SECRET", "hunter2")
    (tmp_path / "notes.txt").write_text("not theirs")
    configure(env={"COURSE_DATA": "/data"})
    # Which error it is depends on whether the minimal root hides these, or Landlock forbids them.
    attempts = [
        "open('/etc/shadow')",
        "import socket; socket.socket(socket.AF_INET)",
        f"open({str(tmp_path / 'notes.txt')!r})",
        f"open({__file__!r})",
        f"import os; os.kill({os.getpid()}, 0)",
    ]
    notebook = executed(
        *attempts,
        "os.environ.get('COURSE_SECRET'), os.environ['COURSE_DATA'], os.getcwd() == os.environ['HOME']",
        allow_errors=True,
    )
    for cell in notebook.cells[: len(attempts)]:
        assert cell.outputs[0].ename in ("PermissionError", "FileNotFoundError", "ProcessLookupError"), cell.source
    assert shown(notebook)[5] == "(None, '/data', True)"


def test_what_the_kernelspec_names_can_be_read(configure: Change, tmp_path: Path) -> None:
    data = Path(tempfile.mkdtemp(prefix="autograder-test-", dir="/var/tmp"))
    try:
        data.chmod(0o755)
        (data / "points.txt").write_text("1 2")
        configure(read=[str(data)])
        assert shown(executed(f"print(open({str(data / 'points.txt')!r}).read())")) == ["1 2\n"]
    finally:
        (data / "points.txt").unlink()
        data.rmdir()


def test_a_wall_that_cannot_be_raised_starts_no_kernel(configure: Change, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    configure(read=[str(closed)])
    with pytest.raises(WallError, match=r"'read' could not be raised \(student code needs .*closed"):
        executed("1")
    assert os.listdir(provisioner._shared.folder()) == []


def test_without_walls_a_kernel_runs_and_the_log_is_loud(configure: Change, caplog: pytest.LogCaptureFixture) -> None:
    configure(sandbox=False)
    with caplog.at_level(logging.WARNING):
        assert shown(executed("print(1)")) == ["1\n"]
    assert "WITHOUT walls" in caplog.text


def test_two_kernels_of_one_parent_know_nothing_of_each_other() -> None:
    with kernel() as (first, run_first), kernel() as (second, run_second):
        assert len(warm_parents()) == 1
        assert run_first("x = 1; print(x)") == "1"
        assert run_second("print(x)") == "name 'x' is not defined"
        assert run_second(
            f"import os; os.listdir({os.path.dirname(first.provisioner.connection_info['ip'])!r})"
        ).startswith("[Errno")
        assert first.provisioner.connection_info["ip"] != second.provisioner.connection_info["ip"]
        first.interrupt_kernel()
        assert run_second("print('calm')") == "calm"
        assert run_first("print(x)") == "1"


def test_a_restart_is_a_fresh_fork_under_the_same_connection() -> None:
    with kernel() as (manager, run):
        run("x = 1; open('kept.txt', 'w').close()")
        before, pid = manager.get_connection_info(), manager.provisioner._control.pid
        manager.restart_kernel()
        assert not live(pid)
        assert manager.get_connection_info() == before
        assert run("print('x' in globals(), __import__('os').path.exists('kept.txt'))", restarted=True) == "False False"
        manager.signal_kernel(signal.SIGKILL)
        manager.restart_kernel(now=True)
        assert run("print(1)", restarted=True) == "1"


@pytest.mark.parametrize("now", [False, True])
def test_a_shutdown_leaves_no_process_and_no_folder(now: bool) -> None:
    with kernel() as (manager, run):
        assert run("import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True); print(1)") == "1"
        (parent,) = warm_parents()
        below = parent.children(recursive=True)
        assert any(process.name() == "sleep" for process in below)
        work = Path(manager.provisioner.connection_info["ip"]).parent
        assert work.is_dir()
        manager.shutdown_kernel(now=now)
        assert not work.exists()
        assert not any(live(process.pid) for process in below)
        assert not manager.has_kernel
        assert not manager.is_alive()


async def _ends(managed: Any, signum: int) -> int | None:
    await managed.send_signal(signum)
    return await managed.wait()  # type: ignore[no-any-return]


def test_signals_and_records_follow_the_base_class() -> None:
    from asyncio import run as wait_for

    with kernel() as (manager, _):
        managed = manager.provisioner
        info = wait_for(managed.get_provisioner_info())
        assert live(info["pid"])
        assert info["connection_info"]["transport"] == "ipc"
        assert {"landlock", "seccomp"} <= set(info["walls"])
        assert wait_for(managed.poll()) is None
        wait_for(managed.send_signal(0))
        with pytest.raises(ValueError, match="not signal 10"):
            wait_for(managed.send_signal(signal.SIGUSR1))
        assert wait_for(managed.poll()) is None
        assert wait_for(_ends(managed, signal.SIGTERM)) == -signal.SIGKILL
        assert not managed.has_process
        assert wait_for(managed.poll()) == -signal.SIGKILL


def test_a_warm_parent_that_died_is_replaced() -> None:
    assert shown(executed("print(1)")) == ["1\n"]
    (old,) = warm_parents()
    old.kill()
    old.wait(5)
    assert shown(executed("print(2)")) == ["2\n"]
    (new,) = warm_parents()
    assert new.pid != old.pid


def test_a_module_that_cannot_be_imported_is_named(configure: Change) -> None:
    configure(preload=["no_such_module"])
    with pytest.raises(EngineError, match="cannot import no_such_module"):
        executed("1")


def test_a_misspelt_setting_is_refused(configure: Change) -> None:
    configure(memmory=1)
    with pytest.raises(ValueError, match="no setting 'memmory'; did you mean 'memory'"):
        executed("1")


def test_sockets_go_where_their_names_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + 60 * "x")
    assert provisioner._place() is None
    monkeypatch.setattr(tempfile, "tempdir", "/tmp/" + 70 * "x")
    assert provisioner._place() == "/tmp"


def test_the_command_installs_a_kernel_that_any_client_starts(tmp_path: Path) -> None:
    prefix = tmp_path / "given"
    options = ["kernel", "install", "--prefix", str(prefix), "--preload", "numpy"]
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *options], capture_output=True, text=True, check=True
    )
    spec = prefix / "share" / "jupyter" / "kernels" / KERNEL_NAME / "kernel.json"
    assert str(spec) in done.stdout
    assert json.loads(spec.read_text())["metadata"]["kernel_provisioner"]["config"]["preload"] == ["numpy"]
    notebook = new_notebook(
        cells=[new_code_cell("import socket, numpy\nprint(numpy.arange(3).sum())\nsocket.socket()")]
    )
    nbformat.write(notebook, path := tmp_path / "some.ipynb")
    # Jupyter's own program around nbclient, in a process of its own, as whoever installs the kernel uses it.
    program = Path(sys.executable).parent / "jupyter-execute"
    client = [program, "--allow-errors", "--inplace", f"--kernel_name={KERNEL_NAME}", path]
    environment = {**os.environ, "JUPYTER_PATH": str(prefix / "share" / "jupyter")}
    subprocess.run(client, env=environment, capture_output=True, text=True, check=True, timeout=120)
    outputs = nbformat.read(path, 4).cells[0].outputs
    assert outputs[0].text == "3\n"
    assert outputs[1].ename == "PermissionError"


def test_a_kernelspec_that_cannot_be_put_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="name another place with --prefix or --user"):
        install_kernelspec(str(tmp_path / "file"))
    command = [sys.executable, "-m", "autograder.cli", "kernel", "install", "--user", "--prefix", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "give one of them" in done.stderr) == (2, True)
