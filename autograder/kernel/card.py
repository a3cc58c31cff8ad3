"""Student processes and cards: a backend is held to what the plan says, before its first operation.

It is the backend's own limit, not a wall: student code that calls the driver itself may take more of a card than its share.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys

from autograder.kernel import wire
from autograder.sandbox import Plan


def keep_to(plan: Plan) -> None:
    """Tell the libraries that are loaded where to compute, and within how much of a card's memory."""
    jax = sys.modules.get("jax")
    if jax is not None:
        # It read its environment when it was imported, which was in the warm parent.
        jax.config.update("jax_platforms", os.environ["JAX_PLATFORMS"])
        if plan.devices:
            jax.config.update("jax_default_matmul_precision", "highest")
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and plan.devices:
        config = tensorflow.config
        share = config.LogicalDeviceConfiguration(memory_limit=plan.device_memory >> 20)
        for found in config.list_physical_devices("GPU"):
            config.set_logical_device_configuration(found, [share])


def seen() -> list[str]:
    """The cards that the loaded backends see, by their names for them."""
    found: list[str] = []
    if "tensorflow" in sys.modules:
        found += [card.name for card in sys.modules["tensorflow"].config.list_physical_devices("GPU")]
    if "jax" in sys.modules:
        # Asked for what it does not have, JAX raises.
        with contextlib.suppress(RuntimeError):
            found += [str(card) for card in sys.modules["jax"].devices("gpu")]
    return found


def serve(sock: socket.socket) -> None:
    """Answer every request with what is `seen`, until the other side hangs up. No student code enters this process."""
    while True:
        try:
            request, _ = wire.receive(sock)
        except wire.Closed:
            return
        with contextlib.suppress(ConnectionError):
            wire.send(sock, {"nonce": request["nonce"], "seen": seen()})
