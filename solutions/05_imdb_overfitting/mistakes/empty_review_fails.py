"""np.array([]) is an array of floats, and floats are no indices."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("keras_arrays_and_empty_lists",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        words = np.array(sequence)
        rows[i, words[words < dimension]] = 1
    return rows
