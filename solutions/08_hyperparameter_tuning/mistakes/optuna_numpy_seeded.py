"""NumPy is seeded, and the sampler does not care."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("seed_of_the_sampler",)

import numpy as np
import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    np.random.seed(seed)
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=n_trials)
    return study.best_params, study.best_value
