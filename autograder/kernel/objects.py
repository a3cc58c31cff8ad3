"""Objects that stay on the student's side, and how they are described to the other one.

Keras is looked up in `sys.modules` and never imported from here: a NumPy assignment's process must not pay for it.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograder.kernel.values import HistoryData, Opaque, Ref, crosses

HELD = 10_000
"""Objects that are kept to be handed back; more are described by their type alone."""
_PLAIN = frozenset({type(None), bool, int, float, str})


class Objects:
    """Models, histories and whatever else has no plain form, by number."""

    def __init__(self) -> None:
        self._held: list[Any] = []

    def get(self, number: int) -> Any:
        """The object behind a reference."""
        return self._held[number]

    def restore(self, value: Any) -> Any:
        """`value` with every reference replaced by the object itself."""
        if isinstance(value, Ref):
            return self._held[value.id]
        if isinstance(value, list | tuple):
            return type(value)(self.restore(item) for item in value)
        if isinstance(value, dict):
            return {key: self.restore(item) for key, item in value.items()}
        return value

    def represent(self, value: Any, depth: int = 0) -> Any:
        """`value` with Keras objects and tensors in their plain form; other types pass through to `values.pack`."""
        # A million numbers in a list are the student's answer, and looking at each would be charged to their clock.
        if type(value) in _PLAIN or (type(value) in (list, tuple) and set(map(type, value)) <= _PLAIN):
            return value
        keras = sys.modules.get("keras")
        if keras is not None:
            if isinstance(value, keras.Model):
                return Ref(self._hold(value), "model")
            if isinstance(value, keras.callbacks.History):
                return HistoryData(
                    {str(key): [_number(item) for item in items] for key, items in value.history.items()},
                    [int(epoch) for epoch in value.epoch],
                    {key: item for key, item in (value.params or {}).items() if isinstance(item, int | float | str)},
                    Ref(self._hold(value), "history"),
                )
            if isinstance(value, keras.Variable) or keras.ops.is_tensor(value):
                return np.asarray(keras.ops.convert_to_numpy(value))
        if depth < 20:
            # Named tuples and ordered dicts too: what is inside them crosses as well.
            if isinstance(value, tuple):
                return tuple(self.represent(item, depth + 1) for item in value)
            if isinstance(value, list):
                return [self.represent(item, depth + 1) for item in value]
            if isinstance(value, dict):
                return {key: self.represent(item, depth + 1) for key, item in value.items()}
        if not crosses(value) and len(self._held) < HELD:
            return Opaque(type(value).__name__, Ref(self._hold(value), "object"))
        return value

    def helper(self, source: str, name: str) -> Any:
        """What `source`, run in a namespace of its own, defines as `name`."""
        namespace: dict[str, Any] = {"__name__": "helper"}
        exec(compile(source, "<helper>", "exec"), namespace)
        return namespace[name]

    def config_of(self, model: Any) -> dict[str, Any]:
        """Config, compile config and shapes of a model as JSON-ready data."""
        keras = sys.modules["keras"]
        described: dict[str, Any] = {
            "class_name": type(model).__name__,
            "config": keras.saving.serialize_keras_object(model),
            "built": bool(model.built),
            "compiled": model.get_compile_config() if model.compiled else None,
        }
        for name in ("input_shape", "output_shape"):
            try:
                described[name] = getattr(model, name)
            except (AttributeError, ValueError):
                described[name] = None
        return described

    def build(
        self,
        input_shape: tuple[int, ...],
        layers: list[tuple[str, dict[str, Any]]],
        compile: dict[str, Any] | None,
        weights: list[np.ndarray] | None,
    ) -> Any:
        """A real Sequential model by the grader's description, for student functions that take a model."""
        keras = sys.modules["keras"]
        made = [getattr(keras.layers, name)(**options) for name, options in layers]
        model = keras.Sequential([keras.Input(tuple(input_shape)), *made])
        if weights is not None:
            model.set_weights(weights)
        if compile is not None:
            optimizer = compile.get("optimizer", "adam")
            if isinstance(optimizer, list | tuple):
                name, options = optimizer
                optimizer = getattr(keras.optimizers, name)(**options)
            model.compile(**{**compile, "optimizer": optimizer})
        return model

    def history(self, data: dict[str, list[float]]) -> Any:
        """A real `History` that recorded `data`."""
        history = sys.modules["keras"].callbacks.History()
        history.history = data
        history.epoch = list(range(max((len(items) for items in data.values()), default=0)))
        history.params = {"verbose": 0, "epochs": len(history.epoch), "steps": 1}
        return history

    def _hold(self, value: Any) -> int:
        for number, held in enumerate(self._held):
            if held is value:
                return number
        self._held.append(value)
        return len(self._held) - 1


def _number(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size != 1:
        return value.tolist()
    return float(value) if isinstance(value, int | float | np.generic | np.ndarray) else value


def answer(model: Any, inputs: list[np.ndarray], training: bool) -> list[np.ndarray]:
    """What each output of a model gives for one array per input, in the order in which Keras counts them."""
    given: Any = inputs[0]
    if len(inputs) > 1:
        # Inputs may go by names of their own.
        given = sys.modules["keras"].tree.pack_sequence_as(model.input, inputs)
    return [numbers(leaf) for leaf in leaves(model(given, training=training))]


def leaves(outputs: Any) -> list[Any]:
    """What a model returned as a flat list."""
    if isinstance(outputs, dict):
        return [leaf for key in sorted(outputs) for leaf in leaves(outputs[key])]
    if isinstance(outputs, list | tuple):
        return [leaf for part in outputs for leaf in leaves(part)]
    return [outputs]


def numbers(tensor: Any) -> np.ndarray:
    """A tensor as an array that may cross: half precision of TensorFlow's own kind as single precision."""
    array = np.asarray(tensor)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array
