"""Counts, cut to their presence."""

TASK = "vectorize_sequences"

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    counted = [np.bincount(np.asarray(list(words), dtype=int), minlength=dimension)[:dimension] for words in sequences]
    return (np.stack(counted) > 0).astype(np.float32)
