"""Only NumPy is seeded; Keras shuffles with TensorFlow's generator (on JAX with NumPy's, where this is right)."""

TASK = "train_xor"
CAUGHT_BY = ("same_seed_same_history",)
ONLY_ON = "tensorflow"

import numpy as np


def train_xor(model, x, y, seed=0):
    np.random.seed(seed)
    return model.fit(x, y, epochs=200, verbose=0)
