"""The seed is set once training is over."""

TASK = "train_xor"
CAUGHT_BY = ("same_seed_same_history",)

import keras


def train_xor(model, x, y, seed=0):
    history = model.fit(x, y, epochs=200, verbose=0)
    keras.utils.set_random_seed(seed)
    return history
