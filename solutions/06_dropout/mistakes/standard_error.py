"""The error of the mean in place of the spread of the passes."""

TASK = "monte_carlo_predict"
CAUGHT_BY = ("spread_of_passes",)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    passes = np.stack([np.asarray(model(x, training=True))[:, 0] for _ in range(samples)])
    return passes.mean(axis=0), passes.std(axis=0) / np.sqrt(samples)
