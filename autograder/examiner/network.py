"""A Keras config, read as data: which layers, in what order.

Sequential and functional models, nested models, activations written as strings, functions or layers of their own all come out
in one form, so that a grader asks about the network and not about the way it was written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.examiner.compiled import snake

INPUT = -1
"""Index that stands for the model's input among a node's `inputs`."""

_COMPILE = "compile_config"
_TRAINING = ("_regularizer", "_constraint")
_MODELS = frozenset({"Sequential", "Functional", "Model"})
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
    "Softmax": "softmax",
    # What `keras.activations.tanh(x)` and `keras.ops.tanh(x)` leave behind in a functional model.
    "Elu": "elu",
    "Gelu": "gelu",
    "LeakyRelu": "leaky_relu",
    "LogSoftmax": "log_softmax",
    "Relu": "relu",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Tanh": "tanh",
}
# TensorFlow's own functions serialise under internal names.
_ACTIVATION_NAMES = {
    "softmax_v2": "softmax",
    "swish": "silu",
    "log_softmax_v2": "log_softmax",
    "hard_swish": "hard_silu",
}
_MODULES = re.compile(
    r"keras(\.src)?(\.(layers|models|ops|initializers|regularizers|constraints|activations|dtype_policies|random)(\..*)?)?"
)
# They run code of their own, or load it from a file.
_REFUSED = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})
# Keras's marks for plain values; the others, `__lambda__` and `__typespec__`, load code or look classes up by name.
_MARKS = frozenset({"__keras_tensor__", "__tensor__", "__numpy__", "__slice__", "__ellipsis__"})
_PARTS_CAP = 20_000
"""Objects in one config; a real network of a course has dozens, and ordering millions would take the examiner hours."""
_SAFE_FUNCTIONS = frozenset(
    [
        "relu",
        "relu6",
        "tanh",
        "sigmoid",
        "softmax",
        "softplus",
        "softsign",
        "elu",
        "selu",
        "gelu",
        "silu",
        "swish",
        "leaky_relu",
        "exponential",
        "linear",
        "hard_sigmoid",
        "hard_silu",
        "log_softmax",
        "mish",
        "celu",
        "softmax_v2",
        "log_softmax_v2",
        "hard_swish",
    ]
)


class UnknownLayer(Exception):
    """The config names something outside the allow-list; `args[0]` is its name."""


@dataclass(frozen=True)
class Node:
    """One layer of the network."""

    kind: str
    """Keras's class name: `Dense`, `Dropout`, `Concatenate`, …"""
    config: Mapping[str, Any] = field(repr=False)
    inputs: tuple[int, ...] = ()
    """Indices of the nodes it reads; `INPUT` is the model's input."""
    activation: str = "linear"

    @property
    def units(self) -> int | None:
        """Width of a dense or recurrent layer."""
        return self.config.get("units")

    @property
    def rate(self) -> float | None:
        """Share that a dropout layer drops."""
        return self.config.get("rate")


def read_network(config: Mapping[str, Any]) -> tuple[Node, ...]:
    """The layers of a serialised model in the order in which data passes them.

    Raises:
        UnknownLayer: something that is not one of Keras's own layers.
        KeyError, TypeError, ValueError: not a serialised model.
    """
    require_known(config)
    nodes: list[Node] = []
    _flatten(config, [INPUT], nodes)
    return _fold_activations(nodes)


def require_known(config: Any) -> None:
    """Refuse a config that names anything but Keras's own layers, initialisers and plain activation functions.

    Raises:
        UnknownLayer: naming it.
    """
    for number, part in enumerate(_objects(config)):
        name = str(part["class_name"])
        if number >= _PARTS_CAP:
            raise UnknownLayer("more parts than a network of this course has")
        if name in _MARKS:
            continue
        if name == "function":
            if part.get("config") not in _SAFE_FUNCTIONS:
                raise UnknownLayer(str(part.get("config"))[:60])
            continue
        # A class of the notebook has no module at all, whatever it is called.
        registered = part.get("registered_name")
        if (
            name in _REFUSED
            or name.startswith("__")
            or not _MODULES.fullmatch(str(part.get("module")))
            or registered not in (None, name)
        ):
            raise UnknownLayer(name[:60])


def names_input(config: Any) -> bool:
    """Whether the config of a known network says what its input is, so that it has weights as soon as it is rebuilt."""
    return any(part["class_name"] == "InputLayer" for part in _objects(config))


def _objects(value: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 40:
        raise UnknownLayer("nested too deeply")
    if isinstance(value, Mapping):
        if "class_name" in value:
            yield value
        for key, item in value.items():
            if key != _COMPILE:
                yield from _objects(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _objects(item, depth + 1)


def portable(config: Any) -> Any:
    """The config with TensorFlow's activation functions replaced by Keras's names, so that Keras can rebuild it.

    What no prediction needs is left out: compile settings, which may name losses of the student's own, penalties and constraints,
    and what weights begin with. So networks that compute alike have one config, and nothing is drawn that is then overwritten.
    """
    if isinstance(config, Mapping):
        if config.get("class_name") == "function" and isinstance(config.get("config"), str):
            return _activation_name(config)
        kept = ((key, item) for key, item in config.items() if key != _COMPILE and not _is_option(key, item, _TRAINING))
        return {key: "zeros" if _is_option(key, item, ("_initializer",)) else portable(item) for key, item in kept}
    if isinstance(config, list | tuple):
        return [portable(item) for item in config]
    return config


def _is_option(key: Any, item: Any, endings: tuple[str, ...]) -> bool:
    """Whether it is a layer's option of such a name: inputs and outputs may be called so too, but what they name is a list."""
    named = isinstance(key, str) and key.endswith(endings)
    return named and (item is None or isinstance(item, str) or (isinstance(item, Mapping) and "class_name" in item))


def _flatten(model: Mapping[str, Any], inputs: list[int], nodes: list[Node]) -> list[int]:
    """Append the model's layers to `nodes`; the indices of its outputs."""
    config = model["config"]
    if model["class_name"] == "Sequential":
        current = inputs
        for layer in config["layers"]:
            if layer["class_name"] != "InputLayer":
                current = _append(layer, current, nodes)
        return current
    outputs: dict[str, list[int]] = {}
    given = iter(inputs)
    for name, *_ in _tensors(config["input_layers"]):
        outputs[name] = [next(given, INPUT)]
    waiting = [layer for layer in config["layers"] if layer["class_name"] != "InputLayer"]
    while waiting:
        ready = [layer for layer in waiting if all(name in outputs for name in _sources(layer))]
        if not ready:
            raise ValueError("a graph with a missing or circular connection")
        for layer in ready:
            read = [index for name in _sources(layer) for index in outputs[name]]
            outputs[str(layer["config"]["name"])] = _append(layer, read, nodes)
            waiting.remove(layer)
    return [index for name, *_ in _tensors(config["output_layers"]) for index in outputs[name]]


def _append(layer: Mapping[str, Any], inputs: list[int], nodes: list[Node]) -> list[int]:
    if layer["class_name"] in _MODELS:
        return _flatten(layer, inputs, nodes)
    config = layer["config"]
    nodes.append(Node(layer["class_name"], config, tuple(inputs), _activation(layer["class_name"], config)))
    return [len(nodes) - 1]


def _tensors(value: Any) -> list[list[Any]]:
    """`[name, node, tensor]` triples: Keras writes one bare triple, or a list of them, or a dict."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if value and isinstance(value[0], str):
        return [value]
    return [item for part in value for item in _tensors(part)]


def _sources(layer: Mapping[str, Any]) -> list[str]:
    """Names of the layers that a functional model's layer reads."""
    return [
        str(part["config"]["keras_history"][0])
        for part in _objects(layer.get("inbound_nodes", []))
        if part["class_name"] == "__keras_tensor__"
    ]


def _fold_activations(nodes: list[Node]) -> tuple[Node, ...]:
    """Fold an activation layer into the linear layer before it, when that one feeds nothing else."""
    readers: dict[int, int] = {}
    for node in nodes:
        for index in node.inputs:
            readers[index] = readers.get(index, 0) + 1
    kept: list[Node] = []
    place: dict[int, int] = {INPUT: INPUT}
    for number, node in enumerate(nodes):
        inputs = tuple(place[index] for index in node.inputs)
        before = inputs[0] if len(inputs) == 1 else INPUT
        if (
            (node.kind == "Activation" or node.kind in _ACTIVATION_LAYERS)
            and before != INPUT
            and kept[before].activation == "linear"
            and "activation" in kept[before].config
            and readers[node.inputs[0]] == 1
        ):
            kept[before] = replace(kept[before], activation=node.activation)
            place[number] = before
        else:
            kept.append(replace(node, inputs=inputs))
            place[number] = len(kept) - 1
    return tuple(kept)


def _activation(kind: str, config: Mapping[str, Any]) -> str:
    if kind in _ACTIVATION_LAYERS:
        return _ACTIVATION_LAYERS[kind]
    return _activation_name(config.get("activation"))


def _activation_name(value: Any) -> str:
    if value is None:
        return "linear"
    if isinstance(value, Mapping):
        if value.get("class_name") == "Activation":
            return _activation_name(value["config"].get("activation"))
        # A function is written {"class_name": "function", "config": "softmax_v2"}, a layer {"class_name": "ReLU", …}.
        value = value["config"] if value.get("class_name") == "function" else value["class_name"]
    name = _ACTIVATION_LAYERS.get(str(value)) or snake(str(value))
    return _ACTIVATION_NAMES.get(name, name)
