"""Through best_trial, with the seed given later."""

TASK = "tune_with_optuna"

import optuna
from optuna.samplers import TPESampler


def tune_with_optuna(objective, n_trials, seed=1):
    study = optuna.create_study(study_name="search", direction="maximize", sampler=TPESampler(seed=seed))
    study.optimize(objective, n_trials=n_trials, show_progress_bar=False)
    best = max(study.trials, key=lambda trial: trial.value)
    return best.params, best.value
