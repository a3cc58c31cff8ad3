"""Places on cards, tried with declared cards: no GPU is needed here, and none is pretended to have computed anything."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from autograder.calibration import Calibration, file_name, render
from autograder.course import Course, Device, Limits
from autograder.devices import CONTEXT, Card, Nvidia, Slot, Slots, class_of
from autograder.doctor import gpu
from autograder.engine import Engine
from autograder.errors import DeviceError
from autograder.fingerprint import Fingerprints
from autograder.records import Outcome, Report, Status
from autograder.sandbox import Plan, environment
from autograder.sight import sees

from .conftest import Bench
from .sandbox_inside import inside, outcome

GIB = 1 << 30
SHARE = 2 * GIB
NODE = "/dev/tty"
"""A device node that every machine has and no submission gets; it stands in for that of a card."""


@dataclass
class Declared:
    """Cards by declaration; what is free on each may be changed."""

    found: list[Card] = field(default_factory=list)

    def cards(self) -> Sequence[Card]:
        return tuple(self.found)


def card(name: str, gib: float, free: float | None = None) -> Card:
    size, left = (int(part * GIB) for part in (gib, gib if free is None else free))
    return Card(f"GPU-{name}", f"Card {name}", size, left, (NODE,))


# --- placing ---------------------------------------------------------------------------------------------------------


def test_slots_go_where_most_memory_is_free_and_share_a_card_until_it_is_full() -> None:
    slots = Slots(Declared([card("a", 8), card("b", 16, free=12)]))
    with ExitStack() as held:
        placed = [held.enter_context(slots.claim(SHARE)).card.name for _ in range(6)]
    # Each takes 2 GiB and what CUDA needs: of the 12 GiB of b four fit, of the 8 GiB of a three.
    assert placed == ["Card b", "Card b", "Card a", "Card b", "Card a", "Card b"]


def test_a_slot_names_its_card_its_share_and_nothing_else() -> None:
    slot = Slot(card("a", 8), SHARE)
    plan = Plan.within(Limits(), "/w", (), **slot.place)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert (plan.devices, plan.device_memory) == ((NODE,), SHARE)
    variables = environment(plan)
    assert variables["CUDA_VISIBLE_DEVICES"] == "GPU-a"
    assert variables["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.2500"
    assert variables["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert variables["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_without_a_slot_no_card_is_visible_whatever_the_surroundings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    variables = environment(Plan(work="/w", read=()))
    assert (variables["CUDA_VISIBLE_DEVICES"], variables["JAX_PLATFORMS"]) == ("-1", "cpu")


def waiting(slots: Slots, taken: list[str], name: str, **options: Any) -> threading.Thread:
    """A thread that waits for a slot, notes its name when it has one, and gives it back."""

    def take() -> None:
        with suppress(DeviceError), slots.claim(options.pop("memory", SHARE), **options):
            taken.append(name)

    thread = threading.Thread(target=take)
    thread.start()
    time.sleep(0.1)
    return thread


def test_who_finds_no_room_waits_in_line_and_no_small_one_passes_a_large_one() -> None:
    slots, taken = Slots(Declared([card("a", 8)])), []
    with ExitStack() as held:
        held.enter_context(slots.claim(SHARE))
        threads = [waiting(slots, taken, "large", memory=6 * GIB), waiting(slots, taken, "small")]
        assert taken == []
    for thread in threads:
        thread.join(10)
    assert taken == ["large", "small"]


def test_alone_means_a_card_without_neighbours_and_neighbours_are_noted() -> None:
    slots, taken = Slots(Declared([card("a", 8)])), []
    with slots.claim(SHARE) as first:
        assert not first.shared
        with slots.claim(SHARE) as second:
            assert (first.shared, second.shared) == (True, True)
        thread = waiting(slots, taken, "alone", alone=True)
        assert taken == []
    thread.join(10)
    assert taken == ["alone"]


def test_what_others_take_of_a_card_is_not_given_away() -> None:
    machine = Declared([card("a", 8)])
    slots, taken = Slots(machine), []
    with slots.claim(SHARE):
        # 2 GiB are reserved and not taken yet, and somebody else comes and takes 6.
        machine.found = [card("a", 8, free=2)]
        thread = waiting(slots, taken, "next")
        assert taken == []
        machine.found = [card("a", 8, free=6)]
        thread.join(10)
    assert taken == ["next"]


def test_no_card_or_none_large_enough_is_said_and_nobody_waits_for_it() -> None:
    for cards, words in (([], "needs a GPU, and there is none"), ([card("a", 2)], "largest card .* has 2048 MiB")):
        with pytest.raises(DeviceError, match=words), Slots(Declared(cards)).claim(SHARE):
            pass


def test_closing_sends_home_whoever_waits() -> None:
    slots = Slots(Declared([card("a", 3)]))
    with slots.claim(SHARE):
        thread = waiting(slots, [], "never")
        slots.close()
        thread.join(10)
        assert not thread.is_alive()


# --- what the driver tells -------------------------------------------------------------------------------------------


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Nvidia]:
    """A machine with two cards as the driver's files and `nvidia-smi` describe them; the second's node is number 3."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    proc, dev = tmp_path / "proc", tmp_path / "dev"
    dev.mkdir()
    for name in ("nvidia0", "nvidia3", "nvidiactl", "nvidia-uvm"):
        (dev / name).touch()
    for bus, minor in (("0000:01:00.0", 0), ("0000:41:00.0", 3)):
        (proc / "gpus" / bus).mkdir(parents=True)
        (proc / "gpus" / bus / "information").write_text(
            f"Model: \t\t NVIDIA A100\nGPU UUID: \t GPU-{minor}a\nBus Location: \t {bus}\nDevice Minor: \t {minor}\n"
        )
    (proc / "version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
    )

    def make(*lines: str) -> Nvidia:
        smi = tmp_path / "nvidia-smi"
        smi.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
        smi.chmod(0o755)
        return Nvidia(proc, dev, str(smi))

    return make


TWO = ("GPU-0a, NVIDIA A100, 40960, 40000, Disabled", "GPU-3a, NVIDIA A100, 40960, 512, [N/A]")


def test_cards_are_read_with_memory_and_the_nodes_of_their_own(machine: Callable[..., Nvidia]) -> None:
    found = machine(*TWO)
    first, second = found.cards()
    assert found.driver == "550.54.15"
    assert (first.uuid, first.memory, first.free) == ("GPU-0a", 40960 << 20, 40000 << 20)
    assert [Path(node).name for node in second.nodes] == ["nvidia3", "nvidiactl", "nvidia-uvm"]


def test_divided_unknown_and_hidden_cards_are_left_out(
    machine: Callable[..., Nvidia], monkeypatch: pytest.MonkeyPatch
) -> None:
    divided = "GPU-0a, NVIDIA A100, 40960, 40000, Enabled"
    unknown = "GPU-9a, NVIDIA A100, 40960, 40000, Disabled"
    silent = "GPU-3a, NVIDIA A100, [N/A], [N/A], Disabled"
    assert machine(divided, unknown, silent, "No devices were found").cards() == ()
    for said, left in (("1", ["GPU-3a"]), ("GPU-0", ["GPU-0a"]), ("0,1", ["GPU-0a", "GPU-3a"]), ("-1,0", []), ("", [])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
        assert [one.uuid for one in machine(*TWO).cards()] == left
    assert replace(machine(*TWO), smi="/nowhere/nvidia-smi").cards() == ()


def test_the_doctor_tells_cards_driver_and_memory_or_why_there_are_none(
    machine: Callable[..., Nvidia], tiny_course: Course, tmp_path: Path
) -> None:
    found = gpu(tiny_course.root, machine(*TWO), fast=True)
    assert [one.fine for one in found] == [True, False]
    assert "39.1 of 40.0 GiB free (room for 15 submissions" in found[0].detail.en
    assert "550.54.15" in found[0].detail.es
    [none] = gpu(tiny_course.root, Nvidia(tmp_path / "none", tmp_path), fast=False)
    assert (none.fine, "no NVIDIA driver" in none.detail.en) == (True, True)
    [mute] = gpu(tiny_course.root, replace(machine(*TWO), smi="/nowhere/nvidia-smi"), fast=True)
    assert (mute.fine, "but no /nowhere/nvidia-smi" in mute.detail.en) == (False, True)
    [hidden] = gpu(tiny_course.root, machine("nothing"), fast=True)
    assert (hidden.fine, "no card that may be used" in hidden.detail.en) == (False, True)
    config = tiny_course.root / "course_config.py"
    config.write_text(config.read_text().replace('id="tiny"', 'id="tiny", device="gpu"'))
    [wanted] = gpu(tiny_course.root, Nvidia(tmp_path / "none", tmp_path), fast=True)
    assert (wanted.fine, wanted.needed) == (False, False)
    assert "A GPU is wanted by 90_tiny" in wanted.detail.en


@pytest.mark.timeout(200)
def test_the_doctor_asks_each_backend_behind_the_walls_and_believes_no_inventory(
    machine: Callable[..., Nvidia], tiny_course: Course
) -> None:
    findings = {one.name: one for one in gpu(tiny_course.root, machine(*TWO), fast=False)}
    for backend in ("tensorflow", "jax"):
        assert not findings[f"{backend} on the gpu"].fine
        assert "does not see it" in findings[f"{backend} on the gpu"].detail.en


def test_a_backend_that_goes_down_while_it_looks_is_no_fault_of_a_student(
    tiny: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.sight._SECONDS", 0.0)
    with pytest.raises(DeviceError, match="Looking for Card a from behind the walls failed: the process ran longer"):
        sees(tiny.engine._parent(tiny.engine.kind(tiny.name)), Slot(card("a", 8), SHARE), Limits())


def test_calibrating_on_a_card_that_is_not_there_is_refused_in_one_sentence(tiny_course: Course) -> None:
    command = [
        sys.executable,
        "-m",
        "autograder.cli",
        "calibrate",
        "--device",
        "gpu",
        "--course",
        str(tiny_course.root),
    ]
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(command, env=hidden, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "There is no GPU that may be used here" in done.stderr


# --- the walls -------------------------------------------------------------------------------------------------------


def test_the_walls_open_the_nodes_of_the_slot_and_no_other() -> None:
    with ExitStack() as cleared:
        nodes = [NODE]
        with suppress(PermissionError):
            # As root, nodes of our own: what they stand for can be read and written, which a terminal that is none cannot.
            for name in ("card0", "card1"):
                path = f"/dev/{name}-{os.getpid()}"
                os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
                cleared.callback(os.unlink, path)
                os.chmod(path, 0o666)
                nodes.append(path)
        mine, others = nodes[-1], [*nodes[:-1], "/dev/ptmx"]

        def body() -> Any:
            def use(path: str) -> None:
                with open(path, "r+b", buffering=0) as file:
                    file.write(b"x")
                    assert file.read(1) == b"\0"

            return outcome(use, mine), [outcome(use, other) for other in others]

        opened = inside(body, devices=(mine,)).value
        closed = inside(body).value
    # A terminal that this process does not have answers ENXIO: it was reached.
    assert opened[0] in ("done", "ENXIO")
    assert {*opened[1], closed[0], *closed[1]} <= {"ENOENT", "EACCES"}


# --- grading ---------------------------------------------------------------------------------------------------------

LOOK = f"""
import os
def outcome(path):
    try:
        open(path, "r+b", buffering=0).close()
    except OSError as error:
        return error.errno
    return 0
print(os.environ["CUDA_VISIBLE_DEVICES"], outcome({NODE!r}))
"""


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    """Puts declared cards into the machine of a warm engine, and its course on them, for one test."""

    def put(bench: Bench, device: Device, *cards: Card) -> Bench:
        inventory = Declared(list(cards))
        for name, value in (("inventory", inventory), ("_slots", Slots(inventory)), ("_sights", {})):
            monkeypatch.setattr(bench.engine, name, value)
        monkeypatch.setattr(bench.engine, "course", bench.course.computed_on(device))
        return bench

    return put


def printed(report: Report) -> str:
    return "".join(output.data for run in report.cells for output in run.outputs if output.mime == "stream/stdout")


def test_without_a_card_gpu_stays_unjudged_with_a_sentence_and_prefer_gpu_takes_the_processor(
    tiny: Bench, on: Callable[..., Bench]
) -> None:
    refused = on(tiny, "gpu").grade()
    assert refused.status is Status.NEEDS_REVIEW
    assert {check.outcome for check in refused.checks} == {Outcome.UNJUDGED}
    assert "It needs a GPU, and there is none" in refused.faults[0]
    fallen = on(tiny, "prefer-gpu").grade({}, extra=LOOK)
    assert (fallen.status, fallen.score, fallen.device) == (Status.GRADED, 10.0, "cpu")
    assert printed(fallen).split()[-2] == "-1"


def test_a_card_that_the_backend_does_not_see_is_not_taken_for_one(tiny_keras: Bench, on: Callable[..., Bench]) -> None:
    refused = on(tiny_keras, "gpu", card("a", 8)).grade()
    assert "tensorflow does not see the GPU" in refused.faults[0]
    fallen = on(tiny_keras, "prefer-gpu", card("a", 8)).grade()
    assert (fallen.status, fallen.score, fallen.device) == (Status.GRADED, 10.0, "cpu")


def test_on_a_declared_card_student_code_gets_its_node_and_the_verdict_of_the_processor(
    tiny: Bench, on: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tiny.grade({}, extra=LOOK)
    # NumPy computes nothing on a card; what is tried is everything around it.
    monkeypatch.setattr(Engine, "_sees", lambda *_: True)
    report = on(tiny, "gpu", card("a", 8)).grade({}, extra=LOOK)
    visible, reached = printed(report).split()[-2:]
    assert (report.device, visible) == ("gpu", "GPU-a")
    absent_or_closed = (errno.ENOENT, errno.EACCES)
    assert int(reached) not in absent_or_closed
    assert int(printed(usual).split()[-1]) in absent_or_closed
    assert report.verdict() == usual.verdict()
    assert report.to_json("en")["device"] == "gpu"


def test_what_stumbles_beside_neighbours_is_tried_once_more_alone(
    tiny: Bench, on: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "_sees", lambda *_: True)
    seen: list[tuple[bool, bool]] = []
    run = Engine._run

    def watched(self: Engine, *arguments: Any) -> Any:
        found = run(self, *arguments)
        seen.append((arguments[5].shared, found.stumbled))
        return found

    monkeypatch.setattr(Engine, "_run", watched)
    wait = "import time\ntime.sleep(1.5)\ndef mse(a, b):\n    "
    answers = (
        {"mse": f"{wait}raise MemoryError"},
        {"mse": f"{wait}return float(np.mean((np.ravel(a) - np.ravel(b)) ** 2))"},
    )
    bench = on(tiny, "gpu", card("a", 8))
    with ThreadPoolExecutor(2) as executor:
        wrong, right = executor.map(bench.grade, answers)
    assert sorted(seen) == [(False, True), (True, False), (True, True)]
    assert (right.status, right.score) == (Status.GRADED, 10.0)
    assert wrong.score < 10.0
    seen.clear()
    # Without a neighbour it is its own doing at once.
    assert bench.grade(answers[0]).verdict() == wrong.verdict()
    assert seen == [(False, True)]


def test_the_device_is_part_of_what_decides_a_verdict(tiny_course: Course) -> None:
    one, none = Declared([card("a", 8)]), Declared()
    assert [
        class_of(tiny_course.computed_on(device).assignment("90_tiny"), machine)
        for device, machine in (("cpu", one), ("gpu", none), ("prefer-gpu", one), ("prefer-gpu", none))
    ] == ["cpu", "gpu", "gpu", "cpu"]
    prefers = tiny_course.computed_on("prefer-gpu")
    prints = [Fingerprints(prefers, inventory=machine).of(b"", "90_tiny") for machine in (one, none)]
    assert prints[0] != prints[1] == Fingerprints(tiny_course, inventory=one).of(b"", "90_tiny")


def test_tables_are_kept_for_each_device_and_backend() -> None:
    found = Calibration("x", None, "0" * 64, 3, (), (), 0.0, (), (), 0)
    assert file_name(found) == "calibration.md"
    assert "`autograder calibrate x --seeds 3`" in render(found)
    other = replace(found, data="full", backend="jax", device="gpu", elsewhere=2)
    assert file_name(other) == "calibration-full-jax-gpu.md"
    assert "`KERAS_BACKEND=jax autograder calibrate x --seeds 3 --device gpu`" in render(other)
    assert "need TensorFlow itself, computed with it: 2." in render(other)
    assert CONTEXT < SHARE
