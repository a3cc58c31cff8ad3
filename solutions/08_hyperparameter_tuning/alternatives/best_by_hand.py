"""The scores compared by hand, in the direction of the objective."""

TASK = "best_hyperparameters"


def best_hyperparameters(tuner):
    sign = 1 if tuner.oracle.objective.direction == "max" else -1
    best = max(tuner.oracle.trials.values(), key=lambda trial: sign * trial.score)
    hp = best.hyperparameters
    return {name: hp.get(name) for name in hp.values}
