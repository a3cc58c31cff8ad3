"""What the supervisor stops from outside, and how everything ends."""

from __future__ import annotations

import json
import mmap
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.sandbox.watch import tree_size

sys.path.insert(0, os.path.dirname(__file__))
from sandbox_inside import MB, inside, kernel_without, outcome, work_folder


def command(what):
    return lambda control, event: control.sendall(json.dumps({"do": what}).encode() + b"\n")


def after(seconds, act):
    def wait(control, event):
        time.sleep(seconds)
        act(control, event)

    return wait


def marked(mark):
    """Host processes whose command line holds `mark`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes() and int(pid) != os.getpid():
                found.append(int(pid))
        except OSError:
            continue
    return found


# --- memory


def hog(size):
    def body():
        kept = []
        while True:
            kept.append(np.ones(size // 8))

    return body


def test_a_hundred_gigabytes_raise_memory_error_and_the_code_goes_on():
    def body():
        try:
            first = np.ones(100 * 2**30 // 8).shape
        except MemoryError:
            first = "MemoryError"
        return first, float(np.ones(10).sum())

    result = inside(body, memory=512 * MB)
    assert result.value == ["MemoryError", 10.0]
    assert result.event("killed") == {}


def test_memory_taken_piece_by_piece_ends_in_memory_error_or_a_kill_that_says_so():
    result = inside(hog(16 * MB), memory=256 * MB)
    assert result.event("killed").get("why") == "memory" or "MemoryError" in result.text


def test_memory_shared_by_several_processes_is_charged_once_and_is_charged():
    def body(size):
        shared = mmap.mmap(-1, size)
        shared.write(b"x" * size)
        for _ in range(3):
            if os.fork() == 0:
                shared[::4096]  # touches every page, where a whole copy would be memory of its own
                time.sleep(60)
        time.sleep(1)
        return "alive"

    assert inside(lambda: body(150 * MB), memory=600 * MB).value == "alive"
    assert inside(lambda: body(500 * MB), memory=400 * MB).event("killed")["why"] == "memory"


def test_memory_of_the_warm_parent_is_not_charged():
    ballast = np.ones(600 * MB // 8)
    result = inside(lambda: (time.sleep(0.5), float(ballast[-1]))[1], memory=200 * MB)
    assert result.value == 1.0
    assert result.event("exit")["peak"] < 100 * MB


def test_memory_hidden_in_many_processes_is_found():
    def body():
        for _ in range(8):
            if os.fork() == 0:
                kept = np.ones(80 * MB // 8)
                time.sleep(60)
                kept.sum()
        time.sleep(60)

    assert inside(body, memory=400 * MB).event("killed")["why"] == "memory"


# --- processes


def test_a_fork_bomb_is_stopped_and_the_machine_is_fine():
    def body():
        while True:
            try:
                os.fork()
            except OSError:
                continue

    began = time.monotonic()
    result = inside(body, processes=60)
    assert result.event("killed")["why"] == "processes"
    assert time.monotonic() - began < 20
    assert subprocess.run(["true"]).returncode == 0


def test_too_many_threads_are_stopped():
    def body():
        import threading

        for _ in range(80):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        time.sleep(60)

    result = inside(body, processes=60)
    assert result.event("killed")["why"] == "processes"


@pytest.mark.parametrize("namespaces", [True, False])
def test_daemons_are_gone_when_the_end_is_reported(namespaces):
    mark = f"31{os.getpid()}.5"

    def body():
        for _ in range(2):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                    os.execv("/bin/sleep", ["sleep", mark])
                os._exit(0)
        time.sleep(0.3)
        return "left"

    result = inside(body, before=None if namespaces else kernel_without("unshare"), read=("/usr", "/lib", "/lib64"))
    assert result.value == "left"
    assert result.event("exit")["status"] == 0
    assert marked(mark) == []


def test_orphans_are_collected_so_that_they_do_not_fill_the_limit():
    def body():
        for _ in range(300):
            pid = os.fork()
            if pid == 0:
                if os.fork() == 0:
                    os._exit(0)
                os._exit(0)
            os.waitpid(pid, 0)
        return "done"

    assert inside(body, processes=60, seconds=90).value == "done"


# --- disk


def test_one_file_cannot_exceed_its_size():
    assert inside(lambda: outcome(Path("big").write_bytes, bytes(3 * MB)), file_size=2 * MB).value == "EFBIG"


@pytest.mark.parametrize("how", ["files", "deleted", "mapped", "inodes", "deep"])
def test_a_disk_filler_is_stopped(how):
    def body():
        kept = []
        for number in range(200_000):
            name = str(number)
            if how == "inodes":
                os.mkdir(name)
                continue
            if how == "deep":
                os.mkdir("d")
                os.chdir("d")
            with open(name, "w+b") as file:
                file.write(bytes(MB))
                file.flush()
                if how == "mapped":
                    kept.append(mmap.mmap(file.fileno(), MB))
                if how == "deleted":
                    kept.append(os.dup(file.fileno()))
                if how in ("deleted", "mapped"):
                    os.unlink(name)
            time.sleep(0.002)
        time.sleep(60)

    result = inside(body, file_size=2 * MB, disk=100 * MB, seconds=60)
    assert result.event("killed")["why"] == "disk"


def test_the_size_of_a_folder_follows_no_link(tmp_path):
    (tmp_path / "big").write_bytes(bytes(MB))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "big")
    (tmp_path / "here" / "up").symlink_to(tmp_path)
    assert tree_size(str(tmp_path / "here"), 10 * MB) < MB
    assert tree_size(str(tmp_path), 10 * MB) >= MB


# --- clocks and commands


def test_an_endless_loop_is_interrupted_and_the_process_goes_on():
    def body():
        try:
            while True:
                pass
        except KeyboardInterrupt:
            return "interrupted"

    assert inside(body, during=after(0.2, command("interrupt"))).value == "interrupted"


def test_a_process_that_ignores_the_interrupt_is_killed():
    def body():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass

    def both(control, event):
        time.sleep(0.2)
        command("interrupt")(control, event)
        time.sleep(0.2)
        command("kill")(control, event)

    result = inside(body, during=both)
    assert result.event("killed")["why"] == "asked"
    assert result.event("exit")["signal"] == signal.SIGKILL


@pytest.mark.parametrize("namespaces", [True, False])
def test_when_the_trusted_side_hangs_up_everything_ends(namespaces):
    mark = f"32{os.getpid()}.5"

    def body():
        if os.fork() == 0:
            os.setsid()
            os.execv("/bin/sleep", ["sleep", mark])
        time.sleep(60)

    before = None if namespaces else kernel_without("unshare")
    result = inside(
        body,
        before=before,
        during=after(0.3, lambda control, event: control.shutdown(1)),
        read=("/usr", "/lib", "/lib64"),
    )
    assert result.event("killed")["why"] == "control"
    assert marked(mark) == []


def test_when_the_supervisor_itself_is_killed_everything_ends():
    mark = f"33{os.getpid()}.5"

    def body():
        if os.fork() == 0:
            os.setsid()
            os.execv("/bin/sleep", ["sleep", mark])
        time.sleep(60)

    script = f"""
import os, signal, sys, time
sys.path.insert(0, {os.path.dirname(__file__)!r})
from sandbox_inside import inside
def body():
    if os.fork() == 0:
        os.setsid()
        os.execv("/bin/sleep", ["sleep", {mark!r}])
    time.sleep(60)
def during(control, event):
    time.sleep(0.5)
    supervisor = int(open(f"/proc/{{event['pid']}}/stat").read().rpartition(")")[2].split()[1])
    os.kill(supervisor, signal.SIGKILL)
try:
    inside(body, during=during)
except AssertionError:
    print("gone")
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert shown.stdout.strip() == "gone", shown.stderr
    deadline = time.monotonic() + 5
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked(mark) == []


def test_a_command_that_makes_no_sense_is_a_fault_of_ours_and_still_ends_everything():
    result = inside(lambda: time.sleep(60), during=lambda control, event: control.sendall(b"dig\n"))
    assert result.event("killed")["why"] == "supervisor"
    assert result.event("exit")["signal"] == signal.SIGKILL


# --- how a process ends


@pytest.mark.parametrize(
    ("end", "status", "number"),
    [
        (lambda: None, 0, None),
        (lambda: sys.exit(3), 3, None),
        (lambda: os._exit(4), 4, None),
        (lambda: 1 / 0, 1, None),
        (os.abort, None, signal.SIGABRT),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), None, signal.SIGKILL),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), None, signal.SIGTERM),
    ],
)
def test_the_end_of_the_process_is_told_as_it_was(end, status, number):
    told = inside(end).event("exit")
    assert (told["status"], told["signal"]) == (status, number)


def test_an_exception_is_printed_and_does_not_return_into_the_caller():
    assert "ZeroDivisionError" in inside(lambda: 1 / 0).text


def test_the_control_socket_cannot_be_handed_to_student_code():
    script = f"""
import os, socket, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from autograder.sandbox import Plan, run_walled
ours, theirs = socket.socketpair()
if os.fork() == 0:
    run_walled(Plan(work="/tmp/x", read=()), [theirs.fileno()], theirs.fileno(), lambda: None)
print(ours.recv(1000).decode())
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60).stdout
    assert "cannot be the control socket" in shown


# --- what students need


def test_the_libraries_of_the_course_work_inside():
    work = work_folder()
    script = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import keras, matplotlib.pyplot as plt, numpy as np
from sandbox_inside import inside
def body():
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    losses = model.fit(x, x.sum(axis=1), epochs=3, verbose=0).history["loss"]
    model.save("m.keras")
    same = keras.saving.load_model("m.keras").predict(x, verbose=0).shape
    plt.plot(losses)
    plt.title("pérdida")
    plt.savefig("p.png")
    import subprocess, tempfile
    with tempfile.NamedTemporaryFile() as file:
        pass
    echo = subprocess.run(["sh", "-c", "echo $HOME"], capture_output=True, text=True).stdout.strip()
    return losses[0] > losses[-1], same, os.path.getsize("p.png") > 1000, echo
print(inside(body, work={work!r}, seconds=120))
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200)
    assert f"value=[True, [64, 1], True, '{work}']" in shown.stdout, shown.stdout + shown.stderr[-2000:]
