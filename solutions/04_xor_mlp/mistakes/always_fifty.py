"""n is ignored."""

TASK = "decision_grid"
CAUGHT_BY = ("grid_form",)

import numpy as np


def decision_grid(model, n=50):
    axis = np.linspace(-0.5, 1.5, 50)
    x1, x2 = np.meshgrid(axis, axis)
    points = np.column_stack([x1.ravel(), x2.ravel()])
    return model.predict(points, verbose=0).reshape(50, 50)
