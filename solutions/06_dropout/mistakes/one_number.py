"""One mean and one deviation for everything."""

TASK = "monte_carlo_predict"
CAUGHT_BY = (
    "mean_of_passes",
    "spread_of_passes",
    "number_of_passes",
    "form_of_the_answer",
    "model_without_dropout",
)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    passes = np.stack([np.asarray(model(x, training=True))[:, 0] for _ in range(samples)])
    return passes.mean(), passes.std()
