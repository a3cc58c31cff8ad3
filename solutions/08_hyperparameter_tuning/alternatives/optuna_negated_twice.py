"""Minimises the negative and turns the sign back."""

TASK = "tune_with_optuna"

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(lambda trial: -objective(trial), n_trials)
    return study.best_params, -study.best_value
