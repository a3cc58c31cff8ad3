"""The student's side of the bridge: runs cells and calls functions, inside the walls.

Nothing here is secret and nothing it says is believed: student code shares this process and may replace any of it.
What it returns is plain data (`values`), and the examiner judges values, never claims.

A bare `InteractiveShell` is used rather than ipykernel: it starts in 0.03 s of CPU instead of 0.35 s, and cells behave
the same (magics, `!commands`, top-level await, rich display). Jupyter clients get a real ipykernel from `provisioner`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.kernel import values, wire
from autograder.kernel.capture import Recorder
from autograder.kernel.interactive import CELL_PREFIX, start_shell
from autograder.kernel.objects import Objects, answer


class StudentShell:
    """One notebook's process: its namespace, its objects and the loop that answers requests."""

    def __init__(self, sock: socket.socket, threads: int, output_cap: int) -> None:
        self._sock = sock
        self._recorder = Recorder(output_cap)
        self._objects = Objects()
        self._observed: list[Any] = []
        self._shell = start_shell(self._recorder)
        fix_threads(threads)

    def serve(self) -> None:
        """Answer requests until the other side hangs up."""
        handlers: dict[str, Callable[..., tuple[dict[str, Any], list[np.ndarray]]]] = {
            "cell": self._cell,
            "call": self._call,
            "arguments": self._arguments,
            "value": self._value,
            "describe": self._describe,
            "fit": self._fit,
            "probe": self._probe,
            "build": self._build,
            "history": self._history,
            "helper": self._helper,
            "apply": self._apply,
            "reseed": self._reseed,
        }
        while True:
            try:
                request, arrays = wire.receive(self._sock)
            except wire.Closed:
                return
            # The nonce ties the answer to its question, so nothing prepared earlier can pass for it.
            nonce = request["nonce"]
            try:
                header, reply = handlers[request["op"]](request, arrays)
                wire.send(self._sock, {"nonce": nonce, **header}, reply)
            except ConnectionError:
                return
            except Exception as error:
                # What they returned cannot be packed, for want of memory perhaps; nothing has been written yet.
                header, _ = self._packed({"raised": _describe_exception(error)})
                wire.send(self._sock, {"nonce": nonce, **header})

    # --- requests ----------------------------------------------------------------------------------------------------

    def _cell(self, request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        seed_everything(request["seed"])
        self._shell.failure = None
        self._shell.compile.cell = request["id"]
        started = time.perf_counter()
        raised = None
        own = os.getpid()
        with self._recorder.recording():
            try:
                with _interruptible():
                    result = self._shell.run_cell(request["source"], store_history=False)
                failure = result.error_before_exec or result.error_in_exec or self._shell.failure
                if failure is not None:
                    raised = _describe_exception(failure)
            except BaseException as error:
                # An interrupt that arrives after the cell's own handlers, or a broken `sys.excepthook` of theirs.
                self._recorder.error(f"{type(error).__name__}")
                raised = _describe_exception(error)
        if os.getpid() != own:
            # The cell forked, and this is the copy, which came back here too: two would read from one socket.
            os._exit(0)
        return {
            "outputs": self._recorder.outputs(),
            "raised": raised,
            "seconds": time.perf_counter() - started,
        }, []

    def _call(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        name = request["name"]
        if name not in self._shell.user_ns:
            return {"missing": name}, []
        args = [self._objects.restore(item) for item in values.unpack(request["args"], arrays)]
        kwargs = {key: self._objects.restore(item) for key, item in values.unpack(request["kwargs"], arrays).items()}
        self._observed = args if request.get("observe") else []
        return self._packed(self._guarded(lambda: self._shell.user_ns[name](*args, **kwargs)))

    def _arguments(self, _request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        return self._packed({"arguments": [self._objects.represent(item) for item in self._observed]})

    def _value(self, request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        name = request["name"]
        if name not in self._shell.user_ns:
            return {"missing": name}, []
        return self._packed(self._guarded(lambda: self._shell.user_ns[name]))

    def _describe(self, request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        model = self._objects.get(request["ref"])
        reply: dict[str, Any] = {}
        with self._muted(reply):
            # A class of the student's own may have weights and no config.
            reply["weights"] = [np.asarray(weight) for weight in model.get_weights()]
            reply["model"] = json.dumps(self._objects.config_of(model), default=_name_of)
        return self._packed(reply)

    def _fit(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        model = self._objects.get(request["ref"])
        args = values.unpack(request["args"], arrays)
        kwargs = values.unpack(request["kwargs"], arrays)
        return self._packed(self._guarded(lambda: model.fit(*args, **kwargs)))

    def _probe(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        model = self._objects.get(request["ref"])
        inputs = values.unpack(request["inputs"], arrays)
        return self._packed(self._guarded(lambda: answer(model, inputs, training=False)))

    def _build(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        spec = values.unpack(request["spec"], arrays)
        reply: dict[str, Any] = {}
        with self._muted(reply):
            reply["value"] = self._objects.represent(self._objects.build(**spec))
        return self._packed(reply)

    def _history(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        history = self._objects.history(values.unpack(request["history"], arrays))
        return self._packed({"value": self._objects.represent(history)})

    def _helper(self, request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        return self._packed(self._guarded(lambda: self._objects.helper(request["source"], request["name"])))

    def _apply(self, request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        function = self._objects.get(request["ref"])
        args = [self._objects.restore(item) for item in values.unpack(request["args"], arrays)]
        kwargs = {key: self._objects.restore(item) for key, item in values.unpack(request["kwargs"], arrays).items()}
        return self._packed(self._guarded(lambda: function(*args, **kwargs)))

    def _reseed(self, request: dict[str, Any], _: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        seed_everything(request["seed"])
        return {}, []

    # --- running student code ----------------------------------------------------------------------------------------

    def _guarded(self, run: Callable[[], Any]) -> dict[str, Any]:
        """Run student code on hidden inputs: what it prints is dropped, since it may print those inputs."""
        reply: dict[str, Any] = {}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            started = time.perf_counter()
            with self._muted(reply):
                value = run()
                reply["seconds"] = time.perf_counter() - started
                reply["value"] = self._objects.represent(value)
            reply.setdefault("seconds", time.perf_counter() - started)
        reply["warnings"] = [_name_of(item.category) for item in caught[:100]]
        return reply

    @contextlib.contextmanager
    def _muted(self, reply: dict[str, Any]) -> Iterator[None]:
        with self._recorder.recording():
            try:
                with _interruptible():
                    yield
            except BaseException as error:
                reply["raised"] = _describe_exception(error)
        self._recorder.clear()

    @staticmethod
    def _packed(reply: dict[str, Any]) -> tuple[dict[str, Any], list[np.ndarray]]:
        tree, arrays = values.pack(reply)
        return {"reply": tree}, arrays


def serve(sock: socket.socket, threads: int, output_cap: int) -> None:
    """Body of a student process; see `StudentShell`."""
    StudentShell(sock, threads, output_cap).serve()


def seed_everything(seed: int) -> None:
    """Seed Python's and NumPy's global generators, and Keras's if it is loaded."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))
    if "keras" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["keras"].utils.set_random_seed(seed % (1 << 32))


def fix_threads(threads: int) -> None:
    """One pool size everywhere, since the number of threads decides the order in which floats are added."""
    os.environ.update(OMP_NUM_THREADS=str(threads))
    if "tensorflow" in sys.modules:
        config = sys.modules["tensorflow"].config.threading
        config.set_intra_op_parallelism_threads(threads)
        config.set_inter_op_parallelism_threads(threads)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, but only while student code runs: the loop around it must survive."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _describe_exception(error: BaseException) -> dict[str, Any]:
    """Class names and the place in the student's cells; never the message, which may quote hidden inputs."""
    place = None
    if isinstance(error, SyntaxError) and str(error.filename or "").startswith(CELL_PREFIX):
        place = [str(error.filename)[len(CELL_PREFIX) :], error.lineno or 0]
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.startswith(CELL_PREFIX):
            place = [name[len(CELL_PREFIX) :], step.tb_lineno]
        step = step.tb_next
    return {"types": [_name_of(cls) for cls in type(error).__mro__[:20]], "place": place}


def _name_of(value: Any) -> str:
    return str(getattr(value, "__name__", type(value).__name__))[:100]
