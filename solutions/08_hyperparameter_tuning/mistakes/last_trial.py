"""The last trial for the best."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_a_search", "best_of_another_search")


def best_hyperparameters(tuner):
    return dict(list(tuner.oracle.trials.values())[-1].hyperparameters.values)
