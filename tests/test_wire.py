"""What crosses between the two sides is plain data, and everything else is refused before it is believed."""

from __future__ import annotations

import collections
import contextlib
import io
import json
import math
import pickle
import socket
import struct
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.kernel import values, wire
from autograder.kernel.values import HistoryData, Opaque, Ref, WireError, pack, unpack
from autograder.kernel.wire import Closed, Late, receive


def crossed(value: Any) -> Any:
    """`value` after a real trip through a socket."""
    left, right = socket.socketpair()
    with left, right:
        tree, arrays = pack(value)
        sender = threading.Thread(target=wire.send, args=(left, {"value": tree}, arrays))
        sender.start()
        header, received = receive(right, time.monotonic() + 10)
        sender.join()
    return unpack(header["value"], received)


def same(got: Any, want: Any) -> bool:
    """Equal in type and value, NaN included."""
    if isinstance(want, np.ndarray | np.generic):
        return (
            type(got) is type(want)
            and got.dtype == want.dtype
            and got.shape == want.shape
            and got.tobytes() == want.tobytes()
        )
    if type(got) is not type(want):
        return False
    if isinstance(want, list | tuple):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, dict):
        return all(same(*pair) for pair in zip(got.items(), want.items(), strict=True))
    if isinstance(want, float):
        return struct.pack("d", got) == struct.pack("d", want) or (math.isnan(got) and math.isnan(want))
    return bool(got == want)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
arrays = hnp.arrays(
    st.sampled_from(["<f8", ">f4", "f2", "i1", "u8", "?", "c16", "U3", "S2"]), hnp.array_shapes(min_dims=0, min_side=0)
)
keys = st.text(max_size=5) | st.integers(-(2**59), 2**59) | st.booleans() | st.tuples(st.integers(-9, 9))
plain = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(plain)
def test_plain_data_comes_out_as_it_went_in(value: Any) -> None:
    tree, packed = pack(value)
    assert same(unpack(json.loads(json.dumps(tree)), packed), value)


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.5),
        np.bool_(True),
        np.str_("ñ"),
        np.array(3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.array(["uno", "dos"]),
        2**80,
        -(2**80),
        [(1, {"a": [np.arange(3), None]}), 1j],
        HistoryData({"loss": [1.0, 0.5]}, [0, 1], {"epochs": 2}, Ref(0, "history")),
        Ref(3, "model"),
        Ref(0, "history"),
        "\ud800",
    ],
    ids=repr,
)
def test_values_survive_a_socket(value: Any) -> None:
    assert same(crossed(value), value)


def test_a_large_array_survives_a_socket() -> None:
    assert same(crossed(np.arange(400_000.0)), np.arange(400_000.0))


def test_subclasses_cross_as_the_plain_type() -> None:
    Point = collections.namedtuple("Point", "x y")
    assert crossed(Point(1, 2)) == (1, 2)
    assert same(crossed(collections.OrderedDict(a=1)), {"a": 1})
    assert same(crossed(collections.Counter("aa")), {"a": 2})
    assert same(crossed(np.ma.masked_array([1.0, 2.0])), np.array([1.0, 2.0]))
    assert same(crossed(type("Int", (int,), {})(4)), 4)
    assert same(crossed(type("Float", (float,), {})(4)), 4.0)
    assert same(crossed(type("Str", (str,), {})("a")), "a")


@pytest.mark.parametrize(
    "value",
    [object(), {1}, range(3), (i for i in ()), len, np.array([object()]), np.datetime64(0, "s")],
    ids=lambda value: type(value).__name__,
)
def test_other_types_cross_as_their_name_only(value: Any) -> None:
    assert isinstance(crossed(value), Opaque)


def test_what_is_nested_too_deeply_is_cut_off_and_not_followed() -> None:
    endless: list[Any] = []
    endless.append(endless)
    got = crossed(endless)
    for _ in range(values.DEPTH_CAP + 1):
        got = got[0]
    assert got == Opaque("nested too deeply")


# --- frames that nobody honest sends ---------------------------------------------------------------------------------


def frame(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">II", len(header), len(payload)) + header + payload


def read_frame(data: bytes, hang_up: bool = True, seconds: float = 5.0, **options: Any) -> Any:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(data)
        if hang_up:
            left.shutdown(socket.SHUT_WR)
        return receive(right, time.monotonic() + seconds, **options)


@pytest.mark.parametrize(
    "data",
    [
        frame(b"nonsense"),
        frame(b"[1]"),
        frame(b"3"),
        frame(b"\xff\xfe"),
        frame(b'{"a":'),
        frame(b"[" * 100_000),
        frame(b'{"a":' + b"9" * 5000 + b"}"),
        frame(b"{}", b"no array"),
        struct.pack(">II", wire.HEADER_CAP + 1, 0),
        struct.pack(">II", 2, 0xFFFFFFFF),
    ],
    ids=["text", "list", "number", "bytes", "cut JSON", "deep", "digits", "payload", "header size", "payload size"],
)
def test_a_malformed_frame_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_frame(data)


def test_the_size_agreed_on_counts_header_and_payload() -> None:
    with pytest.raises(WireError, match="larger than agreed"):
        read_frame(frame(b'{"a":"' + b"x" * 100 + b'"}'), cap=50)


@pytest.mark.parametrize("data", [b"", b"\0\0", frame(b"{}")[:-1], struct.pack(">II", 2, 9) + b"{}"])
def test_a_connection_that_closes_is_told_apart(data: bytes) -> None:
    with pytest.raises(Closed):
        read_frame(data)


def test_a_reset_connection_counts_as_closed() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        with pytest.raises(Closed):
            receive(client, time.monotonic() + 5)


@pytest.mark.parametrize("data", [b"", b"\0\0", frame(b'{"a": 1}')[:-2]])
def test_half_an_answer_is_late(data: bytes) -> None:
    with pytest.raises(Late):
        read_frame(data, hang_up=False, seconds=0.05)


def test_a_reader_that_never_reads_makes_the_writer_late_and_not_stuck() -> None:
    left, right = socket.socketpair()
    with left, right:
        started = time.monotonic()
        with pytest.raises(Late):
            wire.send(left, {}, [np.zeros(4_000_000)], time.monotonic() + 0.2)
        assert time.monotonic() - started < 5
        assert left.gettimeout() is None


# --- arrays ----------------------------------------------------------------------------------------------------------


def arrays_in(payload: bytes) -> list[np.ndarray]:
    """The arrays that the receiving end makes of a payload."""
    left, right = socket.socketpair()
    with left, right:
        sender = threading.Thread(target=left.sendall, args=(frame(b"{}", payload),))
        sender.start()
        try:
            return receive(right, time.monotonic() + 5)[1]
        finally:
            right.close()
            with contextlib.suppress(OSError):
                sender.join()


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


def described(descr: str, shape: str, order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"


GOOD = npy(described("'<f8'", "(2,)"), bytes(16))


def test_good_arrays_are_read_and_may_be_written_to() -> None:
    assert [a.tolist() for a in arrays_in(GOOD + GOOD)] == [[0.0, 0.0]] * 2
    (got,) = arrays_in(GOOD)
    got[0] = 1.0
    assert got.flags.aligned
    assert got.flags.owndata or got.base.flags.owndata


def test_version_2_of_the_format_is_read() -> None:
    text = (described("'<f8'", "(2,)") + "\n").encode()
    data = b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text + bytes(16)
    assert arrays_in(data)[0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "data",
    {
        "object": npy(described("'|O'", "(1,)"), bytes(8)),
        "structure": npy(described("[('a', '<f8')]", "(1,)"), bytes(8)),
        "subarray": npy(described("('<f8', (2,))", "(1,)"), bytes(16)),
        "date": npy(described("'<M8[s]'", "(1,)"), bytes(8)),
        "promises more": npy(described("'<f8'", "(3,)"), bytes(16)),
        "promises less": npy(described("'<f8'", "(1,)"), bytes(16)),
        "huge": npy(described("'<f8'", "(1000000, 1000000, 1000000)"), bytes(16)),
        "huge and empty": npy(described("'<f8'", f"(0, {10**30})")),
        "no width": npy(described("'S0'", "(1000000000000,)")),
        "negative": npy(described("'<f8'", "(-2, -1)"), bytes(16)),
        "bool in shape": npy(described("'<f8'", "(True, 2)"), bytes(16)),
        "float in shape": npy(described("'<f8'", "(2.0,)"), bytes(16)),
        "too many axes": npy(described("'<f8'", str((1,) * 40)), bytes(8)),
        "beyond Unicode": npy(described("'<U1'", "(1,)"), b"\xff\xff\xff\x7f"),
        "unknown dtype": npy(described("'<q9'", "(1,)"), bytes(8)),
        "tuple dtype": npy(described("(1, 2, 3)", "(1,)"), bytes(8)),
        "call": npy("__import__('os').abort()"),
        "unclosed": npy("((((((((((("),
        "deep": npy("-" * 9000 + "1"),
        "deeper": npy("[" * 9000),
        "python 2": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2L,"),
        "keys": npy("{'descr': '<f8'}"),
        "version 3": npy(described("'<f8'", "(2,)"), bytes(16), b"\x03\x00"),
        "version 9": npy(described("'<f8'", "(2,)"), bytes(16), b"\x09\x00"),
        "magic": b"nothing like it",
        "zip": b"PK\x03\x04" + bytes(60),
        "half a magic": GOOD[:5],
        "half a header": GOOD[:20],
        "cut": GOOD[:-1],
        "something behind": GOOD + b"x",
        "half another behind": GOOD + GOOD[:-1],
        "too many": npy(described("'<f8'", "(0,)")) * (wire.MEMBERS_CAP + 1),
    }.items(),
    ids=lambda item: item[0],
)
@pytest.mark.filterwarnings("ignore")
def test_an_array_that_is_not_what_it_says_is_refused(data: tuple[str, bytes]) -> None:
    with pytest.raises(WireError):
        arrays_in(data[1])


def test_no_room_is_made_for_what_a_frame_cannot_hold() -> None:
    claim = npy(described("'<f8'", "(100000000,)"), bytes(1000))
    tracemalloc.start()
    with pytest.raises(WireError, match="larger than its frame"):
        arrays_in(claim)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


@settings(max_examples=300, deadline=None)
@given(st.data())
@pytest.mark.filterwarnings("ignore")
def test_damaged_arrays_raise_nothing_but_a_wire_error(data: st.DataObject) -> None:
    raw = bytearray(GOOD + npy(described("'<U2'", "(1,)"), b"a\0\0\0b\0\0\0"))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        assert all(a.dtype.kind in values.PLAIN_KINDS for a in arrays_in(bytes(raw)))


def test_objects_are_not_even_sent() -> None:
    left, right = socket.socketpair()
    with left, right:
        with pytest.raises(WireError, match="Python objects"):
            wire.send(left, {}, [np.array([object()])])
        wire.send(left, {"next": 1}, [np.arange(6)[::2], np.arange(6).reshape(2, 3)[:, 1:]])
        header, got = receive(right)
    assert header == {"next": 1}
    assert [each.tolist() for each in got] == [[0, 2, 4], [[1, 2], [4, 5]]]


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "boom",))

    buffer = io.BytesIO()
    np.save(buffer, np.array([Bomb()], dtype=object), allow_pickle=True)
    for member in (buffer.getvalue(), pickle.dumps(Bomb())):
        with pytest.raises(WireError):
            arrays_in(member)
    assert isinstance(crossed(Bomb()), Opaque)
    assert list(tmp_path.iterdir()) == []


def test_a_forged_truth_counts_once() -> None:
    (got,) = arrays_in(npy(described("'|b1'", "(3,)"), b"\x00\x02\xff"))
    assert got.view(np.uint8).tolist() == [0, 1, 1]


# --- trees -----------------------------------------------------------------------------------------------------------


def deep(tree: Any, times: int) -> Any:
    for _ in range(times):
        tree = [tree]
    return tree


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"$": "array"},
        {"v": 0},
        {"$": "array", "v": -1},
        {"$": "array", "v": True},
        {"$": "array", "v": 1.0},
        {"$": "array", "v": 7},
        {"$": "array", "v": "0"},
        {"$": "scalar", "v": None},
        {"$": "model", "v": -1},
        {"$": "history", "v": "0"},
        {"$": "tuple", "v": 3},
        {"$": "dict", "v": [[1]]},
        {"$": "dict", "v": [[[1], 2]]},
        {"$": "dict", "v": [[{"$": "array", "v": 0}, 2]]},
        {"$": "dict", "v": [[{"$": "int", "v": hex(2**61 - 1)}, 2]]},
        {"$": "dict", "v": [[{"$": "complex", "v": [1, 2]}, 2]]},
        {"$": "dict", "v": [[{"$": "tuple", "v": [1 << 62]}, 2]]},
        {"$": "int", "v": "zz"},
        {"$": "int", "v": 5},
        {"$": "complex", "v": [1, 2, 3]},
        {"$": "complex", "v": ["a", "b"]},
        {"$": "history_data", "v": []},
        {"$": "history_data", "v": [0, [], [], {"$": "dict", "v": []}]},
        {"$": "history_data", "v": [0, {"$": "dict", "v": [["loss", 3]]}, [], {"$": "dict", "v": []}]},
        {"$": "history_data", "v": [0, {"$": "dict", "v": [["loss", ["x"]]]}, [], {"$": "dict", "v": []}]},
        {"$": "history_data", "v": [-1, {"$": "dict", "v": []}, [], {"$": "dict", "v": []}]},
        {"$": "opaque", "v": deep("x", 5)},
        {"$": "pickle", "v": "gASVAAAA"},
        {"$": ["array"], "v": 0},
        {"$": {}, "v": 0},
        deep(1, 3 * values.DEPTH_CAP),
        {"$": "scalar", "v": 1},
    ],
    ids=lambda tree: str(tree)[:50],
)
def test_a_tree_that_pack_does_not_make_is_refused(tree: Any) -> None:
    with pytest.raises(WireError):
        unpack(tree, [np.zeros(2)])


def test_more_parts_than_agreed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "NODES_CAP", 10)
    with pytest.raises(WireError, match="too many parts"):
        unpack([1] * 20, [])


KINDS = ("array", "scalar", "tuple", "dict", "int", "complex", "model", "history", "history_data", "opaque", "other")
json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.fixed_dictionaries(
            {
                "$": st.sampled_from(KINDS),
                "v": inner,
            }
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(json_trees)
def test_no_tree_raises_anything_but_a_wire_error(tree: Any) -> None:
    with contextlib.suppress(WireError):
        unpack(tree, [np.zeros(2), np.array("ab")])


def test_a_long_list_of_floats_crosses_as_an_array_and_comes_back_as_a_list() -> None:
    value = [0.1 * n for n in range(1000)]
    tree, arrays = pack(value)
    assert len(arrays) == 1
    assert unpack(tree, arrays) == value
    assert isinstance(unpack(tree, arrays)[0], float)
