"""Columns (n, 1), as the model gives them."""

TASK = "monte_carlo_predict"
CAUGHT_BY = ("form_of_the_answer",)

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    passes = np.stack([np.asarray(model(x, training=True)) for _ in range(samples)])
    return passes.mean(axis=0), passes.std(axis=0)
