"""Word 1 goes to column 0, as if indices began at 1."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("marks_each_word",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word < dimension:
                rows[i, word - 1] = 1
    return rows
