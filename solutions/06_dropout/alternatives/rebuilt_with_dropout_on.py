"""The layers called one by one with dropout on, in one array of two rows."""

TASK = "monte_carlo_predict"

import numpy as np


def monte_carlo_predict(model, x, samples=20):
    def one_pass(h):
        for layer in model.layers:
            h = layer(h, training=True) if "Dropout" in type(layer).__name__ else layer(h)
        return np.asarray(h)[:, 0]

    drawn = np.array([one_pass(np.asarray(x)) for _ in range(samples)])
    return np.array([drawn.mean(0), drawn.std(0)])
