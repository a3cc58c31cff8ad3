"""A network is judged by what it computes, not by the way it was written down; what is no Keras layer is refused."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.examiner.compiled import Compiled, read_compiled
from autograder.examiner.naming import numbered
from autograder.examiner.network import UnknownLayer, portable, read_network, require_known

pytestmark = pytest.mark.filterwarnings("ignore")

keras: Any = None
layers: Any = None
tf: Any = None


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Not while collecting, which every worker does: the walls' tests fork, and would copy TensorFlow's pages each time."""
    global keras, layers, tf
    import keras
    import tensorflow as tf
    from keras import layers


def config(model: Any) -> Any:
    """What would cross: the serialised model after a trip through JSON."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(model)))


def seen(model: Any) -> list[tuple[Any, ...]]:
    return [(node.kind, node.units, node.activation, node.inputs) for node in read_network(config(model))]


def sequential(*made: Any) -> Any:
    return keras.Sequential([keras.Input((2,)), *made])


def functional(build: Callable[[Any], Any]) -> Any:
    inputs = keras.Input((2,))
    return keras.Model(inputs, build(inputs))


MLP = [("Dense", 4, "tanh", (-1,)), ("Dense", 1, "sigmoid", (0,))]


@pytest.mark.parametrize(
    "make",
    [
        lambda: sequential(layers.Dense(4, activation="tanh"), layers.Dense(1, activation="sigmoid")),
        lambda: keras.Sequential([layers.Dense(4, activation="tanh"), layers.Dense(1, activation="sigmoid")]),
        lambda: sequential(layers.Dense(4, "tanh"), layers.Dense(1, keras.activations.sigmoid)),
        lambda: sequential(layers.Dense(4, tf.nn.tanh), layers.Dense(1, tf.nn.sigmoid)),
        lambda: sequential(layers.Dense(4, tf.keras.activations.tanh), layers.Dense(1, tf.sigmoid)),
        lambda: sequential(layers.Dense(4), layers.Activation("tanh"), layers.Dense(1), layers.Activation("sigmoid")),
        lambda: sequential(layers.Dense(4), layers.Activation(tf.nn.tanh), layers.Dense(1, "sigmoid")),
        lambda: sequential(layers.Dense(4, layers.Activation("tanh")), layers.Dense(1, "sigmoid")),
        lambda: functional(lambda x: layers.Dense(1, "sigmoid")(layers.Dense(4, "tanh")(x))),
        lambda: functional(lambda x: keras.ops.sigmoid(layers.Dense(1)(keras.activations.tanh(layers.Dense(4)(x))))),
        lambda: sequential(keras.Sequential([layers.Dense(4, "tanh")]), layers.Dense(1, "sigmoid")),
        lambda: sequential(functional(lambda x: layers.Dense(4, "tanh")(x)), layers.Dense(1, "sigmoid")),
        lambda: functional(lambda x: layers.Dense(1, "sigmoid")(sequential(layers.Dense(4, "tanh"))(x))),
        lambda: keras.models.clone_model(
            functional(lambda x: layers.Dense(1, "sigmoid", name="out")(layers.Dense(4, "tanh", name="hidden")(x)))
        ),
    ],
)
def test_every_spelling_of_a_network_reads_the_same(make: Callable[[], Any]) -> None:
    assert seen(make()) == MLP


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (lambda: layers.ReLU(), "relu"),
        (lambda: layers.Activation(tf.nn.relu), "relu"),
        (lambda: layers.LeakyReLU(), "leaky_relu"),
        (lambda: layers.Softmax(), "softmax"),
        (lambda: layers.Activation(tf.nn.softmax), "softmax"),
        (lambda: layers.ELU(), "elu"),
        (lambda: layers.Activation("swish"), "silu"),
        (lambda: layers.Activation(tf.nn.silu), "silu"),
    ],
)
def test_an_activation_layer_is_folded_into_the_layer_before_it(layer: Callable[[], Any], name: str) -> None:
    assert seen(sequential(layers.Dense(4), layer())) == [("Dense", 4, name, (-1,))]
    assert seen(sequential(layers.Dense(4, layer()))) == [("Dense", 4, name, (-1,))]


def test_an_activation_is_folded_into_a_convolution_too() -> None:
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.ReLU()])
    assert seen(model) == [("Conv2D", None, "relu", (-1,))]


def test_an_activation_that_others_do_not_pass_through_is_not_folded() -> None:
    def build(x: Any) -> Any:
        hidden = layers.Dense(4, name="h")(x)
        return layers.Concatenate()([layers.Activation("tanh")(hidden), hidden])

    assert seen(functional(build)) == [
        ("Dense", 4, "linear", (-1,)),
        ("Activation", None, "tanh", (0,)),
        ("Concatenate", None, "linear", (1, 0)),
    ]


def test_a_second_activation_is_kept_as_a_layer() -> None:
    assert seen(sequential(layers.Dense(4, "relu"), layers.Activation("tanh"))) == [
        ("Dense", 4, "relu", (-1,)),
        ("Activation", None, "tanh", (0,)),
    ]


def test_an_activation_behind_batch_normalization_stays_behind_it() -> None:
    model = sequential(layers.Dense(4), layers.BatchNormalization(), layers.Activation("relu"))
    assert [node.kind for node in read_network(config(model))] == ["Dense", "BatchNormalization", "Activation"]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("join", [lambda a, b: layers.Concatenate()([a, b]), lambda a, b: layers.Add()([a, b])])
def test_branches_are_told_by_the_nodes_they_read(swapped: bool, join: Any) -> None:
    def build(x: Any) -> Any:
        left, right = layers.Dense(3, "relu")(x), layers.Dense(5 if join is None else 3, "tanh")(x)
        return layers.Dense(1)(join(right, left) if swapped else join(left, right))

    nodes = read_network(config(functional(build)))
    assert sorted(node.activation for node in nodes[:2]) == ["relu", "tanh"]
    assert sorted(nodes[2].inputs) == [0, 1]
    assert (nodes[nodes[2].inputs[0]].activation == "relu") is not swapped


def test_adding_with_an_operator_is_adding() -> None:
    def build(x: Any) -> Any:
        return layers.Dense(3)(x) + layers.Dense(3)(x)

    assert [node.kind for node in read_network(config(functional(build)))] == ["Dense", "Dense", "Add"]


def test_slices_and_wide_and_deep_models_are_read() -> None:
    def build(x: Any) -> Any:
        return layers.Concatenate()([x[:, :1], layers.Dense(3, "relu")(x)])

    assert {node.kind for node in read_network(config(functional(build)))} == {"GetItem", "Dense", "Concatenate"}


def test_two_inputs_and_two_outputs_are_read() -> None:
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    joined = layers.Concatenate()([a, b])
    inner = keras.Model({"a": a, "b": b}, [layers.Dense(1)(joined), layers.Dense(2)(joined)])
    nodes = read_network(config(inner))
    assert nodes[0].inputs == (-1, -1)
    assert [node.inputs for node in nodes[1:]] == [(0,), (0,)]


def test_a_layer_with_options_is_read() -> None:
    model = sequential(
        layers.Dense(
            3,
            kernel_initializer=keras.initializers.HeNormal(seed=1),
            kernel_regularizer=keras.regularizers.L2(0.1),
            kernel_constraint=keras.constraints.MaxNorm(2),
        ),
        layers.Dropout(0.25),
        layers.Normalization(mean=[0.0] * 3, variance=[1.0] * 3),
    )
    nodes = read_network(config(model))
    assert nodes[1].rate == 0.25
    assert nodes[0].config["kernel_regularizer"]["config"]["l2"] == pytest.approx(0.1)


# --- compile settings ------------------------------------------------------------------------------------------------


def compiled(**options: Any) -> Compiled | None:
    model = sequential(layers.Dense(1))
    model.compile(**options)
    return read_compiled(json.loads(json.dumps(model.get_compile_config(), default=str)))


@pytest.mark.parametrize("optimizer", ["rmsprop", "RMSprop", lambda: keras.optimizers.RMSprop(0.1)])
@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        "bce",
        "BinaryCrossentropy",
        lambda: keras.losses.BinaryCrossentropy(),
        lambda: keras.losses.binary_crossentropy,
        lambda: tf.keras.losses.BinaryCrossentropy(from_logits=True),
        lambda: ["binary_crossentropy"],
    ],
)
def test_every_spelling_of_optimizer_and_loss_reads_the_same(optimizer: Any, loss: Any) -> None:
    made = [part() if callable(part) else part for part in (optimizer, loss)]
    got = compiled(optimizer=made[0], loss=made[1])
    assert got is not None
    assert (got.optimizer, got.loss, got.metrics) == ("rmsprop", "binary_crossentropy", ())


@pytest.mark.parametrize(
    "metric",
    [
        "acc",
        "accuracy",
        "binary_accuracy",
        lambda: keras.metrics.BinaryAccuracy(),
        lambda: keras.metrics.BinaryAccuracy(name="mine", threshold=0.4),
        lambda: keras.metrics.binary_accuracy,
        lambda: ["accuracy"],
        lambda: tf.keras.metrics.Accuracy(),
    ],
)
def test_every_spelling_of_accuracy_reads_the_same(metric: Any) -> None:
    made = metric() if callable(metric) else metric
    for options in ({"metrics": [made]}, {"weighted_metrics": [made]}):
        got = compiled(optimizer="adam", loss="mse", **options)
        assert got is not None
        assert got.metrics == ("accuracy",)


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("adam", "Adam"),
        ("adamw", "AdamW"),
        ("sgd", "SGD"),
        ("nadam", "Nadam"),
        ("adagrad", "Adagrad"),
        ("lion", "Lion"),
    ],
)
def test_optimizers_have_keras_names(name: str, class_name: str) -> None:
    for optimizer in (name, class_name, getattr(keras.optimizers, class_name)(0.1)):
        got = compiled(optimizer=optimizer, loss="mse")
        assert got is not None
        assert (got.optimizer, got.loss) == (name, "mean_squared_error")


def test_loss_options_and_other_metrics_are_read() -> None:
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    got = compiled(optimizer="adam", loss=loss, metrics=[keras.metrics.AUC(), "mae", keras.metrics.MeanAbsoluteError()])
    assert got is not None
    assert got.loss_options["from_logits"] is True
    assert got.metrics == ("auc", "mean_absolute_error", "mean_absolute_error")


def test_losses_of_several_outputs_are_read() -> None:
    assert read_compiled({"optimizer": "adam", "loss": {"out": "mse"}, "metrics": {"out": ["acc"]}}) == Compiled(
        "adam", "mean_squared_error", ("accuracy",)
    )


def test_a_model_that_was_not_compiled_has_no_settings() -> None:
    assert read_compiled(None) is None
    assert read_compiled({}) is None


def test_a_function_of_the_students_own_is_no_known_loss() -> None:
    def mine(a: Any, b: Any) -> Any:
        return keras.ops.mean((a - b) ** 2)

    got = compiled(optimizer="adam", loss=mine)
    assert got is not None
    assert got.loss == "mine"


def test_a_loss_class_of_the_students_own_is_not_taken_for_keras_own_of_that_name() -> None:
    own = type("BinaryCrossentropy", (keras.losses.Loss,), {"__module__": "__main__"})
    got = compiled(optimizer="adam", loss=own())
    assert got is not None
    assert got.loss == "own_binary_crossentropy"


# --- what is refused -------------------------------------------------------------------------------------------------


def dense(**changes: Any) -> dict[str, Any]:
    layer = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": 1, "name": "d"},
        "registered_name": None,
    }
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": [{**layer, **changes}]}}


def test_the_unchanged_layer_is_accepted() -> None:
    assert [node.kind for node in read_network(dense())] == ["Dense"]


@pytest.mark.parametrize(
    "changes",
    [
        {"class_name": "Lambda"},
        {"class_name": "TFSMLayer"},
        {"class_name": "TorchModuleWrapper"},
        {"class_name": "__lambda__", "module": "builtins"},
        {"class_name": "__lambda__", "module": None},
        {"class_name": "__typespec__", "module": None},
        {"class_name": "__typespec__", "module": "keras"},
        {"module": "__main__"},
        {"module": "os", "class_name": "system"},
        {"module": "builtins", "class_name": "eval"},
        {"module": "kerasevil.layers"},
        {"module": "keras.layers\nos"},
        {"module": "keras.src.saving.serialization_lib"},
        {"module": "keras.src.utils.file_utils", "class_name": "get_file"},
        {"module": "keras.utils", "class_name": "get_file"},
        {"module": "keras.saving"},
        {"module": "keras.config"},
        {"module": "keras.src.legacy.saving"},
        {"registered_name": "Custom>Dense"},
        {"class_name": "function", "config": "enable_unsafe_deserialization", "module": "keras.config"},
        {"class_name": "function", "config": "my_function", "module": "builtins"},
        {"config": {"units": 1, "activation": {"class_name": "function", "config": "eval", "module": "builtins"}}},
        {"config": {"units": 1, "kernel_initializer": {"class_name": "X", "module": "mine", "config": {}}}},
        {"config": {"layer": {"class_name": "Lambda", "module": "keras.layers", "config": {}}}},
    ],
    ids=str,
)
def test_whatever_could_run_other_code_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownLayer):
        read_network(dense(**changes))


def test_a_lambda_layer_and_a_layer_of_the_students_own_are_refused() -> None:
    class Custom(layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(UnknownLayer, match="Lambda"):
        read_network(config(sequential(layers.Lambda(lambda x: x))))
    with pytest.raises(UnknownLayer, match="Custom"):
        read_network(config(sequential(Custom())))


@pytest.mark.parametrize("registered", [True, False])
def test_a_class_of_the_notebook_is_not_taken_for_keras_own_of_that_name(registered: bool) -> None:
    class Dense(layers.Dense):
        def call(self, x: Any) -> Any:
            return x

    # As in a notebook; Keras then writes no module into the config.
    Dense.__module__ = "__main__"
    if registered:
        keras.saving.register_keras_serializable("keras")(Dense)
    with pytest.raises(UnknownLayer, match="Dense"):
        read_network(config(sequential(Dense(2))))


def test_a_model_class_of_the_notebook_cannot_be_rebuilt_and_is_refused() -> None:
    mine = type("Mine", (keras.Model,), {"__module__": "__main__"})
    inputs = keras.Input((2,))
    with pytest.raises(UnknownLayer, match="Mine"):
        read_network(config(mine(inputs, layers.Dense(1)(inputs))))


@pytest.mark.parametrize("loss", ["mse", lambda a, b: a - b])
def test_compile_settings_are_no_part_of_the_network(loss: Any) -> None:
    model = sequential(layers.Dense(1))
    model.compile(keras.optimizers.SGD(0.1), loss)
    forged = config(model)
    assert "compile_config" in forged
    assert [node.kind for node in read_network(forged)] == ["Dense"]
    assert "compile_config" not in portable(forged)


def test_nesting_and_size_have_a_limit() -> None:
    nested: Any = {}
    for _ in range(50):
        nested = {"a": nested}
    with pytest.raises(UnknownLayer, match="deeply"):
        require_known(nested)
    with pytest.raises(UnknownLayer, match="parts"):
        require_known([{"class_name": "Dense", "module": "keras.layers"}] * 20_001)


def test_a_graph_without_a_beginning_is_an_error_and_no_endless_loop() -> None:
    forged = config(functional(lambda x: layers.Dense(1, name="d")(x)))
    forged["config"]["input_layers"] = []
    with pytest.raises(ValueError, match="missing or circular"):
        read_network(forged)


def test_portable_configs_can_be_rebuilt_without_tensorflow_functions() -> None:
    original = config(sequential(layers.Dense(4, tf.nn.tanh), layers.Dense(3, tf.nn.softmax)))
    rebuilt = keras.saving.deserialize_keras_object(portable(original), safe_mode=True)
    assert [layer.activation.__name__ for layer in rebuilt.layers] == ["tanh", "softmax"]


def test_networks_that_differ_in_penalties_constraints_and_first_weights_have_one_portable_config() -> None:
    plain = sequential(layers.Dense(3, "tanh"))
    options: dict[str, Any] = {
        f"{part}_{kind}": value
        for part in ("kernel", "bias")
        for kind, value in (
            ("initializer", keras.initializers.RandomNormal(seed=1)),
            ("regularizer", keras.regularizers.L1L2(0.1, 0.2)),
            ("constraint", keras.constraints.NonNeg()),
        )
    }
    told = sequential(layers.Dense(3, "tanh", activity_regularizer="l2", **options))
    assert numbered(portable(config(plain))) == numbered(portable(config(told)))
    called = keras.Input((2,), name="first_initializer")
    made = keras.Model({"first_initializer": called}, {"my_constraint": layers.Dense(1)(called)})
    rebuilt = keras.saving.deserialize_keras_object(portable(config(made)), safe_mode=True)
    assert list(rebuilt({"first_initializer": np.ones((2, 2))})) == ["my_constraint"]


def branches(x: Any) -> Any:
    twice = layers.Dense(2)
    inner = sequential(layers.Dense(3, name="dense"), layers.Dropout(0.3))
    return layers.Dense(1)(layers.Concatenate()([inner(twice(x)), keras.ops.tanh(twice(x * 2.0)), x[:, :1]]))


@pytest.mark.parametrize(
    "make",
    [
        lambda: sequential(layers.Dense(4, "tanh", name="float32"), layers.Dense(1, name="linear")),
        lambda: sequential(sequential(layers.Dense(4), layers.BatchNormalization()), layers.Dense(1)),
        lambda: sequential(functional(lambda x: layers.Dense(4, "tanh")(x)), layers.Dense(1, "sigmoid")),
        lambda: functional(branches),
    ],
)
def test_two_builds_of_a_network_are_numbered_alike_and_stay_what_they_are(make: Callable[[], Any]) -> None:
    first, second = make(), make()
    renamed = numbered(config(first))
    assert json.dumps(renamed) == json.dumps(numbered(config(second)))
    assert json.dumps(config(first)) != json.dumps(config(second))
    x = np.random.default_rng(0).normal(size=(5, 2))
    rebuilt = keras.saving.deserialize_keras_object(renamed, safe_mode=True)
    rebuilt.set_weights(first.get_weights())
    assert np.allclose(rebuilt(x), first(x), atol=1e-6)


def test_networks_of_two_inputs_are_numbered_and_what_is_no_model_is_left_alone() -> None:
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    made = config(keras.Model({"a": a, "b": b}, [layers.Dense(1)(layers.Concatenate()([a, b])), layers.Dense(2)(a)]))
    assert seen_of(numbered(made)) == seen_of(made)
    clash = config(sequential(layers.Dense(1, name="x"), layers.Dense(1)))
    clash["config"]["layers"][2]["config"]["name"] = "x"
    for odd in (clash, {"a": 1}, [], None, "text", {"config": {"layers": [3]}}):
        assert numbered(odd) is odd


def seen_of(made: Any) -> list[tuple[Any, ...]]:
    return [(node.kind, node.units, node.inputs) for node in read_network(made)]


REFUSALS = (UnknownLayer, KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["Dense", "function", "keras"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["class_name", "config", "a"]), inner),
    max_leaves=8,
)


@cache
def two_branches() -> str:
    made = functional(lambda x: layers.Concatenate()([layers.Dense(2, "relu")(x), layers.Dense(3)(x)]))
    return json.dumps(config(made))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_forged_config_raises_nothing_but_what_is_documented(data: st.DataObject) -> None:
    forged = json.loads(two_branches())
    spots = [(holder, key) for holder in _holders(forged) for key in _keys(holder)]
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        with contextlib.suppress(IndexError, KeyError):
            holder[key] = data.draw(json_values)
    with contextlib.suppress(*REFUSALS):
        for node in read_network(forged):
            assert isinstance(node.activation, str)
    with contextlib.suppress(*REFUSALS):
        read_compiled(forged)
    numbered(forged)


def _holders(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    return [value, *(h for item in (value.values() if isinstance(value, dict) else value) for h in _holders(item))]


def _keys(holder: Any) -> list[Any]:
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))
