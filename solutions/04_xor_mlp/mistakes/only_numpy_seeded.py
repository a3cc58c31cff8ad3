"""Only NumPy is seeded; Keras shuffles with its own generator."""

TASK = "train_xor"
CAUGHT_BY = ("same_seed_same_history",)

import numpy as np


def train_xor(model, x, y, seed=0):
    np.random.seed(seed)
    return model.fit(x, y, epochs=200, verbose=0)
