"""No direction: the study minimises."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("highest_trial",)

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_params, study.best_value
