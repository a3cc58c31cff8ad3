"""Classes where probabilities were asked for."""

TASK = "decision_grid"
CAUGHT_BY = ("grid_values",)

import numpy as np


def decision_grid(model, n=50):
    axis = np.linspace(-0.5, 1.5, n)
    x1, x2 = np.meshgrid(axis, axis)
    points = np.column_stack([x1.ravel(), x2.ravel()])
    return (model.predict(points, verbose=0) > 0.5).astype(int).reshape(n, n)
