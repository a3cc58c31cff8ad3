"""Trains on the notebook's own data, whatever comes in."""

TASK = "train_xor"
CAUGHT_BY = ("trains_and_returns_history",)

import keras
import numpy as np


def train_xor(model, x, y, seed=0):
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
    labels = np.array([0, 1, 1, 0], dtype="float32")
    keras.utils.set_random_seed(seed)
    return model.fit(points, labels, epochs=200, verbose=0)
