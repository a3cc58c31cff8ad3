"""Builds the arrays of every layer and adds up their sizes; a NumPy integer comes back."""

TASK = "count_parameters"

from itertools import pairwise

import numpy as np


def count_parameters(layer_sizes):
    sizes = np.asarray(layer_sizes)
    if sizes.size < 2:
        raise ValueError("sizes")
    return np.sum([np.empty((d + 1, units)).size for d, units in pairwise(sizes)])
