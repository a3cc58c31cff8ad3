"""The values of the last trial with the number of the best."""

TASK = "tune_with_optuna"
CAUGHT_BY = ("pair_of_one_trial", "highest_trial")

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.trials[-1].params, study.best_value
