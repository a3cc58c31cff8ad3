"""Loops over samples and columns, one update per epoch."""

TASK = "train_neuron"

import math


def train_neuron(x, y, learning_rate, epochs):
    n, d = len(x), len(x[0])
    w, b, losses = [0.0] * d, 0.0, []
    for _ in range(epochs):
        loss, slope_w, slope_b = 0.0, [0.0] * d, 0.0
        for row, truth in zip(x, y, strict=True):
            p = 1 / (1 + math.exp(-sum(c * a for c, a in zip(w, row, strict=True)) - b))
            loss -= math.log(p) if truth == 1 else math.log(1 - p)
            slope_b += (p - truth) / n
            slope_w = [s + (p - truth) * a / n for s, a in zip(slope_w, row, strict=True)]
        losses.append(loss / n)
        w = [c - learning_rate * s for c, s in zip(w, slope_w, strict=True)]
        b -= learning_rate * slope_b
    return w, b, losses
