"""No validation data: there is no val_accuracy to look at."""

TASK = "run_search"
CAUGHT_BY = (
    "objective_of_the_search",
    "number_of_trials",
    "epochs_of_a_trial",
    "data_of_the_search",
    "seed_of_the_search",
    "fresh_folder",
)

import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    tuner = keras_tuner.RandomSearch(
        build,
        objective="val_accuracy",
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        overwrite=True,
    )
    tuner.search(x, y, epochs=5, verbose=0)
    return tuner
