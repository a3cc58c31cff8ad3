"""The oracle made by hand."""

TASK = "run_search"

import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    oracle = keras_tuner.oracles.RandomSearchOracle(objective="val_accuracy", max_trials=max_trials, seed=seed)
    tuner = keras_tuner.Tuner(oracle, build, directory=str(directory), overwrite=True)
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), verbose=2)
    return tuner
