"""Passes side by side, sample deviation."""

TASK = "monte_carlo_predict"

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    columns = []
    for _ in range(samples):
        columns.append(model(x, training=True).numpy().ravel())
    table = np.column_stack(columns)
    return np.mean(table, axis=1), np.std(table, axis=1, ddof=1)
