"""What a student process says counts for the question that was asked, once, as it was sent, whatever else it has running.

The bridge is a stream socket: the kernel copies every frame out of the student's reach before it is parsed, and neither memory nor
a file is shared. So what is left to try is what is tried here: to speak out of turn, twice, in pieces, or not at all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import BadReply, KernelDied, TimedOut
from autograder.feedback import page
from autograder.kernel.warm import remove_tree
from autograder.records import Report, Status

from .conftest import Bench, Desk, soon

BRIDGE = """
import gc, json, os, socket, struct, sys, threading, time
import numpy as np
shell = next(o for o in gc.get_objects() if type(o).__name__ == "StudentShell")
bridge = shell._sock
wire = sys.modules["autograder.kernel.wire"]
def frame(nonce, value):
    text = json.dumps({"nonce": nonce, "reply": {"$": "dict", "v": [["value", value]]}}).encode()
    return struct.pack(">II", len(text), 0) + text
def in_background(target):
    threading.Thread(target=target, daemon=True).start()
"""
STALE = "stale or forged"
DAMAGED = "cannot be read as data"


def answered(one: Desk, name: str, times: int) -> list[object]:
    """What the grader gets of `times` calls: values, or the sentence that the student is told."""
    heard: list[object] = []
    for _ in range(times):
        one.live.budget(20)
        try:
            heard.append(one.student.call(name))
        except (BadReply, KernelDied) as error:
            heard.append(error.text.en)
    return heard


def outcomes(report: Report) -> list[str]:
    return [check.outcome.value for check in report.checks]


# --- out of turn -----------------------------------------------------------------------------------------------------


def test_a_thread_that_answers_with_guessed_nonces_is_told_that_it_forges(tiny: Bench) -> None:
    forger = """
asked = threading.Event()
def forge():
    asked.wait()
    while True:
        bridge.sendall(frame(os.urandom(8).hex(), 4.0))
in_background(forge)
def mse(a, b):
    asked.set()
    time.sleep(1)
    return 0.0
"""
    report = tiny.grade({"mse": BRIDGE + forger})
    assert outcomes(report) == ["failed", "failed", "passed"]
    assert (report.status, report.faults) == (Status.GRADED, ())
    for check in report.checks[:2]:
        assert STALE in check.message.en
        assert "antigua o falsificada" in check.message.es
    assert "antigua o falsificada" in page(report, "es")


def test_a_cell_whose_threads_speak_for_the_next_one_is_left_out_and_told_so(tiny: Bench) -> None:
    forger = "def forge():\n    while True:\n        bridge.sendall(frame('0' * 16, 4.0))\nforge()"
    report = tiny.grade(extra=BRIDGE + forger)
    assert report.cells[-1].problem is not None
    assert STALE in report.cells[-1].problem.en
    assert outcomes(report) == ["passed", "passed", "passed"]


def test_the_nonce_of_one_question_does_not_answer_the_next(desk: Callable[..., Desk]) -> None:
    observer = """
seen = []
receive = wire.receive
def listening(*arguments):
    request, arrays = receive(*arguments)
    seen.append(request["nonce"])
    return request, arrays
wire.receive = listening
def again():
    if len(seen) > 1:
        bridge.sendall(frame(seen[-2], 42))
    return 1
"""
    one = desk(BRIDGE + observer)
    heard = answered(one, "again", 4)
    assert heard[0] == 1
    assert STALE in str(heard[1])
    assert 42 not in heard


def test_an_answer_sent_ahead_from_a_thread_is_an_answer_and_the_real_one_is_left_over(
    desk: Callable[..., Desk],
) -> None:
    ahead = """
def early():
    nonce = sys._getframe(0)
    for step in range(30):
        if "nonce" in nonce.f_locals and nonce.f_code.co_name == "serve":
            break
        nonce = nonce.f_back
    bridge.sendall(frame(nonce.f_locals["nonce"], 7))
    time.sleep(0.3)
    return 1
"""
    one = desk(BRIDGE + ahead)
    heard = answered(one, "early", 2)
    # It knows the nonce of its own question, and what it says is its answer; but it answers once.
    assert heard[0] == 7
    assert STALE in str(heard[1])


def test_a_copy_of_the_process_answers_nothing_a_second_time(desk: Callable[..., Desk]) -> None:
    one = desk(BRIDGE + "def twins():\n    if os.fork() == 0:\n        time.sleep(0.3)\n    return 1")
    assert one.student.call("twins") == 1
    time.sleep(0.8)
    assert STALE in str(answered(one, "twins", 1)[0])
    assert answered(one, "twins", 1) == [1]


def test_a_file_left_in_the_work_folder_is_nobodys_answer(desk: Callable[..., Desk]) -> None:
    left = """
for name in ("reply", "a0.npy", "reply.json", "result.json", "report.json"):
    open(name, "w").write(json.dumps({"value": 42}))
    os.symlink("/etc/shadow", name + ".link")
def f():
    return 1
"""
    assert answered(desk(BRIDGE + left), "f", 2) == [1, 1]


# --- two at once -----------------------------------------------------------------------------------------------------


def test_two_writers_on_one_bridge_spoil_their_own_answer_and_nothing_else(tiny: Bench) -> None:
    scribbler = """
asked = threading.Event()
def scribble():
    asked.wait()
    while True:
        bridge.send(b"\\xff" * 3)
in_background(scribble)
def mse(a, b):
    asked.set()
    time.sleep(1)
    return np.zeros(100_000)
"""
    report = tiny.grade({"mse": BRIDGE + scribbler})
    assert outcomes(report) == ["failed", "failed", "passed"]
    assert (report.status, report.faults) == (Status.GRADED, ())
    assert all(DAMAGED in check.message.en for check in report.checks[:2])
    assert tiny.grade().score == 10.0


def test_an_array_that_is_changed_after_it_was_sent_stays_as_it_was_read(desk: Callable[..., Desk]) -> None:
    changing = """
kept = np.zeros(200_000)
def change():
    while True:
        kept[:] += 1
def f():
    in_background(change)
    return kept
"""
    got = desk(BRIDGE + changing).student.call("f")
    before = got.copy()
    time.sleep(0.3)
    assert np.array_equal(got, before)


# --- not at all ------------------------------------------------------------------------------------------------------


def test_a_byte_out_of_band_does_not_stop_the_clock(desk: Callable[..., Desk]) -> None:
    one = desk(BRIDGE + "def f():\n    bridge.send(b'x', socket.MSG_OOB)\n    time.sleep(999)")
    one.live.budget(1)
    started = time.monotonic()
    with pytest.raises((TimedOut, BadReply)):
        one.student.call("f")
    assert time.monotonic() - started < 20


def test_half_a_frame_does_not_stop_the_clock(desk: Callable[..., Desk]) -> None:
    one = desk(BRIDGE + "def f():\n    bridge.send(frame('0', 1)[:20])\n    time.sleep(999)")
    one.live.budget(1)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        one.student.call("f")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "hang_up",
    ["bridge.shutdown(socket.SHUT_RDWR)", "os.dup2(os.open('/dev/null', os.O_RDWR), bridge.fileno())"],
    ids=["shut down", "replaced"],
)
def test_a_process_that_hangs_up_and_lives_on_is_ended_and_told_so(hang_up: str, tiny: Bench) -> None:
    report = tiny.grade({"mse": BRIDGE + f"def mse(a, b):\n    {hang_up}\n    time.sleep(999)"})
    assert outcomes(report) == ["failed", "failed", "passed"]
    assert "closed its connection to the grader" in report.checks[0].message.en
    assert (report.status, report.faults) == (Status.GRADED, ())


def test_descriptors_sent_along_with_an_answer_are_not_taken(desk: Callable[..., Desk]) -> None:
    sender = """
def f():
    send = wire.send
    def with_files(sock, header, arrays=None):
        wire.send = send
        text = json.dumps(header).encode()
        socket.send_fds(sock, [struct.pack(">II", len(text), 0) + text], [os.open("/dev/null", os.O_RDONLY)] * 50)
    wire.send = with_files
    return 1
"""
    one = desk(BRIDGE + sender)
    before = set(os.listdir("/proc/self/fd"))
    assert one.student.call("f") == 1
    assert set(os.listdir("/proc/self/fd")) == before


# --- what is left behind ---------------------------------------------------------------------------------------------

LEAVINGS = {
    "deep": "for _ in range(3000):\n    os.mkdir('a'); os.chdir('a')",
    "links": "os.symlink('/var/tmp', 'out'); os.mkdir('d'); os.symlink('..', 'd/up'); os.mkfifo('d/pipe')",
}


@pytest.mark.parametrize("left", LEAVINGS.items(), ids=lambda item: item[0])
def test_whatever_is_left_in_the_work_folder_is_deleted_and_costs_nobody_a_report(
    left: tuple[str, str], tiny: Bench
) -> None:
    scratch = Path(tiny.engine._scratch.path)
    before = set(os.listdir(scratch))
    report = tiny.grade(extra=f"import os\n{left[1]}\nprint('left')")
    assert outcomes(report) == ["passed", "passed", "passed"]
    assert (report.status, report.faults) == (Status.GRADED, ())
    assert [output.data for output in report.cells[-1].outputs] == ["left\n"]
    assert soon(lambda: set(os.listdir(scratch)) == before)
    assert os.path.isdir("/var/tmp")


def test_deleting_follows_no_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "marks").write_text("10")
    work = tmp_path / "work"
    (work / "inner").mkdir(parents=True)
    (work / "out").symlink_to(kept)
    (work / "inner" / "out").symlink_to(kept)
    os.link(kept / "marks", work / "inner" / "same")
    remove_tree(str(work))
    assert not work.exists()
    assert (kept / "marks").read_text() == "10"
    remove_tree(str(work))  # gone already
    (tmp_path / "link").symlink_to(kept)
    remove_tree(str(tmp_path / "link"))
    assert (kept / "marks").exists()


def test_deleting_opens_what_an_ordinary_user_has_closed() -> None:
    program = """
import os, tempfile
from autograder.kernel.warm import remove_tree
folder = tempfile.mkdtemp(dir="/var/tmp")
os.makedirs(folder + "/a/b")
open(folder + "/a/b/c", "w").write("x")
for path in ("/a/b/c", "/a/b", "/a", ""):
    os.chmod(folder + path, 0)
remove_tree(folder)
print(os.geteuid() != 0, os.path.exists(folder))
"""
    degraded = [sys.executable, str(Path(__file__).with_name("degraded.py")), "user", "--", sys.executable]
    done = subprocess.run([*degraded, "-c", program], capture_output=True, text=True, timeout=60, cwd="/")
    assert done.stdout.split() == ["True", "False"], done.stderr
