"""Always the same seed."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("seed_of_the_sampler",)

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=42)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_params, study.best_value
