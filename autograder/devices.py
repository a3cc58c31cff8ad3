"""Cards of this machine: which there are, and a place on one for each submission that is computed there.

Several small trainings share a card. Each gets a slot: one card, a share of its memory, and the device nodes that the walls open
for it. A slot is placed where most memory is free, and whoever finds none waits in line. What is measured of a card comes from
an `Inventory`; placing is reckoned here, and needs no card to be tested.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from autograder.course import Assignment
from autograder.errors import DeviceError

DeviceClass = Literal["cpu", "gpu"]
VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Environment variable that names the cards this process may use, by number or by UUID; batch systems set it."""
CONTEXT = 600 << 20
"""Bytes of a card that CUDA takes for each process beside its arrays, and that no library counts against a share."""
_SHARED_NODES = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
_QUERY = "uuid,name,memory.total,memory.free,mig.mode.current"
_SMI_SECONDS = 20.0
_LOOK_AGAIN_SECONDS = 2.0
"""Others may free memory of a card and tell nobody."""


@dataclass(frozen=True)
class Card:
    """One card at this moment. Sizes are bytes."""

    uuid: str
    name: str
    memory: int
    free: int
    """Of `memory`, what no process has taken, ours included."""
    nodes: tuple[str, ...] = ()
    """Device nodes that computing on it takes; those that all cards have in common too."""


class Inventory(Protocol):
    """What knows the cards of a machine."""

    def cards(self) -> Sequence[Card]:
        """Those that may be used, as they are now; none on a machine without."""


@dataclass(frozen=True)
class Nvidia:
    """NVIDIA's cards by its driver's files and `nvidia-smi`. No CUDA library is loaded.

    A card that is divided into instances (MIG) is left out: an instance has device nodes of its own, which are not known here.
    """

    proc: Path = Path("/proc/driver/nvidia")
    dev: Path = Path("/dev")
    smi: str = "nvidia-smi"

    def cards(self) -> tuple[Card, ...]:
        """See `Inventory`; a card whose memory `nvidia-smi` does not tell is left out."""
        minors = self.minors
        if not minors:
            return ()
        common = [str(self.dev / name) for name in _SHARED_NODES if (self.dev / name).exists()]
        found = []
        for number, line in enumerate(self._ask()):
            uuid, name, total, free, divided = (part.strip() for part in line.rsplit(",", 4))
            node = self.dev / f"nvidia{minors.get(uuid)}"
            sizes = total.isdigit() and free.isdigit()
            if sizes and divided != "Enabled" and uuid in minors and node.exists() and _visible(number, uuid):
                found.append(Card(uuid, name, int(total) << 20, int(free) << 20, (str(node), *common)))
        return tuple(found)

    @property
    def minors(self) -> dict[str, int]:
        """The driver's cards: UUID → number of the device node, which need not be `nvidia-smi`'s number."""
        found = {}
        for path in sorted(self.proc.glob("gpus/*/information")):
            with suppress(OSError):
                told = dict(re.findall(r"^([\w ]+?):[ \t]*(.*?)[ \t]*$", path.read_text(), re.MULTILINE))
                if told.get("Device Minor", "").isdigit() and told.get("GPU UUID"):
                    found[told["GPU UUID"]] = int(told["Device Minor"])
        return found

    @property
    def driver(self) -> str | None:
        """The driver's version; `None` where it is not loaded."""
        with suppress(OSError):
            found = re.search(r"Kernel Module\b.*?(\d+(?:\.\d+)+)", (self.proc / "version").read_text())
            return found[1] if found else "?"
        return None

    @property
    def asks(self) -> bool:
        """Whether `nvidia-smi` can be asked."""
        return shutil.which(self.smi) is not None

    def _ask(self) -> list[str]:
        try:
            command = [self.smi, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SMI_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError):
            return []
        return [line for line in done.stdout.splitlines() if line.count(",") >= 4]


THIS_MACHINE = Nvidia()
"""The cards of the machine that this runs on."""


def _visible(number: int, uuid: str) -> bool:
    said = os.environ.get(VISIBLE)
    if said is None:
        return True
    # As CUDA reads it: what comes after the first thing that is no card does not count.
    for word in (part.strip() for part in said.split(",")):
        if not word or word == "-1":
            return False
        if word == str(number) or (not word.isdigit() and uuid.startswith(word)):
            return True
    return False


def class_of(assignment: Assignment, inventory: Inventory) -> DeviceClass:
    """Where the assignment is computed on a machine with these cards; whether `gpu` has one is told when it is claimed."""
    if assignment.device == "prefer-gpu":
        return "gpu" if _fits(inventory.cards(), assignment.limits.gpu_memory + CONTEXT) else "cpu"
    return assignment.device


def _fits(cards: Sequence[Card], need: int) -> bool:
    return any(card.memory >= need for card in cards)


@dataclass(eq=False)
class Slot:
    """A place on a card."""

    card: Card
    memory: int
    """Bytes for arrays, to which the backend is held; CUDA's own come on top."""
    shared: bool = field(default=False)
    """Whether another of our slots has been on the card meanwhile."""

    @property
    def environment(self) -> Mapping[str, str]:
        """How the backends are told, before their first operation, to keep to this slot."""
        return {
            # By UUID: behind the walls this is the only card, whatever its number is outside.
            VISIBLE: self.card.uuid,
            # TensorFlow takes what it needs rather than all; its limit can only be set by a call (`kernel.card`).
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "JAX_PLATFORMS": "cuda,cpu",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{self.memory / self.card.memory:.4f}",
            # Products are computed in single precision, as on the processor, so that both are judged by one threshold.
            "NVIDIA_TF32_OVERRIDE": "0",
        }

    @property
    def place(self) -> Mapping[str, Any]:
        """The fields of a walled process's plan that let it compute here."""
        return {"devices": self.card.nodes, "variables": dict(self.environment), "device_memory": self.memory}


class Slots:
    """Hands out places on the cards of an inventory; any number of threads may ask.

    Memory that the inventory calls taken while none of ours is on a card is others'; from then on our slots are reckoned with what
    they may take, not with what they have taken so far.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._taken: dict[str, list[Slot]] = {}
        self._others: dict[str, int] = {}
        self._closed = False

    @contextmanager
    def claim(self, memory: int, *, alone: bool = False) -> Iterator[Slot]:
        """A slot with `memory` bytes, in the order in which they were asked for; `alone` shares its card with no other slot.

        Raises:
            DeviceError: no card of this machine is so large, or there is none; or `close` was called.
        """
        slot = self._wait(memory, alone)
        try:
            yield slot
        finally:
            with self._changed:
                self._taken[slot.card.uuid].remove(slot)
                self._changed.notify_all()

    def close(self) -> None:
        """Send home whoever is waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait(self, memory: int, alone: bool) -> Slot:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while True:
                    if self._closed:
                        raise DeviceError("Grading was ended while a submission waited for a card.")
                    # Whoever is behind waits as well, or small ones would pass a large one for ever.
                    if self._line[0] is ticket and (slot := self._placed(memory, alone)) is not None:
                        return slot
                    self._changed.wait(_LOOK_AGAIN_SECONDS)
            finally:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _placed(self, memory: int, alone: bool) -> Slot | None:
        cards = self._inventory.cards()
        need = memory + CONTEXT
        if not _fits(cards, need):
            largest = max((card.memory for card in cards), default=0)
            raise DeviceError(
                f"It needs {need >> 20} MiB on a GPU, and the largest card that may be used here has {largest >> 20} MiB; lower "
                "gpu_memory in its Limits, or grade it on another machine."
                if cards
                else "It needs a GPU, and there is none that may be used here: grade it on a machine with one, or say "
                'device="prefer-gpu" in course_config.py. `autograder doctor` tells what was found.'
            )
        rooms = [(self._room(card), card) for card in cards if not (alone and self._taken.get(card.uuid))]
        room, card = max(rooms, key=lambda pair: pair[0], default=(0, None))
        if card is None or room < need:
            return None
        neighbours = self._taken.setdefault(card.uuid, [])
        slot = Slot(card, memory, shared=bool(neighbours))
        for neighbour in neighbours:
            neighbour.shared = True
        neighbours.append(slot)
        return slot

    def _room(self, card: Card) -> int:
        """Bytes of a card for one more slot."""
        ours = self._taken.get(card.uuid, [])
        if not ours:
            self._others[card.uuid] = card.memory - card.free
        reserved = sum(slot.memory + CONTEXT for slot in ours)
        # What is free at this moment as well: others may have come since.
        return min(card.memory - self._others[card.uuid] - reserved, card.free)
