"""Plain data between processes that do not trust each other: a JSON tree plus arrays in NumPy's `.npy` form.

A frame is two big-endian lengths, the JSON header, then the payload: `.npy` files one after the other. The reader never unpickles:
headers go through NumPy's own reader, every size is checked before anything is allocated, and only numeric, boolean and
fixed-width text dtypes exist here. Pickle, `multiprocessing.Connection` and ZeroMQ's object mode would each hand the student
side a way to run code in the examiner. An `.npz` holds the same files, in a zip: its checksums prove nothing about a sender who
makes them, sockets within one machine damage nothing, and copying and summing took most of a crossing's time.
"""

from __future__ import annotations

import io
import json
import math
import select
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograder.kernel.values import PLAIN_KINDS, WireError

_LENGTHS = struct.Struct(">II")
HEADER_CAP = 64 << 20
"""Largest JSON part in bytes."""
MEMBERS_CAP = 10_000
"""Arrays in one frame."""
_PAUSE_SECONDS = 0.01
_SMALL = 64 << 10
"""Bytes up to which it is cheaper to copy than to send or to fetch apart."""


class Closed(WireError):
    """The other side closed the connection."""


class Late(WireError):
    """The deadline passed before a whole frame arrived."""


def send(
    sock: socket.socket,
    header: dict[str, Any],
    arrays: list[np.ndarray] | None = None,
    deadline: float | None = None,
) -> None:
    """Write one frame, by `deadline` on the monotonic clock.

    Raises:
        Late: the other side did not read it in time; part of it may have been written.
        WireError: an array holds Python objects; nothing was written.
    """
    payload = [part for array in arrays or () for part in _written(array)]
    text = json.dumps(header, separators=(",", ":")).encode()
    lengths = _LENGTHS.pack(len(text), sum(map(len, payload)))
    for part in _together((lengths, text, *payload)):
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
        WireError: the frame is malformed or too large; what follows on the connection means nothing any more.
    """
    arriving = _Arriving(sock, deadline)
    stream = io.BufferedReader(arriving, _SMALL)
    header_size, payload_size = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if header_size > HEADER_CAP or header_size + payload_size > cap:
        raise WireError(f"a reply of {(header_size + payload_size) >> 20} MiB is larger than agreed")
    arriving.left = header_size + payload_size
    text = _exactly(stream, header_size)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("a header that is no object")
    try:
        return header, _arrays(stream, payload_size)
    except WireError:
        raise
    except Exception as error:
        # Which one depends on where tokenize or NumPy's header reader stumbles; the frame is at fault each time.
        raise WireError(f"a damaged array: {type(error).__name__}") from error


def _written(array: np.ndarray) -> tuple[bytes, memoryview]:
    """The header and the data of an array's `.npy`; the data are the array's own memory, wherever that lies in one piece."""
    if array.dtype.hasobject:
        raise WireError("an array of Python objects does not cross")
    whole = array if array.flags.c_contiguous or array.flags.f_contiguous else array.copy(order="C")
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(whole))
    return stream.getvalue(), memoryview(_bytes_of(whole if whole.flags.c_contiguous else whole.T))


def _together(parts: Iterable[bytes | memoryview]) -> Iterator[bytes | bytearray | memoryview]:
    """The same bytes in fewer parts: each that is sent wakes the reader."""
    waiting = bytearray()
    for part in parts:
        if len(waiting) + len(part) <= _SMALL:
            waiting += part
            continue
        if waiting:
            yield waiting
        waiting = bytearray()
        yield part
    if waiting:
        yield waiting


class _Arriving(io.RawIOBase):
    """A frame on its way, as a file that ends where the frame does."""

    def __init__(self, sock: socket.socket, deadline: float | None) -> None:
        self.left = _LENGTHS.size
        """Bytes of the frame that are still to be read; to be set when its lengths are known."""
        self._sock, self._deadline = sock, deadline
        # Not `select`, which refuses descriptors from 1024 on.
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def readable(self) -> bool:
        """As files say it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has arrived, at least one byte; 0 at the end of the frame.

        Raises:
            Closed, Late: nothing more comes, or not in time.
        """
        view = memoryview(buffer)[: self.left]
        while view:
            wait = None if self._deadline is None else self._deadline - time.monotonic()
            if wait is not None and wait <= 0:
                raise Late("no complete answer in time")
            if not self._poll.poll(None if wait is None else wait * 1000):
                continue
            try:
                # Readable need not mean that there is something to read: after a byte sent out of band, a call that waits would
                # wait for ever, whatever the deadline.
                count = self._sock.recv_into(view, 0, socket.MSG_DONTWAIT)
            except BlockingIOError:
                time.sleep(_PAUSE_SECONDS)
                continue
            except ConnectionError as error:
                raise Closed("connection reset") from error
            if not count:
                raise Closed("connection closed")
            self.left -= count
            return count
        return 0


def _exactly(stream: io.BufferedReader[_Arriving], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise WireError("a frame that ends too early")
    return data


def _arrays(stream: io.BufferedReader[_Arriving], size: int) -> list[np.ndarray]:
    """The `.npy` files of `size` bytes that are left of the frame, each checked before room is made for it.

    Raises:
        WireError: an array is of a type that does not cross, or does not end within the frame; or there are too many.
    """
    arrays: list[np.ndarray] = []
    while stream.peek(1):
        if len(arrays) == MEMBERS_CAP:
            raise WireError("more arrays than agreed")
        arrays.append(_array(stream, size))
    return arrays


def _array(stream: io.BufferedReader[_Arriving], size: int) -> np.ndarray:
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
    # One byte at least: types without width exist, and NumPy makes them wider.
    if math.prod(shape) * max(1, dtype.itemsize) > size:
        raise WireError("an array that is larger than its frame")
    flat = np.empty(math.prod(shape), dtype)
    rest = memoryview(_bytes_of(flat))
    while rest:
        if not (count := stream.readinto(rest)):
            raise WireError("an array that ends after its frame")
        rest = rest[count:]
    if dtype.kind == "U" and flat.size and int(flat.view(dtype.str[0] + "u4").max()) > 0x10FFFF:
        raise WireError("text that is none")
    if dtype.kind == "b":
        # A byte of 2 would count as two wherever truths are summed.
        flat = _bytes_of(flat) != 0
    return flat.reshape(shape, order="F" if fortran else "C")


def _bytes_of(array: np.ndarray) -> Any:
    """The memory of an array that lies in one piece, in that order, as bytes; not a copy."""
    # A view of nothing has no size to divide.
    return array.reshape(-1).view(np.uint8) if array.nbytes else np.empty(0, np.uint8)
