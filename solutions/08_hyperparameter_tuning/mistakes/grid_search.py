"""A grid search in place of a random one: the seed has nothing to draw."""

TASK = "run_search"
CAUGHT_BY = ("objective_of_the_search", "seed_of_the_search")

import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    tuner = keras_tuner.GridSearch(
        build,
        objective="val_accuracy",
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        overwrite=True,
    )
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), verbose=0)
    return tuner
