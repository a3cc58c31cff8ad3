"""Ten epochs, as for thousands of samples."""

TASK = "train_xor"
CAUGHT_BY = ("solves_xor",)

import keras


def train_xor(model, x, y, seed=0):
    keras.utils.set_random_seed(seed)
    return model.fit(x, y, epochs=10, verbose=0)
