"""seed is not handed on."""

TASK = "run_search"
CAUGHT_BY = ("seed_of_the_search",)

import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    tuner = keras_tuner.RandomSearch(
        build,
        objective="val_accuracy",
        max_trials=max_trials,
        directory=directory,
        overwrite=True,
    )
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), verbose=0)
    return tuner
