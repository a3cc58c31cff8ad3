"""Returns the HyperParameters object."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_a_search", "best_of_another_search")


def best_hyperparameters(tuner):
    return tuner.get_best_hyperparameters(1)[0]
