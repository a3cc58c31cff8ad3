"""Errors that a healthy machine never shows: what stands behind each wall and each promise is reached all the same.

Where only a broken kernel would show one, the function that asks the kernel is replaced; what is tested is what is said of it.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import BadReply, EngineError
from autograder.sandbox import Plan, landlock, libraries, privileges, probes, root, run_walled, supervisor, system
from autograder.sandbox.raising import Unraised, Walls, _landlock, raise_walls
from autograder.scratch import Scratch

sys.path.insert(0, os.path.dirname(__file__))
from sandbox_inside import inside, work_folder


@pytest.fixture
def plan() -> Plan:
    return Plan(work=work_folder(), read=libraries())


def as_root(program: str) -> str:
    """What a program prints that is root in a user namespace of its own, where that is the only user."""
    done = subprocess.run(
        ["unshare", "-r", sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


TOLD = """
from autograder.sandbox import plan, privileges, system
try:
    {act}
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("plan.spare_uid(1)", "maps no user but root"),
        ("privileges.os.setgroups = lambda groups: None; privileges.become(0)", "the way back to root is open"),
        (
            "real = system.call; system.call = lambda name, *rest: name == 'capset' or real(name, *rest)\n"
            "    system.drop_capabilities()",
            "the kernel kept some capabilities",
        ),
    ],
)
def test_what_only_root_can_meet_is_told(act: str, words: str) -> None:
    assert words in as_root(TOLD.format(act=act))


def test_the_walls_are_not_for_every_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "MACHINE", "riscv64")
    with pytest.raises(OSError, match="this machine is riscv64"):
        system.number("mount")


def test_student_code_never_runs_as_root_nor_without_a_work_folder(plan: Plan) -> None:
    if os.geteuid() == 0:
        told = inside(lambda: "ran", uid=0)
        assert (told.events[0]["wall"], told.events[0]["why"]) == ("uid", "the plan says root")
    gone = inside(lambda: "ran", work=plan.work + "-gone")
    assert gone.events[0]["wall"] == "uid"
    assert "No such file" in gone.events[0]["why"]


def test_a_filter_is_not_raised_beside_other_threads(plan: Plan) -> None:
    over = threading.Event()
    beside = threading.Thread(target=over.wait)
    beside.start()
    try:
        with pytest.raises(Unraised, match="threads run already"):
            raise_walls(plan, Walls.of(plan), uid=os.getuid(), variables={})
    finally:
        over.set()
        beside.join()


def test_an_old_landlock_is_no_wall_where_no_minimal_root_stands(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 2)
    with pytest.raises(OSError, match="cannot forbid truncating"):
        _landlock(plan, Walls.of(plan))


def test_nothing_is_left_when_a_wall_falls_and_nobody_listens(plan: Plan, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        run_walled(Plan(work=plan.work, read=(*libraries(), str(closed))), (), theirs.fileno(), signal.pause)
    theirs.close()
    ours.close()
    assert os.WIFEXITED(os.waitpid(pid, 0)[1])


# --- the doctor's own eyes -------------------------------------------------------------------------------------------


def test_a_probe_tells_a_wall_that_does_not_stop_from_one_that_fails_otherwise() -> None:
    with pytest.raises(OSError, match="went through"):
        probes._refused(lambda: None, errno.EPERM)
    with pytest.raises(FileNotFoundError):
        probes._refused(lambda: os.open("/no/such/file", os.O_RDONLY), errno.EPERM)


def nothing(*args: Any, **kwargs: Any) -> None:
    """A wall that says it stands and does not."""


@pytest.mark.parametrize(
    ("where", "walls", "words"),
    [
        (privileges, {"surround": nothing}, "the old environment is still readable"),
        (privileges, {"limit": nothing}, "the limit on files was not taken"),
        (root, {"build": nothing}, "is still there"),
        (system, {"unshare": nothing}, "other network interfaces are still there"),
    ],
)
def test_a_probe_is_not_taken_in_by_a_wall_that_does_not_stand(
    where: Any, walls: dict[str, Callable[..., None]], words: str, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = {"surround": "environment", "limit": "rlimits", "build": "minimal_root", "unshare": "net_namespace"}
    for name, wall in walls.items():
        monkeypatch.setattr(where, name, wall)
    monkeypatch.setattr(privileges, "user_namespace", nothing)
    monkeypatch.setattr(probes, "_mounts", nothing)
    monkeypatch.setattr(socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0")])
    with pytest.raises(OSError, match=words):
        probes._ATTEMPTS[attempts[name]](plan)


# --- a process that is lost ------------------------------------------------------------------------------------------


def test_a_lost_supervisor_is_our_fault(desk: Callable[..., Any]) -> None:
    live = desk("x = 1").live
    pid = live._session._control.pid
    supervisor = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(supervisor, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)
    with pytest.raises(EngineError, match="supervisor of a student process was lost"):
        live.ask("reseed", seed=1)


def test_work_folders_without_a_place_are_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(EngineError, match=r"no place for work folders .*TMPDIR"):
        Scratch()


def test_a_fault_of_the_supervisor_ends_what_it_watched() -> None:
    def broken(*_: Any) -> int:
        raise RuntimeError("a fault of ours")

    told = inside(time.sleep, seconds=20, before=lambda: setattr(supervisor, "_watch", broken))
    assert told.event("wall_error")["why"] == "RuntimeError: a fault of ours"


# --- models that are not what they say, or too much ------------------------------------------------------------------

ODD = """
import keras, numpy as np, sys, types
from keras import layers

def right():
    return keras.Sequential([keras.Input((2,)), layers.Dense(3, "tanh"), layers.Dense(1, "sigmoid")])
def described_as_a_list():
    sys.modules["autograder.kernel.shell"].json = types.SimpleNamespace(dumps=lambda *_, **__: "[]")
    return right()
def compiled_with_a_maze():
    metrics = "accuracy"
    for _ in range(480):
        metrics = [metrics]
    model = right()
    model.compile("sgd", "mse")
    model.get_compile_config = lambda: {"optimizer": "sgd", "loss": "mse", "metrics": metrics}
    return model
def honest_once():
    told, asked = right(), []
    class Turning(keras.Sequential):
        def __call__(self, x, **kwargs):
            asked.append(x)
            return told(x) * (len(asked) == 1)
    Turning.__module__, Turning.__name__ = "keras", "Sequential"
    model = Turning()
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def two_outputs():
    a = keras.Input((2,))
    return keras.Model(a, [layers.Dense(1)(a), layers.Dense(2)(a)])
def endless_answers():
    return keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.RepeatVector(200_000)])
"""


@pytest.mark.parametrize(
    ("name", "read", "words"),
    [
        ("described_as_a_list", lambda model: model.network, "model cannot be read"),
        ("compiled_with_a_maze", lambda model: model.compiled, "compile settings cannot be read"),
        ("honest_once", lambda model: model.network and model.predict(np.ones((3, 2))), "does not compute"),
        ("two_outputs", lambda model: model.predict(np.ones((3, 2))), "inputs of the shape"),
        ("endless_answers", lambda model: model.network, "or is too large"),
    ],
)
def test_a_model_that_cannot_be_judged_is_the_students_fault(
    name: str, read: Callable[[Any], Any], words: str, tiny_keras: Any, desk: Callable[..., Any]
) -> None:
    student = desk(ODD, bench=tiny_keras, reply=1 << 20).student
    with pytest.raises(BadReply, match=words):
        read(student.model(name))


def test_a_lost_twin_is_our_fault(tiny_keras: Any, desk: Callable[..., Any]) -> None:
    opened = desk(ODD, bench=tiny_keras)
    model = opened.student.model("right")
    assert len(model.network) == 2
    os.kill(opened.twins._session._control.pid, signal.SIGKILL)
    with pytest.raises(EngineError, match="rebuilding process failed"):
        model.predict(np.ones((3, 2)))


def test_a_stream_takes_text_alone_as_pythons_own_does(desk: Callable[..., Any]) -> None:
    [run] = desk("import sys\nsys.stdout.write(3)").runs
    assert run.problem is not None
    assert "TypeError" in run.problem.en
