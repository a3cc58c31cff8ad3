"""What a warm parent runs in a freshly forked child: raise the walls, then hand over to a body."""

from __future__ import annotations

import importlib
import socket
from typing import Any

from autograder.kernel import card, rebuild, shell
from autograder.kernel.datasets import serve_from
from autograder.kernel.interactive import find_backends
from autograder.kernel.tuning import tune
from autograder.sandbox import Plan, run_walled

# This module is the last that a warm parent imports: Keras and matplotlib are there if the assignment needs them.
tune()
find_backends()
# NumPy leaves it to its first use, which every submission's own process would be.
importlib.import_module("numpy.random")


def student(request: dict[str, Any], descriptors: list[int]) -> None:
    """A process for one notebook."""
    serve_from(request["data"])
    _walled(request, descriptors, lambda sock: shell.serve(sock, request["threads"], request["output"]))


def rebuilder(request: dict[str, Any], descriptors: list[int]) -> None:
    """A process for rebuilt models."""
    _walled(request, descriptors, lambda sock: rebuild.serve(sock, request["threads"]))


def witness(request: dict[str, Any], descriptors: list[int]) -> None:
    """A process that says which cards are seen behind the walls of its plan."""
    _walled(request, descriptors, card.serve)


def _walled(request: dict[str, Any], descriptors: list[int], body: Any) -> None:
    bridge, control = descriptors
    plan = Plan.from_json(request["plan"])

    def run() -> None:
        card.keep_to(plan)
        body(socket.socket(fileno=bridge))

    run_walled(plan, [bridge], control, run)
