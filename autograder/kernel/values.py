"""Plain data: what may cross between processes that do not trust each other, as a JSON tree plus arrays.

What has no plain form stays where it is and is stood for by a reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

DEPTH_CAP = 64
NODES_CAP = 2_000_000
LONG = 256
"""Floats in a list from which on it crosses as an array."""
PLAIN_KINDS = frozenset("biufcUS")
"""NumPy dtype kinds that may cross; objects, dates and structures may not."""


class WireError(Exception):
    """What was received is not a frame of this protocol, or is larger than agreed."""


@dataclass(frozen=True)
class Ref:
    """Stands for an object that stays on the student's side."""

    id: int
    kind: str
    """`model`, `history` or `object`."""


@dataclass(frozen=True)
class Opaque:
    """A value of a type that does not cross: only its type's name does, and a reference by which it may be handed back."""

    type: str
    ref: Ref | None = field(default=None, compare=False)


@dataclass(frozen=True)
class HistoryData:
    """What a Keras `History` recorded, as data."""

    history: dict[str, list[float]]
    epoch: list[int]
    params: dict[str, Any]
    ref: Ref = field(default=Ref(-1, "history"), compare=False)


def pack(value: Any) -> tuple[Any, list[np.ndarray]]:
    """`value` as a JSON-ready tree and the arrays it refers to by index.

    Anything that has no plain form becomes `Opaque`; nothing raises because of its type.
    """
    arrays: list[np.ndarray] = []
    return _pack(value, arrays, 0), arrays


def _pack(value: Any, arrays: list[np.ndarray], depth: int) -> Any:
    if depth > DEPTH_CAP:
        return {"$": "opaque", "v": "nested too deeply"}
    if value is None or type(value) in (bool, str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        # No copy: it is sent before anything else runs.
        plain = np.asarray(value)
        if plain.dtype.kind not in PLAIN_KINDS:
            return {"$": "opaque", "v": f"array of {plain.dtype}"[:100]}
        arrays.append(plain)
        return {"$": "scalar" if isinstance(value, np.generic) else "array", "v": len(arrays) - 1}
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        number = int(value)
        return number if abs(number) < 1 << 63 else {"$": "int", "v": hex(number)[:5000]}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return {"$": "complex", "v": [value.real, value.imag]}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return {"$": "tuple", "v": [_pack(item, arrays, depth + 1) for item in value]}
    if isinstance(value, list):
        if len(value) >= LONG and all(type(item) is float for item in value):
            # A million numbers as JSON take a second, which would be charged to the student's clock.
            arrays.append(np.array(value))
            return {"$": "floats", "v": len(arrays) - 1}
        return [_pack(item, arrays, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            "$": "dict",
            "v": [[_pack(k, arrays, depth + 1), _pack(v, arrays, depth + 1)] for k, v in list(value.items())],
        }
    if isinstance(value, Ref):
        return {"$": value.kind, "v": value.id}
    if isinstance(value, HistoryData):
        parts = [_pack(part, arrays, depth + 1) for part in (value.history, value.epoch, value.params)]
        return {"$": "history_data", "v": [value.ref.id, *parts]}
    if isinstance(value, Opaque) and value.ref is not None:
        return {"$": "held", "v": [value.type[:100], value.ref.id]}
    return {"$": "opaque", "v": type(value).__name__[:100]}


def crosses(value: Any) -> bool:
    """Whether values of this type have a plain form; what is inside a container is not looked at."""
    return value is None or isinstance(
        value, bool | int | float | complex | str | tuple | list | dict | np.ndarray | np.generic | Ref | HistoryData
    )


def unpack(tree: Any, arrays: list[np.ndarray]) -> Any:
    """The value that `pack` took apart.

    Raises:
        WireError: the tree is not one that `pack` makes.
    """
    budget = [NODES_CAP]
    try:
        return _unpack(tree, arrays, 0, budget)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise WireError(f"malformed value: {type(error).__name__}") from error


def _unpack(tree: Any, arrays: list[np.ndarray], depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if depth > 2 * DEPTH_CAP or budget[0] < 0:
        raise WireError("value nested too deeply or with too many parts")
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    if isinstance(tree, list):
        return [_unpack(item, arrays, depth + 1, budget) for item in tree]
    kind, content = tree["$"], tree["v"]
    if kind == "array":
        return arrays[_index(content)]
    if kind == "scalar":
        return arrays[_index(content)][()]
    if kind == "floats":
        return [float(item) for item in arrays[_index(content)].ravel().tolist()]
    if kind == "tuple":
        return tuple(_unpack(item, arrays, depth + 1, budget) for item in content)
    if kind == "dict":
        pairs = [(_unpack(k, arrays, depth + 1, budget), _unpack(v, arrays, depth + 1, budget)) for k, v in content]
        if not all(_hashes_apart(key) for key, _ in pairs):
            raise WireError("a dict with keys that could be made to collide")
        return dict(pairs)
    if kind == "int":
        return int(content, 16)
    if kind == "complex":
        return complex(*content)
    if kind in ("model", "history", "object"):
        return Ref(_index(content), kind)
    if kind == "history_data":
        history, epoch, params = (_unpack(item, arrays, depth + 1, budget) for item in content[1:])
        if not (_is_history(history) and isinstance(epoch, list) and isinstance(params, dict)):
            raise WireError("a history that is none")
        return HistoryData(history, epoch, params, Ref(_index(content[0]), "history"))
    if kind == "opaque" and isinstance(content, str):
        return Opaque(content[:100])
    if kind == "held" and isinstance(content[0], str):
        return Opaque(content[0][:100], Ref(_index(content[1]), "object"))
    raise WireError(f"unknown kind of value {str(kind)[:20]!r}")


def _hashes_apart(key: Any) -> bool:
    """Whether keys like this one cannot be chosen to share a hash, which would make a dict of them take hours."""
    if isinstance(key, tuple):
        return len(key) <= 16 and all(_hashes_apart(item) for item in key)
    if isinstance(key, int | np.integer):
        return abs(int(key)) < 1 << 60
    return key is None or isinstance(key, str | bytes | float | np.floating | np.bool_)


def _is_history(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(items, list) and all(isinstance(item, int | float | list) for item in items)
        for key, items in value.items()
    )


def _index(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise WireError("a reference that is no index")
    return value
