"""The lowest score for the best, whatever the objective."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_a_search",)


def best_hyperparameters(tuner):
    trials = tuner.oracle.trials.values()
    return min(trials, key=lambda trial: trial.score).hyperparameters.values
