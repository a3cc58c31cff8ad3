"""One trial too few."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("trials_of_the_study",)

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials - 1)
    return study.best_params, study.best_value
