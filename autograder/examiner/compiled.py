"""How a model was compiled, read from its compile config as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LOSSES = {"bce": "binary_crossentropy", "mse": "mean_squared_error", "mae": "mean_absolute_error"}
_METRICS = dict.fromkeys(
    ("acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"), "accuracy"
)


@dataclass(frozen=True)
class Compiled:
    """How a model was compiled, in Keras's snake_case names."""

    optimizer: str
    loss: str
    metrics: tuple[str, ...]
    """`accuracy` for every spelling of it."""
    loss_options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of a loss given as an object, such as `from_logits`."""


def read_compiled(config: Mapping[str, Any] | None) -> Compiled | None:
    """The compile settings; `None` for a model that was not compiled."""
    if not config:
        return None
    loss, options = _named(_single(config.get("loss")))
    metrics = []
    for item in _listed(config.get("metrics")) + _listed(config.get("weighted_metrics")):
        name = _named(item)[0]
        metrics.append(_METRICS.get(name, _LOSSES.get(name, name)))
    # Keras's own names of optimisers are its class names in small letters: "rmsprop", not "rm_sprop".
    optimizer = _named(config.get("optimizer"))[0].replace("_", "")
    return Compiled(optimizer, _LOSSES.get(loss, loss), tuple(metrics), options)


def _named(value: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(value, Mapping):
        inner = value.get("config")
        if value.get("class_name") == "function":
            return snake(str(inner)), {}
        name = snake(str(value.get("class_name")))
        # A class of the notebook has no module, and is not Keras's even when it bears the same name.
        own = "" if str(value.get("module", "keras")).startswith("keras") else "own_"
        return own + name, inner if isinstance(inner, Mapping) else {}
    return snake(str(value or "")), {}


def _single(value: Any) -> Any:
    """The only loss, where Keras allows a list or a dict of them."""
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(value, Mapping) and "class_name" not in value and len(value) == 1:
        return next(iter(value.values()))
    return value


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, Mapping) and "class_name" not in value:
        return [item for part in value.values() for item in _listed(part)]
    if isinstance(value, list | tuple):
        return [item for part in value for item in _listed(part)]
    return [value]


def snake(name: str) -> str:
    """`BinaryCrossentropy` → `binary_crossentropy`, as Keras names its own."""
    if name.isupper():
        return name.lower()
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
