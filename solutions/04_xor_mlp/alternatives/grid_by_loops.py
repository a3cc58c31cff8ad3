"""The points gathered in two loops, then one predict."""

TASK = "decision_grid"

import numpy as np


def decision_grid(model, n=50):
    values = np.linspace(-0.5, 1.5, n)
    points = []
    for x2 in values:
        for x1 in values:
            points.append([x1, x2])
    probabilities = model.predict(np.array(points), batch_size=512, verbose=0)
    return [[float(probabilities[i * n + j, 0]) for j in range(n)] for i in range(n)]
