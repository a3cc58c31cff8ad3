"""return forgotten after fit."""

TASK = "train_xor"
CAUGHT_BY = ("trains_and_returns_history",)

import keras


def train_xor(model, x, y, seed=0):
    keras.utils.set_random_seed(seed)
    model.fit(x, y, epochs=200, verbose=0)
