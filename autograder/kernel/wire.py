"""Plain data between processes that do not trust each other: a JSON tree plus arrays in `.npz` form.

A frame is two big-endian lengths, the JSON header, then the payload. The reader never unpickles: arrays go through
NumPy's format reader with every size checked before anything is allocated, and only numeric, boolean and fixed-width
text dtypes exist here. Pickle, `multiprocessing.Connection` and ZeroMQ's object mode would each hand the student side
a way to run code in the examiner.
"""

from __future__ import annotations

import io
import json
import math
import select
import socket
import struct
import time
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_LENGTHS = struct.Struct(">II")
HEADER_CAP = 64 << 20
"""Largest JSON part in bytes."""
MEMBERS_CAP = 10_000
DEPTH_CAP = 64
NODES_CAP = 2_000_000
LONG = 256
"""Floats in a list from which on it crosses as an array."""
PLAIN_KINDS = frozenset("biufcUS")
"""NumPy dtype kinds that may cross; objects, dates and structures may not."""


class WireError(Exception):
    """What was received is not a frame of this protocol, or is larger than agreed."""


class Closed(WireError):
    """The other side closed the connection."""


class Late(WireError):
    """The deadline passed before a whole frame arrived."""


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
        plain = np.array(value, subok=False)
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


def send(
    sock: socket.socket,
    header: dict[str, Any],
    arrays: list[np.ndarray] | None = None,
    deadline: float | None = None,
) -> None:
    """Write one frame, by `deadline` on the monotonic clock.

    Raises:
        Late: the other side did not read it in time; part of it may have been written.
    """
    payload = b""
    if arrays:
        buffer = io.BytesIO()
        np.savez(buffer, **{f"a{i}": array for i, array in enumerate(arrays)})  # type: ignore[arg-type]
        payload = buffer.getvalue()
    text = json.dumps(header, separators=(",", ":")).encode()
    for part in (_LENGTHS.pack(len(text), len(payload)), text, payload):
        if deadline is not None:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            sock.sendall(part)
        except TimeoutError as error:
            raise Late("nobody reads what is asked") from error
        finally:
            if deadline is not None:
                sock.settimeout(None)


def receive(
    sock: socket.socket, deadline: float | None = None, cap: int = 256 << 20
) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Read one frame of at most `cap` bytes, by `deadline` on the monotonic clock.

    Raises:
        Closed: the other side hung up.
        Late: the deadline passed.
        WireError: the frame is malformed or too large.
    """
    header_size, payload_size = _LENGTHS.unpack(_exactly(sock, _LENGTHS.size, deadline))
    if header_size > HEADER_CAP or header_size + payload_size > cap:
        raise WireError(f"a reply of {(header_size + payload_size) >> 20} MiB is larger than agreed")
    text = _exactly(sock, header_size, deadline)
    payload = _exactly(sock, payload_size, deadline)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("a header that is no object")
    return header, read_arrays(payload) if payload_size else []


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    chunks = []
    while size:
        wait = None if deadline is None else deadline - time.monotonic()
        if wait is not None and wait <= 0:
            raise Late("no complete answer in time")
        readable, _, _ = select.select([sock], [], [], wait)
        if not readable:
            continue
        try:
            chunk = sock.recv(min(size, 1 << 20))
        except ConnectionError as error:
            raise Closed("connection reset") from error
        if not chunk:
            raise Closed("connection closed")
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def read_arrays(payload: bytes) -> list[np.ndarray]:
    """The arrays `a0.npy`, `a1.npy`, … of an uncompressed `.npz`, checked member by member.

    Raises:
        WireError: it is compressed, has other members, or a header that promises more than the member holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS_CAP or sum(member.file_size for member in members) > len(payload):
                raise WireError("an archive with more in it than its size allows")
            by_name = {member.filename: member for member in members}
            if set(by_name) != {f"a{i}.npy" for i in range(len(members))}:
                raise WireError("an archive with unexpected members")
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise WireError("a compressed archive")
            return [_array(archive.read(by_name[f"a{i}.npy"])) for i in range(len(members))]
    except WireError:
        raise
    except Exception as error:
        # Which one depends on where zipfile, tokenize or NumPy's header reader stumbles; the frame is at fault each time.
        raise WireError(f"a damaged archive: {type(error).__name__}") from error


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise WireError("an array of unknown format version")
    if dtype.kind not in PLAIN_KINDS or dtype.hasobject:
        raise WireError("an array of a type that does not cross")
    if len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise WireError("an array with an impossible shape")
    if math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise WireError("an array whose header and size disagree")
    flat = np.frombuffer(data, dtype=dtype, offset=stream.tell()) if math.prod(shape) else np.empty(0, dtype)
    if dtype.kind == "U" and flat.size and int(flat.view(dtype.str[0] + "u4").max()) > 0x10FFFF:
        raise WireError("text that is none")
    if dtype.kind == "b":
        # A byte of 2 would count as two wherever truths are summed.
        flat = flat.view(np.uint8) != 0
    return flat.reshape(shape, order="F" if fortran else "C").copy()
