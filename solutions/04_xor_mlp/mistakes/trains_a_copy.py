"""A copy is trained; the model handed in stays as it was."""

TASK = "train_xor"
CAUGHT_BY = ("trains_and_returns_history", "solves_xor")

import keras


def train_xor(model, x, y, seed=0):
    keras.utils.set_random_seed(seed)
    copy = keras.models.clone_model(model)
    copy.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return copy.fit(x, y, epochs=200, verbose=0)
