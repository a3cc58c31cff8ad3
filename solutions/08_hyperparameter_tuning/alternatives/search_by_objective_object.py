"""The objective as an object, the tuner from keras_tuner.tuners, keyword arguments."""

TASK = "run_search"

import keras_tuner as kt


def run_search(build, x, y, x_val, y_val, max_trials, directory, seed=1):
    searcher = kt.tuners.RandomSearch(
        hypermodel=build,
        objective=kt.Objective("val_accuracy", direction="max"),
        max_trials=max_trials,
        seed=seed,
        directory=directory,
        project_name="digits",
        overwrite=True,
    )
    searcher.search(x=x, y=y, validation_data=[x_val, y_val], epochs=5, batch_size=16)
    return searcher
