"""The values without their names."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_a_search", "best_of_another_search")


def best_hyperparameters(tuner):
    return list(tuner.get_best_hyperparameters()[0].values.values())
