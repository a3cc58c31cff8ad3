"""Ask and tell in place of optimize; a list in place of a tuple."""

TASK = "tune_with_optuna"

import optuna


def tune_with_optuna(objective, n_trials, seed=1):
    study = optuna.create_study(
        direction=optuna.study.StudyDirection.MAXIMIZE, sampler=optuna.samplers.TPESampler(seed=seed, multivariate=True)
    )
    for _ in range(n_trials):
        trial = study.ask()
        study.tell(trial, objective(trial))
    return [dict(study.best_trial.params), float(study.best_trial.value)]
