"""Validation data among the training data."""

TASK = "run_search"
CAUGHT_BY = ("data_of_the_search",)

import keras_tuner
import numpy as np


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    tuner = keras_tuner.RandomSearch(
        build,
        objective="val_accuracy",
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        overwrite=True,
    )
    tuner.search(
        np.concatenate([x, x_val]), np.concatenate([y, y_val]), epochs=5, validation_data=(x_val, y_val), verbose=0
    )
    return tuner
