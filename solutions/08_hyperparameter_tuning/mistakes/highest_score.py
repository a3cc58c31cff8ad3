"""The highest score for the best, whatever the objective."""

TASK = "best_hyperparameters"
CAUGHT_BY = ("best_of_another_search",)


def best_hyperparameters(tuner):
    trials = tuner.oracle.trials.values()
    return max(trials, key=lambda trial: trial.score).hyperparameters.values
