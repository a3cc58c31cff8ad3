"""What warm processes do ahead changes how long things take, and nothing else: training on small data, and starting a shell."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
import warnings
import numpy as np
import keras
import tensorflow as tf
from keras.src.backend.tensorflow.trainer import TFEpochIterator
from autograder.kernel import tuning

original = TFEpochIterator.__init__
x = np.random.default_rng(0).normal(size=(40, 2))
y = (x[:, 0] * x[:, 1] > 0).astype(int)

def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model

def trained(seed=1, model=None, given=x, steps=1, asked=False, **options):
    model = model or network()
    model.steps_per_execution = steps
    keras.utils.set_random_seed(seed)
    history = model.fit(given, y, **{"epochs": 4, "verbose": 0, **options})
    curves = [np.array(curve) for curve in history.history.values()]
    told = [model.predict(given, verbose=0), model.evaluate(given, y, verbose=0)] if asked else []
    return [*curves, *model.get_weights(), *told]

class Doubled(keras.Model):
    def get_metrics_result(self):
        return {name: 2 * value for name, value in super().get_metrics_result().items()}

def of_own_kind(kind=Doubled):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((2,))
    model = kind(inputs, keras.layers.Dense(1, "sigmoid")(inputs))
    model.compile("sgd", "mse", metrics=[keras.metrics.AUC(), "accuracy"])
    return model

def with_its_own_step():
    model = network()
    step = model.train_step
    model.train_step = lambda data: {"other": 7 * step(data)["loss"]}
    return model

def not_built():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model

def compiled_again():
    model = network()
    trained(model=model, shuffle=False)
    model.layers[0].trainable = False
    model.compile("rmsprop", "mse", metrics=["mae"], weighted_metrics=["accuracy"])
    return model

def frozen():
    model = network()
    model.trainable = False
    return model

def in_python():
    model = network()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return model

def traced():
    # How often a training step is traced.
    model, count = network(), []
    step = model.train_step
    model.train_step = lambda data: count.append(1) or step(data)
    model.fit(x, y, epochs=3, batch_size=8, verbose=0)
    return len(count)

def refusals():
    for metric in ("no such metric", "top_k_categorical_accuracy"):
        model = network()
        model.compile("adam", "binary_crossentropy", metrics=[metric])
        try:
            model.fit(x, y[:, None].repeat(3, axis=1), verbose=0)
        except Exception as error:
            # Keras names the size of a batch only where every batch has it.
            yield f"{type(error).__name__}: {error}".replace("(None,", "(32,")

def in_scope():
    with tf.distribute.OneDeviceStrategy("cpu:0").scope():
        return network()

def with_two_inputs():
    keras.utils.set_random_seed(0)
    inputs = {"a": keras.Input((2,)), "b": keras.Input((2,))}
    model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(keras.layers.Add()([inputs["a"], inputs["b"]])))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return trained(model=model, given={"a": x, "b": x[::-1]}, shuffle=False, asked=True)

CASES = {
    "one batch": lambda: trained(batch_size=40),
    "a last batch that is smaller": lambda: trained(shuffle=False, asked=True),
    "even batches": lambda: trained(batch_size=8, shuffle=False),
    "weighted classes": lambda: trained(batch_size=64, class_weight={0: 1, 1: 3}),
    "weighted samples": lambda: trained(batch_size=64, sample_weight=x[:, 0] ** 2),
    "validation": lambda: trained(batch_size=40, validation_data=(x[:10], y[:10])),
    "a part held out": lambda: trained(batch_size=40, validation_split=0.25),
    "fewer steps than batches": lambda: trained(batch_size=8, shuffle=False, steps_per_epoch=2),
    "more steps than batches": lambda: trained(batch_size=8, shuffle=False, steps_per_epoch=9),
    "two steps at a time": lambda: trained(batch_size=8, shuffle=False, steps=2),
    "a strategy": lambda: trained(model=in_scope(), shuffle=False),
    "two inputs": with_two_inputs,
    "metrics of its own": lambda: trained(model=of_own_kind(), shuffle=False, asked=True),
    "metrics with variables": lambda: trained(model=of_own_kind(keras.Model), shuffle=False, asked=True),
    "a step of its own": lambda: trained(model=with_its_own_step(), shuffle=False),
    "without an input layer": lambda: trained(model=not_built(), shuffle=False, asked=True),
    "compiled again": lambda: trained(model=compiled_again(), shuffle=False, asked=True),
    "nothing to train": lambda: trained(model=frozen(), shuffle=False, asked=True),
    "without tracing": lambda: trained(model=in_python(), shuffle=False, asked=True),
}
plain = {name: case() for name, case in CASES.items()}
refused = [*refusals()]
assert len(refused) == 2, refused
assert traced() == 2, "by Keras itself"
tuning.tune()
assert traced() == 1, "with all variables there"
assert TFEpochIterator.__init__ is not original
for name, case in CASES.items():
    found = case()
    assert len(found) == len(plain[name]), name
    assert all(np.allclose(a, b, rtol=1e-4, atol=1e-5) for a, b in zip(found, plain[name], strict=True)), name
assert np.array_equal(trained(1)[1], trained(1)[1]), "the same seed draws the same order"
assert not np.array_equal(trained(1)[1], trained(2)[1]), "another seed draws another one"
assert [*refusals()] == refused, "what does not fit is refused in the same words"
batches = tuning._Batches((np.arange(40),), 40, 32, True)
first, second = (np.concatenate([part.numpy() for (part,) in batches]) for _ in range(2))
assert not np.array_equal(first, second), "every epoch has its own order"
assert sorted(first) == sorted(second) == list(range(40)), "with every sample once"
assert isinstance(TFEpochIterator(tf.distribute.get_strategy(), x=x, y=y)._get_iterator(), tuning._Batches)
tuning.SMALL = 10
assert not isinstance(TFEpochIterator(tf.distribute.get_strategy(), x=x, y=y)._get_iterator(), tuning._Batches)
print("all right")
"""


@pytest.mark.timeout(200)
def test_training_on_small_data_gives_what_keras_gives() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.stdout.strip().endswith("all right"), done.stderr[-2000:]


SHELL = """
import os, sys, tempfile
import matplotlib.pyplot
import matplotlib_inline.backend_inline
import autograder.kernel.child
from autograder.kernel.capture import Recorder
from autograder.kernel.interactive import start_shell
from autograder.kernel.shell import seed_everything
from matplotlib.backends.registry import backend_registry

os.chdir(tempfile.mkdtemp())
loaded = set(sys.modules)
seed_everything(1)
assert backend_registry._loaded_entry_points, "matplotlib has looked for its backends"
shell = start_shell(Recorder(1000))
shell.run_cell("%matplotlib inline\\n1 + 1")
print(sorted(set(sys.modules) - loaded))
"""


def test_a_students_shell_finds_what_it_needs_imported() -> None:
    done = subprocess.run([sys.executable, "-c", SHELL], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    late = done.stdout.strip().splitlines()[-1]
    assert "IPython" not in late
    assert "numpy" not in late
