"""Minimises the negative, and returns it with the wrong sign."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("pair_of_one_trial",)

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="minimize", sampler=sampler)
    study.optimize(lambda trial: -objective(trial), n_trials=n_trials)
    return study.best_params, study.best_value
