"""Number first, values second."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("pair_of_one_trial", "highest_trial")

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_value, study.best_params
