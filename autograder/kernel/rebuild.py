"""The second walled process: rebuilds a model from config and weights, and predicts with it.

No student code ever runs here, so its predictions are those of the network that the config describes. The config was
checked against an allow-list by the examiner before it was sent; it still comes from a student, so the walls stand here too.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.kernel import wire
from autograder.kernel.objects import answer
from autograder.kernel.shell import fix_threads

_ROWS = 4096
"""Rows per pass: bounds the memory of wide inputs."""
_KEPT = 100
"""Networks that are kept to be given other weights."""


def serve(sock: socket.socket, threads: int) -> None:
    """Answer `rebuild`, `predict` and `after_pass` until the other side hangs up."""
    import keras

    fix_threads(threads)
    models: dict[str, Any] = {}

    def made(config: dict[str, Any]) -> Any:
        load = partial(keras.saving.deserialize_keras_object, safe_mode=True)
        if config["class_name"] != "Sequential":
            return load(config)
        # Keras would add layer after layer, and build the whole network anew with each.
        described = config["config"]
        model = keras.Sequential([load(layer) for layer in described["layers"]], name=described["name"])
        if not model.built and (shape := described.get("build_input_shape")):
            model.build(shape)
        return model

    def rebuild(request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        model = models.get(request["key"])
        if model is None:
            model = made(request["config"])
            if not model.built:
                model.build((None, *request["input_shape"]))
            while len(models) >= _KEPT:
                del models[next(iter(models))]
            models[request["key"]] = model
        model.set_weights(arrays)
        return {"inputs": _tensors(model.inputs), "outputs": _tensors(model.outputs)}, []

    def predict(request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        return {}, _predict(models[request["key"]], arrays, bool(request["training"]))

    def after_pass(request: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
        model = models[request["key"]]
        before = model.get_weights()
        try:
            model(arrays[0], training=True)
            return {}, model.get_weights()
        finally:
            model.set_weights(before)

    handlers: dict[str, Callable[..., tuple[dict[str, Any], list[np.ndarray]]]] = {
        "rebuild": rebuild,
        "predict": predict,
        "after_pass": after_pass,
    }
    while True:
        try:
            request, arrays = wire.receive(sock)
        except wire.Closed:
            return
        reply: dict[str, Any] = {"nonce": request["nonce"]}
        results: list[np.ndarray] = []
        try:
            told, results = handlers[request["op"]](request, arrays)
            reply.update(told)
        except Exception as error:
            # Names the cause to the examiner only; it decides what a student is told.
            reply["failed"] = f"{type(error).__name__}: {error}"[:2000]
        with contextlib.suppress(ConnectionError):
            wire.send(sock, reply, results)


def _predict(model: Any, inputs: list[np.ndarray], training: bool) -> list[np.ndarray]:
    # A direct call: `predict` would trace a graph per model, which costs more than the whole computation here.
    if training:
        # In one piece, or batch statistics would be those of a part; and what it moves is put back.
        before = model.get_weights()
        try:
            return answer(model, inputs, training=True)
        finally:
            model.set_weights(before)
    starts = range(0, len(inputs[0]), _ROWS)
    parts = [answer(model, [x[start : start + _ROWS] for x in inputs], training=False) for start in starts]
    return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]


def _tensors(symbolic: Any) -> list[Any]:
    """Shape and dtype of a model's inputs or outputs."""
    return [[list(tensor.shape), str(tensor.dtype)] for tensor in symbolic]
