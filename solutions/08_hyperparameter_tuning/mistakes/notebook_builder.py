"""The notebook's build_model in place of the function given."""

TASK = "run_search"
CAUGHT_BY = ("number_of_trials", "epochs_of_a_trial", "data_of_the_search", "seed_of_the_search", "fresh_folder")

import keras_tuner


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    tuner = keras_tuner.RandomSearch(
        build_model,
        objective="val_accuracy",
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        overwrite=True,
    )
    tuner.search(x, y, epochs=5, validation_data=(x_val, y_val), verbose=0)
    return tuner
