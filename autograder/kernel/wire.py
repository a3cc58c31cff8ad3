"""Plain data between processes that do not trust each other: a JSON tree plus arrays in `.npz` form.

A frame is two big-endian lengths, the JSON header, then the payload. The reader never unpickles: arrays go through
NumPy's format reader with every size checked before anything is allocated, and only numeric, boolean and fixed-width
text dtypes exist here. Pickle, `multiprocessing.Connection` and ZeroMQ's object mode would each hand the student side
a way to run code in the examiner.
"""

from __future__ import annotations

import codecs
import io
import json
import math
import select
import socket
import struct
import time
import zipfile
from typing import Any

import numpy as np

from autograder.kernel.values import PLAIN_KINDS, WireError

_LENGTHS = struct.Struct(">II")
HEADER_CAP = 64 << 20
"""Largest JSON part in bytes."""
MEMBERS_CAP = 10_000
_PAUSE_SECONDS = 0.01
_SMALL = 64 << 10
"""Bytes up to which it is cheaper to copy than to send apart."""
# In which zipfile reads the members' names. Once looked up it is kept; later, student code may have cleared `sys.path`.
codecs.lookup("cp437")


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
    """
    payload = _Pieces()
    if arrays:
        np.savez(payload, **{f"a{i}": array for i, array in enumerate(arrays)})  # type: ignore[arg-type]
    text = json.dumps(header, separators=(",", ":")).encode()
    for part in (_LENGTHS.pack(len(text), payload.size) + text, *payload.pieces):
        if deadline is not None:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            sock.sendall(part)
        except TimeoutError as error:
            raise Late("nobody reads what is asked") from error
        finally:
            if deadline is not None:
                sock.settimeout(None)


class _Pieces:
    """A file that is only written to, and keeps what it is given: a `BytesIO` copies a large array again whenever it grows."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def write(self, data: Any) -> int:
        # A view may be of memory that its owner goes on writing to.
        piece = data if type(data) is bytes else bytes(data)
        self.size += len(piece)
        if self.pieces and len(self.pieces[-1]) + len(piece) <= _SMALL:
            # Each piece that is sent wakes the reader.
            self.pieces[-1] += piece
        else:
            self.pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def read(self) -> bytes:
        """NumPy takes only what can be read for a file."""
        raise io.UnsupportedOperation("only written to")


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
    # Not `select`, which refuses descriptors from 1024 on.
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    chunks = []
    while size:
        wait = None if deadline is None else deadline - time.monotonic()
        if wait is not None and wait <= 0:
            raise Late("no complete answer in time")
        if not poll.poll(None if wait is None else wait * 1000):
            continue
        try:
            # Readable need not mean that there is something to read: after a byte sent out of band, a call that waits would
            # wait for ever, whatever the deadline.
            chunk = sock.recv(min(size, 1 << 20), socket.MSG_DONTWAIT)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
            continue
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
