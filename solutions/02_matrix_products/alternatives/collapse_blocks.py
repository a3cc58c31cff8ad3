"""Layers as block matrices with the bias as last row: one product does it all."""

TASK = "collapse"

import numpy as np


def collapse(w1, b1, w2, b2):
    def block(w, b):
        table = np.vstack([np.asarray(w, dtype=float), b])
        return np.hstack([table, np.eye(len(table))[:, -1:]])

    both = block(w1, b1) @ block(w2, b2)
    return both[:-1, :-1], both[-1, :-1]
