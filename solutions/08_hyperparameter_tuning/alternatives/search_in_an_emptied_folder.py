"""The folder is emptied by hand; Python's generator seeded too."""

TASK = "run_search"

import shutil

import keras
import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    shutil.rmtree(directory, ignore_errors=True)
    keras.utils.set_random_seed(seed)
    tuner = keras_tuner.RandomSearch(
        lambda hp: build(hp), objective="val_accuracy", max_trials=max_trials, directory=directory
    )
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), shuffle=True, verbose=0)
    return tuner
