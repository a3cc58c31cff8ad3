"""meshgrid with indexing='ij', then transposed."""

TASK = "decision_grid"

import numpy as np


def decision_grid(model, n=50):
    axis = np.linspace(-0.5, 1.5, n)
    x1, x2 = np.meshgrid(axis, axis, indexing="ij")
    points = np.stack([x1, x2], axis=-1).reshape(-1, 2)
    return model.predict(points, verbose=0).reshape(n, n).T
