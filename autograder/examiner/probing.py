"""Inputs that nobody could have foreseen, on which a model and its rebuilt twin have to agree.

They are drawn once the config has been handed over: a config that describes another network than the one that computes would
have to foresee them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.examiner.network import Node
from autograder.examiner.twins import Rebuilt
from autograder.text import Text

_ROWS = 4
_ROWS_OF_FEW = 32
"""Where a sample is a few whole numbers: four rows of two truth values are all zeros once in 256 draws, and zeros tell little."""
_FEW = 16
_MOST_NUMBERS = 4_000_000
"""Numbers in one row beyond which none is drawn; a picture of 1000 by 1000 in colour has 3 million."""
_OPEN = 32
"""Length of an axis that the network leaves open, such as the number of words."""
# They may have learnt their vocabulary from data, and config and weights do not hold it.
_LEARN_WORDS = frozenset({"TextVectorization", "StringLookup", "IntegerLookup"})


def draw(twin: Rebuilt, nodes: Iterable[Node]) -> list[np.ndarray] | None:
    """A few samples for each input of the network, or `None` for one that cannot be probed.

    Not probed are networks that keep a state from call to call, those that learn a vocabulary, and those whose inputs are too
    large.
    """
    nodes = list(nodes)
    if any(node.kind in _LEARN_WORDS or node.config.get("stateful") for node in nodes):
        return None
    codes = _codes(nodes)
    shapes = [tuple(_OPEN if length is None else length for length in tensor.shape[1:]) for tensor in twin.inputs]
    whole = [tensor.dtype.startswith(("int", "uint", "bool")) for tensor in twin.inputs]
    sizes = [math.prod(shape) for shape in shapes]
    if max(sizes, default=0) > _MOST_NUMBERS:
        return None
    few = sum(sizes) < _FEW and (codes is not None or any(whole))
    rows = _ROWS_OF_FEW if few else _ROWS
    # Fresh from the system each time; whether a model is what it says must not depend on a seed that could be known.
    rng = np.random.default_rng()
    found = []
    for tensor, shape, counted in zip(twin.inputs, shapes, whole, strict=True):
        if counted or codes is not None:
            drawn = rng.integers(0, codes or 2, (rows, *shape))
            found.append(drawn.astype(tensor.dtype if counted else "float32"))
        else:
            found.append(rng.normal(size=(rows, *shape)).astype("float32"))
    return found


def agree(told: list[Any], computed: list[np.ndarray]) -> bool:
    """Whether what the student's process says equals what the twin computed, up to the rounding of single precision."""
    return len(told) == len(computed) and all(
        numeric(theirs)
        and theirs.shape == ours.shape
        and np.allclose(theirs.astype(float), ours.astype(float), rtol=1e-3, atol=1e-4, equal_nan=True)
        for theirs, ours in zip(told, computed, strict=True)
    )


def numeric(value: Any) -> bool:
    """Whether it is an array of real numbers or truth values."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "biuf"


def disagree() -> Text:
    """What a student reads when they do not agree."""
    return Text(
        es="El modelo no calcula lo que dicen su configuración y sus pesos.",
        en="The model does not compute what its config and weights say.",
    )


def is_open(twin: Rebuilt) -> bool:
    """Whether an axis of the input is left open, so that a probe's length was chosen and may not suit the network."""
    return any(length is None for tensor in twin.inputs for length in tensor.shape[1:])


def _codes(nodes: list[Node]) -> int | None:
    """How many different codes the network takes, where it takes codes; numbers beyond would not be looked up."""
    named = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}
    sizes = [node.config.get(named[node.kind]) for node in nodes if node.kind in named]
    return min((size for size in sizes if isinstance(size, int) and 0 < size < 1 << 31), default=None)
