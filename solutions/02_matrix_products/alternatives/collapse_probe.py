"""Probes the two layers with zeros and with the identity."""

TASK = "collapse"

import numpy as np


def collapse(w1, b1, w2, b2):
    size = len(w1)
    b = np.asarray(dense(dense(np.zeros((1, size)), w1, b1), w2, b2))[0]
    return np.asarray(dense(dense(np.eye(size), w1, b1), w2, b2)) - b, b
