"""`if not sequences` fails on the array that Keras gives."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("keras_arrays_and_empty_lists",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    if not sequences:
        return np.zeros((0, dimension), dtype="float32")
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        rows[i, [word for word in sequence if word < dimension]] = 1
    return rows
