"""Layer names made the same for the same network.

Keras counts the layers of a process (`dense`, `dense_1`, …), so two builds of one network differ in their names and in nothing
that computes. With names by order the second process can take its twin of the first one and set other weights, which costs a
tenth of rebuilding it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def numbered(config: Any) -> Any:
    """The config of a model, copied, its layers named by their order; configs of an unforeseen form come back as they are."""
    try:
        return _model(config, "model")
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError):
        return config


def _model(model: Mapping[str, Any], name: str) -> dict[str, Any]:
    config = model["config"]
    names = {layer["config"]["name"]: f"layer_{place}" for place, layer in enumerate(config["layers"])}
    if len(names) != len(config["layers"]):
        raise ValueError("two layers of one name")
    changed = {**config, "layers": [_layer(layer, names) for layer in config["layers"]], "name": name}
    for end in ("input_layers", "output_layers"):
        if end in config:
            changed[end] = _ends(config[end], names)
    return {**model, "config": changed}


def _layer(layer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    name = names[layer["config"]["name"]]
    if "layers" in layer["config"]:
        changed = _model(layer, name)
    else:
        changed = {**layer, "config": {**layer["config"], "name": name}}
    if "name" in layer:
        changed["name"] = name
    if "inbound_nodes" in layer:
        changed["inbound_nodes"] = _connections(layer["inbound_nodes"], names)
    return changed


def _connections(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            source, *place = value["config"]["keras_history"]
            return {**value, "config": {**value["config"], "keras_history": [names[source], *place]}}
        return {key: _connections(item, names) for key, item in value.items()}
    return [_connections(item, names) for item in value] if isinstance(value, list) else value


def _ends(value: Any, names: Mapping[str, str]) -> Any:
    """`[name, node, tensor]`, or lists or a dict of them."""
    if isinstance(value, Mapping):
        return {key: _ends(item, names) for key, item in value.items()}
    if value and isinstance(value[0], str):
        return [names[value[0]], *value[1:]]
    return [_ends(item, names) for item in value]
