"""A random sampler in place of TPE."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("learns_from_trials",)

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.RandomSampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_params, study.best_value
