"""The second walled process: rebuilds a model from config and weights, and predicts with it.

No student code ever runs here, so its predictions are those of the network that the config describes. The config was
checked against an allow-list by the examiner before it was sent; it still comes from a student, so the walls stand here too.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import numpy as np

from autograder.kernel import wire
from autograder.kernel.shell import fix_threads

_ROWS = 4096
"""Rows per pass: bounds the memory of wide inputs."""


def serve(sock: socket.socket, threads: int) -> None:
    """Answer `rebuild` and `predict` until the other side hangs up."""
    import keras

    fix_threads(threads)
    models: dict[str, Any] = {}
    while True:
        try:
            request, arrays = wire.receive(sock)
        except wire.Closed:
            return
        reply: dict[str, Any] = {"nonce": request["nonce"]}
        results: list[np.ndarray] = []
        try:
            if request["op"] == "rebuild":
                model = models.get(request["key"])
                if model is None:
                    model = keras.saving.deserialize_keras_object(request["config"], safe_mode=True)
                    if not model.built:
                        model.build((None, *request["input_shape"]))
                    models[request["key"]] = model
                model.set_weights(arrays)
                reply["parameters"] = int(model.count_params())
            else:
                results = [_predict(models[request["key"]], arrays[0])]
        except Exception as error:
            # Names the cause to the examiner only; it decides what a student is told.
            reply["failed"] = f"{type(error).__name__}: {error}"[:2000]
        with contextlib.suppress(ConnectionError):
            wire.send(sock, reply, results)


def _predict(model: Any, x: np.ndarray) -> np.ndarray:
    # A direct call: `predict` would trace a graph per model, which costs more than the whole computation here.
    parts = [np.asarray(model(x[i : i + _ROWS], training=False)) for i in range(0, len(x), _ROWS)]
    return np.concatenate(parts)
