"""Through the oracle's ranking of trials."""

TASK = "best_hyperparameters"


def best_hyperparameters(tuner):
    best = tuner.oracle.get_best_trials(num_trials=1)[0]
    return best.hyperparameters.values
