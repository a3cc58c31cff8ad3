"""Divides first and mends the constant columns afterwards; the deviation by its definition."""

TASK = "standardize"

import numpy as np


def standardize(x):
    x = np.asarray(x, dtype=float)
    centred = x - np.mean(x, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(centred / np.sqrt(np.mean(centred**2, axis=0)))
