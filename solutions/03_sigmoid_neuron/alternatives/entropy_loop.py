"""Plain Python, sample by sample."""

TASK = "binary_cross_entropy"

import math


def binary_cross_entropy(y_true, p):
    total = 0.0
    for truth, chance in zip(y_true, p, strict=True):
        chance = min(max(chance, 1e-7), 1 - 1e-7)
        total -= math.log(chance) if truth else math.log(1 - chance)
    return total / len(y_true)
