"""Whether a backend sees a card from behind the walls: asked before any submission is computed there.

A library without CUDA, a driver too old for it, a device node too few: each would let a training run on the processor and be
called one on a card, or end in an error that a student would be charged with.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace

from autograder.course import Limits
from autograder.devices import Slot
from autograder.errors import DeviceError, StudentError
from autograder.kernel.session import Session
from autograder.kernel.warm import WarmParent, remove_tree
from autograder.sandbox import Plan, libraries

WITNESS = "autograder.kernel.child:witness"
_SECONDS = 120.0
"""How long a backend may take to look for cards; loading CUDA for the first time takes a while."""


def sees(parent: WarmParent, slot: Slot, limits: Limits, *, sandbox: bool = True, scratch: str | None = None) -> bool:
    """Whether the backend of a warm parent sees the slot's card, in a process that no student code enters.

    Args:
        scratch: the folder for its work folder, which every user may pass through.

    Raises:
        DeviceError: it went down with the attempt.
        WallError: a wall could not be raised.
    """
    work = tempfile.mkdtemp(dir=scratch)
    os.chmod(work, 0o700)
    plan = replace(Plan.within(limits, work, libraries(), sandbox=sandbox), **slot.place)
    try:
        witness = Session(parent.requests, WITNESS, plan, {}, limits.reply)
        try:
            return bool(witness.ask("seen", _SECONDS).header["seen"])
        finally:
            witness.close()
    except StudentError as error:
        raise DeviceError(f"Looking for {slot.card.name} from behind the walls failed: the process {error}.") from error
    finally:
        remove_tree(work)
