"""The loop ends one review too soon."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("marks_each_word",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i in range(len(sequences) - 1):
        for word in sequences[i]:
            if word < dimension:
                rows[i, word] = 1
    return rows
