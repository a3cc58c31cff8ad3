"""predict in a loop: dropout is off and every pass the same."""

TASK = "monte_carlo_predict"
CAUGHT_BY = (
    "mean_of_passes",
    "spread_of_passes",
    "number_of_passes",
)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    passes = np.stack([np.asarray(model.predict(x, verbose=0))[:, 0] for _ in range(samples)])
    return passes.mean(axis=0), passes.std(axis=0)
