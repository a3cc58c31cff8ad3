"""One pass too few."""

TASK = "monte_carlo_predict"
CAUGHT_BY = ("number_of_passes",)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    passes = np.stack([np.asarray(model(x, training=True))[:, 0] for _ in range(1, samples)])
    return passes.mean(axis=0), passes.std(axis=0)
