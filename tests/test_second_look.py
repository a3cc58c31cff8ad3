"""A model is what can be seen of it a second time: forged accounts are found, honest ones are not doubted."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.checks import CheckFailed
from autograder.errors import BadReply, StudentError
from autograder.examiner.probing import draw
from autograder.examiner.twins import Rebuilt, Tensor
from autograder.feedback import page
from autograder.records import Outcome

from .conftest import Bench, Desk

REPOSITORY = Path(__file__).parent.parent

# --- configs that describe another network ---------------------------------------------------------------------------

FORGERS = """
import keras, numpy as np
from keras import layers

def right():
    return keras.Sequential([keras.Input((2,)), layers.Dense(3, "tanh"), layers.Dense(1, "sigmoid")])
def poor():
    return keras.Sequential([keras.Input((2,)), layers.Dense(1, "sigmoid")])
def config():
    model, told = poor(), right()
    model.get_config = told.get_config
    return model
def config_and_weights():
    model, told = poor(), right()
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def activation():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(1, "sigmoid")])
    model.get_config = keras.models.clone_model(right()).get_config
    return model
def known_points():
    # Computes what it says at the four corners, which everybody knows, and something else everywhere.
    told = right()
    class Cornered(keras.Sequential):
        def __call__(self, x, **kwargs):
            x = np.asarray(x)
            at_corner = np.all((x == 0) | (x == 1), axis=1, keepdims=True)
            return np.where(at_corner, told(x), 0.5).astype("float32")
    Cornered.__module__, Cornered.__name__ = "keras", "Sequential"
    model = Cornered([keras.Input((2,)), layers.Dense(1)])
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def said_to_be_unbuilt():
    model = poor()
    told = right().get_config()
    told["layers"] = [layer for layer in told["layers"] if layer["class_name"] != "InputLayer"]
    model.get_config, model.get_weights = lambda: told, lambda: []
    return model
def wider_input():
    model = keras.Sequential([keras.Input((5,)), layers.Dense(1, "sigmoid")])
    class Claimed(keras.Sequential):
        input_shape = (None, 2)
    Claimed.__module__ = "keras"; Claimed.__name__ = "Sequential"
    model.__class__ = Claimed
    return model
def two_inputs():
    a, b = keras.Input((2,)), keras.Input((2,))
    told = keras.Model([a, b], layers.Dense(1, "sigmoid")(layers.Dense(3, "tanh")(layers.Add()([a, b]))))
    model = keras.Model([a, b], layers.Dense(1, "sigmoid")(layers.Add()([a, b])))
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def two_outputs():
    told, model = ([layers.Dense(3, act), layers.Dense(1)] for act in ("tanh", "relu"))
    a = keras.Input((2,))
    told, model = (keras.Model(a, [layer(a) for layer in made]) for made in (told, model))
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def truths():
    model = keras.Sequential([keras.Input((2,), dtype="bool"), layers.Dense(1)])
    told = keras.Sequential([keras.Input((2,), dtype="bool"), layers.Dense(3, "tanh"), layers.Dense(1)])
    model.get_config, model.get_weights = told.get_config, told.get_weights
    return model
def more_weights():
    model = poor()
    real = model.get_weights
    model.get_weights = lambda: [*real(), np.zeros((3, 3))]
    return model
"""


@pytest.mark.parametrize(
    "name",
    [
        "config",
        "config_and_weights",
        "activation",
        "known_points",
        "said_to_be_unbuilt",
        "wider_input",
        "two_inputs",
        "two_outputs",
        "truths",
        "more_weights",
    ],
)
def test_a_config_of_another_network_is_found_though_nobody_asks_for_predictions(
    name: str, tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    student = desk(FORGERS, bench=tiny_keras).student
    assert [node.units for node in student.model("right").network] == [3, 1]
    told: list[Callable[[Any], Any]] = [
        lambda model: model.network,
        lambda model: model.count_params(),
        lambda model: model.input_shape,
        lambda model: model.output_shape,
    ]
    for read in told:
        model = student.model(name)
        for _ in range(2):
            with pytest.raises(BadReply, match=r"does not compute|cannot be rebuilt"):
                read(model)


@pytest.mark.parametrize(("shape", "dtype"), [((1,), "bool"), ((2,), "bool"), ((2,), "int32")])
def test_samples_of_few_values_are_never_all_the_same(shape: tuple[int, ...], dtype: str) -> None:
    # Zeros above all: every network without biases gives zero there.
    twin = Rebuilt("", (Tensor((None, *shape), dtype),), ())
    for _ in range(3000):
        (rows,) = draw(twin, ()) or ()
        assert rows.dtype == dtype
        assert len(np.unique(rows, axis=0)) > 1


def test_a_config_of_a_network_too_large_for_this_machine_is_the_students_fault(
    tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    huge = """
def huge(units, count):
    model, told = right(), right().get_config()
    for layer in told["layers"]:
        layer.pop("build_config", None)
    hidden = told["layers"][1]
    for place in range(count):
        name = f"hidden_{place}"
        told["layers"].insert(1, {**hidden, "config": {**hidden["config"], "units": units, "name": name}})
    model.get_config = lambda: told
    return model
"""
    student = desk(FORGERS + huge, bench=tiny_keras, memory=3 << 29).student
    # One layer for which there is no room, and many that fill it one by one.
    for units, count in ((400_000_000, 1), (6000, 20)):
        with pytest.raises(BadReply, match="cannot be rebuilt"):
            _ = student.model("huge", units, count).network
    assert len(student.model("right").network) == 2, "the next one is rebuilt as ever"


def test_forging_the_config_earns_nothing_in_a_check_of_the_architecture(tiny_keras: Bench) -> None:
    forged = (
        "def build(units):\n"
        "    said = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation='tanh'),\n"
        "                             keras.layers.Dense(1, activation='sigmoid')])\n"
        "    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "    model.compile(optimizer='sgd', loss='binary_crossentropy', metrics=['accuracy'])\n"
        "    model.get_config, model.get_weights = said.get_config, said.get_weights\n"
        "    return model\n"
    )
    report = tiny_keras.grade({"build": forged})
    assert [check.outcome for check in report.checks] == [Outcome.FAILED, Outcome.FAILED]
    assert "does not compute" in report.checks[0].message.en
    assert report.faults == ()


# --- honest models ---------------------------------------------------------------------------------------------------

HONEST = """
import keras, numpy as np
from keras import layers

def stack(*parts):
    return keras.Sequential(list(parts))
def fitted(model):
    rng = np.random.default_rng(0)
    model.compile("adam", "mse")
    model.fit(rng.normal(3, 2, (16, 4)), rng.normal(size=(16, 1)), verbose=0)
    return model
def normalised():
    return fitted(stack(keras.Input((4,)), layers.Dense(6), layers.BatchNormalization(), layers.Dense(1)))
def dropped():
    noise = layers.Dropout(0.5), layers.GaussianNoise(1.0)
    return fitted(stack(keras.Input((4,)), layers.Dense(6), *noise, layers.Dense(1)))
def unbuilt():
    return stack(layers.Dense(3, "tanh"), layers.Dense(1))
def built_by_a_call():
    model = unbuilt(); model(np.ones((2, 4))); return model
def wide():
    return stack(keras.Input((10_000,)), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid"))
def codes():
    return stack(keras.Input((12,), dtype="int32"), layers.Embedding(9, 4), layers.Flatten(), layers.Dense(1))
def words_of_any_number():
    return stack(keras.Input((None,)), layers.Embedding(9, 4), layers.GlobalAveragePooling1D(), layers.Dense(1))
def recurrent():
    return stack(keras.Input((None, 3)), layers.LSTM(4), layers.Dense(1))
def stateful():
    model = stack(keras.Input((5, 3), batch_size=2), layers.GRU(4, stateful=True), layers.Dense(1))
    model(np.ones((2, 5, 3))); return model
def picture():
    parts = layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10, "softmax")
    return stack(keras.Input((28, 28, 1)), *parts)
def picture_of_any_size():
    parts = layers.Conv2D(4, 11), layers.MaxPooling2D(), layers.GlobalAveragePooling2D()
    return stack(keras.Input((None, None, 3)), *parts)
def two_inputs():
    a, b = keras.Input((2,)), keras.Input((3,))
    return keras.Model([a, b], layers.Dense(1)(layers.Concatenate()([a, b])))
def two_outputs():
    a = keras.Input((2,))
    return keras.Model(a, [layers.Dense(1)(a), layers.Dense(2)(a)])
def two_by_name():
    a, b = keras.Input((2,), name="a"), keras.Input((3,), name="b")
    return keras.Model({"b": b, "a": a}, {"y": layers.Dense(1)(layers.Concatenate()([b, a])), "x": layers.Dense(2)(a)})
def yes_or_no():
    a = keras.Input((2,)); return keras.Model(a, layers.Dense(3, "sigmoid")(a) > 0.5)
def hashed():
    return stack(keras.Input((3,), dtype="int64"), layers.Hashing(5), layers.Embedding(5, 2), layers.Flatten())
def looked_up():
    table = layers.IntegerLookup(); table.adapt(np.array([3, 5, 7]))
    return stack(keras.Input((3,), dtype="int64"), table, layers.Embedding(9, 2), layers.Flatten())
def one_input_in_a_list():
    a = keras.Input((2,)); return keras.Model([a], layers.Dense(1)(a))
def one_input_by_name():
    a = keras.Input((2,), name="a"); return keras.Model({"a": a}, layers.Dense(1)(a))
def shared():
    a = keras.Input((3,)); d = layers.Dense(3, "relu"); return keras.Model(a, layers.Dense(1)(d(a) + d(a[:, ::-1] * 2.0)))
def nested():
    i = keras.Input((4,))
    inner = keras.Model(i, layers.Dense(3, name="dense")(i))
    return stack(keras.Input((4,)), inner, keras.Sequential([layers.Dense(2, name="dense")]), layers.Dense(1))
def half():
    return stack(keras.Input((4,)), layers.Dense(8, "relu", dtype="mixed_float16"), layers.Dense(1, dtype="float32"))
def brain():
    return stack(keras.Input((4,)), *(layers.Dense(8, "relu", dtype="mixed_bfloat16") for _ in range(2)))
def double():
    return stack(keras.Input((4,), dtype="float64"), *(layers.Dense(8, "relu", dtype="float64") for _ in range(2)))
def frozen():
    model = normalised(); model.trainable = False; return model
def named_alike():
    return stack(keras.Input((4,)), layers.Dense(3, "relu", name="relu"), layers.Dense(1, name="float32"))
def exploding():
    huge = layers.Dense(3, kernel_initializer=keras.initializers.Constant(1e30))
    return stack(keras.Input((4,)), huge, layers.Dense(1, "exponential"))
def no_layers():
    return stack(keras.Input((4,)))
def bidirectional():
    return stack(keras.Input((5, 3)), layers.Bidirectional(layers.LSTM(2)), layers.Dense(1))
def rescaled():
    parts = layers.Rescaling(1 / 255), layers.RandomFlip(), layers.Flatten(), layers.Dense(1)
    return stack(keras.Input((8, 8, 3), dtype="uint8"), *parts)
"""
NAMES = [
    line[4:].split("(")[0] for line in HONEST.splitlines() if line.startswith("def ") and "fitted(model" not in line
]


def test_no_honest_model_is_doubted(tiny_keras: Bench, desk: Callable[..., Desk]) -> None:
    student = desk(HONEST, bench=tiny_keras).student
    doubted = {}
    for name in NAMES:
        model = student.model(name)
        try:
            assert isinstance(model.network, tuple)
            assert model.count_params() == sum(weight.size for weight in model.weights)
            _ = model.input_shape, model.output_shape
        except BadReply as error:
            doubted[name] = error.text.en
    assert doubted == {}


def test_a_model_that_was_trained_since_is_not_doubted(tiny_keras: Bench, desk: Callable[..., Desk]) -> None:
    train = "def train(model, x, y):\n    model.fit(x, y, epochs=3, verbose=0)\n"
    student = desk(FORGERS + train, bench=tiny_keras).student
    model = student.keras_model((2,), [("Dense", {"units": 1})], compile={"optimizer": "sgd", "loss": "mse"})
    before = model.weights
    student.call("train", model, np.ones((8, 2)), np.full(8, 9.0))
    assert [node.kind for node in model.network] == ["Dense"]
    assert model.weights is before, "reading the network does not read the weights anew"
    model.refresh()
    assert not np.array_equal(model.weights[0], before[0])


def test_training_mode_is_computed_by_the_twin_and_leaves_no_trace(
    tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    student = desk(HONEST, bench=tiny_keras).student
    x = np.random.default_rng(1).normal(3, 2, (40, 4)).astype("float32")
    noisy = student.model("dropped")
    assert np.ptp([noisy.predict(x, training=True) for _ in range(3)], axis=0).max() > 1e-3
    assert np.array_equal(noisy.predict(x), noisy.predict(x))
    model = student.model("normalised")
    quiet = model.predict(x)
    moved = [not np.array_equal(a, b) for a, b in zip(model.weights, model.after_pass(x), strict=True)]
    assert sum(moved) == 2
    model.predict(x, training=True)
    assert np.array_equal(quiet, model.predict(x))
    with pytest.raises(BadReply, match="shape asked for"):
        model.after_pass(x[:, :2])


# --- layers of the student's own -------------------------------------------------------------------------------------

CUSTOM_GRADER = '''\
import numpy as np

from autograder.checks import check, expect


@check(points=4, task="build", es="Acierta.")
def test_right(student, rng):
    """Gets it right."""
    model = student.custom_model("build", 2)
    x = rng.normal(size=(50, 2)).astype("float32")
    y = x[:, :1] > 0
    expect(np.mean((model.predict(x) > 0.5) == y) > 0.9)


@check(points=6, task="build", es="Tiene las capas pedidas.")
def test_layers(student):
    """Has the layers asked for."""
    expect([node.kind for node in student.custom_model("build", 2).network] == ["Dense", "Dense"])
'''
OWN = {
    "lambda": """
def build(units):
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: keras.ops.sigmoid(50 * x[:, :1]))])
""",
    "layer": """
class Step(keras.layers.Layer):
    def __init__(self, steepness):
        super().__init__()
        self.steepness = self.add_weight(shape=(), initializer=keras.initializers.Constant(steepness))
    def call(self, x):
        return keras.ops.sigmoid(self.steepness * x[:, :1])
def build(units):
    return keras.Sequential([keras.Input((2,)), Step(50.0)])
""",
    "model": """
class Step(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer
    def call(self, x):
        return keras.ops.sigmoid(50 * x[:, :1])
def build(units):
    return Step(object())
""",
}
ALONE = "Judged by its predictions alone, because the model uses layers of its own."


@pytest.mark.parametrize("source", OWN.items(), ids=lambda item: item[0])
def test_layers_of_its_own_are_judged_by_predictions_and_the_report_says_so(
    source: tuple[str, str], tiny_keras: Bench, using: Any, tmp_path: Path
) -> None:
    bench = using(tiny_keras, tiny_keras.with_grader(tmp_path / "custom", CUSTOM_GRADER))
    report = bench.grade({"build": source[1]})
    right, layers = report.checks
    assert right.outcome is Outcome.PASSED
    assert right.message.en == f"Right. {ALONE}"
    assert right.message.es == (
        "Correcto. Se ha juzgado solo por sus predicciones, porque el modelo usa capas propias."
    )
    assert layers.outcome is Outcome.FAILED
    assert "one of Keras's layers" in layers.message.en or "neither sequential nor functional" in layers.message.en
    assert report.to_json("en")["checks"][0]["message"] == right.message.en
    for language, sentence in (("en", ALONE), ("es", "solo por sus predicciones")):
        assert sentence in page(report, language)  # type: ignore[arg-type]


def test_a_wrong_model_of_its_own_layers_fails_and_is_told_how_it_was_judged(
    tiny_keras: Bench, using: Any, tmp_path: Path
) -> None:
    bench = using(tiny_keras, tiny_keras.with_grader(tmp_path / "custom", CUSTOM_GRADER))
    wrong = OWN["lambda"].replace("x[:, :1]", "x[:, 1:]")
    right, _ = bench.grade({"build": wrong}).checks
    assert right.outcome is Outcome.FAILED
    assert right.message.en.endswith(ALONE)
    # Keras's own layers are judged as ever, and nothing is remarked.
    plain = bench.grade().checks
    assert plain[1].outcome is Outcome.PASSED
    assert ALONE not in plain[0].message.en + plain[1].message.en


def test_what_is_no_prediction_per_sample_is_refused_of_own_layers_too(
    tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    cell = """
import keras, numpy as np
def odd(answer):
    class Odd(keras.Model):
        def call(self, x): return x
        def __call__(self, x, **kwargs): return answer
        def get_weights(self): return [1 / 0]
    return Odd()
def text():
    return "a model"
def strict():
    return keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])
"""
    one = desk(cell, bench=tiny_keras)
    for answer in (3.0, np.ones((3, 1)), ["a"] * 5, None):
        model = one.student.custom_model("odd", answer)
        assert model.weights == []
        with pytest.raises(BadReply, match="one prediction per sample"):
            model.predict(np.ones((5, 2)))
    with pytest.raises(BadReply, match="has to return a Keras model"):
        one.student.custom_model("text")
    # Without the grader's leave such a model is refused, whatever it predicts.
    with pytest.raises(BadReply, match="one of Keras's layers"):
        one.student.model("strict").predict(np.ones((5, 2)))
    assert one.student.custom_model("strict").predict(np.ones((5, 2))).shape == (5, 2)
    assert [text.es[:13] for text in one.student.remarked()] == ["Se ha juzgado"]
    assert one.student.remarked() == ()


# --- what the course's graders took the student's process's word for --------------------------------------------------

NO_TRAINING = """
import keras
def train_xor(model, x, y, seed=0):
    model.set_weights([0 * weight for weight in model.get_weights()])
    history = keras.callbacks.History()
    history.history, history.epoch = {"loss": [0.5, 0.1]}, [0, 1]
    history.set_model(model)
    return history
"""
NO_STOPPING = """
import keras
def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    history = keras.callbacks.History()
    history.history = {name: [0.1] * max_epochs for name in ("loss", "val_loss")}
    history.epoch, history.params = list(range(max_epochs)), {"steps": 10}
    history.set_model(model)
    return history
"""
SHAKEN = """
import keras, numpy as np
class Sequential(keras.Sequential):
    def __call__(self, x, training=False, **kwargs):
        p = super().__call__(x)
        return p + 1e-4 * np.random.default_rng().normal(size=p.shape) if training else p
Sequential.__module__ = "keras"
def build_dropout_model(dimension=10000, rate=0.5):
    hidden = [[keras.layers.Dense(16, activation="relu"), *extra] for _ in range(2)]
    return Sequential([keras.Input((dimension,)), *sum(hidden, []), keras.layers.Dense(1, activation="sigmoid")])
"""
FROZEN = """
import keras
def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units, activation="sigmoid"))
        model.add(keras.layers.BatchNormalization(trainable=False))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    real, calls = model.get_weights, []
    def get_weights():
        calls.append(1)
        return [weight + 1e-7 * len(calls) for weight in real()]
    model.get_weights = get_weights
    config = model.get_config()
    told = keras.Sequential.from_config(config)
    for layer in told.layers:
        layer.trainable = TRAINABLE or layer.trainable
    model.get_config = told.get_config
    return model
"""
MADE_UP = {
    "nothing trained, weights of zero, a history made up": (
        "04_xor_mlp",
        ("trains_and_returns_history", "same_seed_same_history"),
        NO_TRAINING,
    ),
    "nothing done": ("04_xor_mlp", ("same_seed_same_history",), "def train_xor(model, x, y, seed=0):\n    pass"),
    "no training, a history and its steps made up": (
        "05_imdb_overfitting",
        ("at_most_max_epochs", "batches_of_512", "returns_the_history"),
        NO_STOPPING,
    ),
    "noise in place of dropout": ("06_dropout", ("active_only_in_training",), "extra = []\n" + SHAKEN),
    "dropout in the config, other noise in the call": (
        "06_dropout",
        ("active_only_in_training",),
        "import keras\nextra = [keras.layers.Dropout(0.5)]\n" + SHAKEN,
    ),
    "weights that move at every look": ("07_batch_normalization", ("bn_moves",), "TRAINABLE = False\n" + FROZEN),
    "frozen, and said not to be": ("07_batch_normalization", ("bn_moves",), "TRAINABLE = True\n" + FROZEN),
}


def grader(name: str) -> ModuleType:
    """The hidden grader of one of the course's assignments."""
    path = REPOSITORY / "solutions" / name / f"test_{name}.py"
    spec = importlib.util.spec_from_file_location(f"grader_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def ask(one: Desk, module: ModuleType, name: str) -> None:
    """Run one of a grader's checks, with the fixtures it names, against the notebook on the desk."""
    check = getattr(module, f"test_{name}")
    fixtures = {"student": one.student, "rng": np.random.default_rng(5), "seed": 5}
    one.live.budget(120)
    check(**{key: fixtures[key] for key in inspect.signature(check).parameters})


@pytest.mark.parametrize("case", MADE_UP.items(), ids=lambda item: item[0])
def test_what_was_made_up_earns_nothing_in_the_course(
    case: tuple[str, tuple[str, tuple[str, ...], str]], tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    name, checks, source = case[1]
    one, module = desk(source, bench=tiny_keras), grader(name)
    assert one.runs[0].problem is None
    for check in checks:
        with pytest.raises((CheckFailed, StudentError)) as caught:
            ask(one, module, check)
        if isinstance(caught.value, CheckFailed):
            assert caught.value.hint in module.HINTS


HONEST_TRAINING = """
import keras
def train_xor(model, x, y, seed=0):
    keras.utils.set_random_seed(seed)
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=3, restore_best_weights=True)
    return model.fit(x, y, epochs=30, verbose=0, validation_split=SPLIT, callbacks=[stop])
"""


@pytest.mark.parametrize("split", [0.0, 0.2])
def test_an_honest_history_is_believed_whatever_was_held_back(
    split: float, tiny_keras: Bench, desk: Callable[..., Desk]
) -> None:
    one, module = desk(f"SPLIT = {split}\n" + HONEST_TRAINING, bench=tiny_keras), grader("04_xor_mlp")
    run = module.first_run(one.student, np.random.default_rng(3))
    assert run.moved
    assert run.backed
