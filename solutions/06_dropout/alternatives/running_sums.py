"""Running sums in place of a table; lists returned."""

TASK = "monte_carlo_predict"

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    total, squares = 0.0, 0.0
    for _ in range(samples):
        p = np.asarray(model(np.asarray(x), training=True), dtype="float64")[:, 0]
        total = total + p
        squares = squares + p**2
    center = total / samples
    spread = np.sqrt(np.maximum(squares / samples - center**2, 0))
    return [center.tolist(), spread.tolist()]
