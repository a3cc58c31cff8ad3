"""Noise of its own on the usual prediction."""

TASK = "monte_carlo_predict"
CAUGHT_BY = (
    "mean_of_passes",
    "spread_of_passes",
    "number_of_passes",
    "model_without_dropout",
)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    rng = np.random.default_rng()
    p = model.predict(x, verbose=0)[:, 0]
    passes = np.stack([p + rng.normal(0, 0.1, p.shape) for _ in range(samples)])
    return passes.mean(axis=0), passes.std(axis=0)
