"""Small data reaches TensorFlow without Keras's functions, and trains the same networks."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
import numpy as np
import keras
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
from autograder.kernel import tuning

original = ArrayDataAdapter.get_tf_dataset
x = np.random.default_rng(0).normal(size=(40, 2))
y = (x[:, 0] * x[:, 1] > 0).astype(int)

def trained(seed=1, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    keras.utils.set_random_seed(seed)
    history = model.fit(x, y, epochs=8, verbose=0, **options)
    return np.array(history.history["loss"]), model.predict(x, verbose=0), model.evaluate(x, y, verbose=0)

def close(first, second):
    return all(np.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(first, second, strict=True))

plain = {name: trained(**options) for name, options in {
    "one batch": {"batch_size": 40}, "in order": {"shuffle": False}, "weighted": {"batch_size": 64, "class_weight": {0: 1, 1: 3}},
}.items()}
tuning.tune()
assert ArrayDataAdapter.get_tf_dataset is not original
assert close(trained(batch_size=40), plain["one batch"])
assert close(trained(shuffle=False), plain["in order"])
assert close(trained(batch_size=64, class_weight={0: 1, 1: 3}), plain["weighted"])
assert np.array_equal(trained(1)[0], trained(1)[0]), "the same seed draws the same order"
assert not np.array_equal(trained(1)[0], trained(2)[0]), "another seed draws another one"
assert trained(1)[0][-1] < trained(1)[0][0]
tuning.SMALL = 10
assert np.array_equal(trained(1)[0], trained(1)[0]), "larger data go Keras's own way"
print("all right")
"""


@pytest.mark.timeout(200)
def test_training_on_small_data_gives_what_keras_gives() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.stdout.strip().endswith("all right"), done.stderr[-2000:]
