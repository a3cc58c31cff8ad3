"""Plain Python floats and lists, no NumPy in the descent; returns a list."""

TASK = "fit_line"

import numpy as np


def fit_line(x, y, learning_rate, epochs):
    x, y = np.ravel(x).tolist(), np.ravel(y).tolist()
    w, b, losses = 0.0, 0.0, []
    for _ in range(epochs):
        errors = [w * a + b - c for a, c in zip(x, y, strict=True)]
        losses += [sum(e**2 for e in errors) / len(errors)]
        step_w = 2 / len(x) * sum(e * a for e, a in zip(errors, x, strict=True))
        step_b = 2 / len(x) * sum(errors)
        w -= learning_rate * step_w
        b -= learning_rate * step_b
    return [w, b, losses]
