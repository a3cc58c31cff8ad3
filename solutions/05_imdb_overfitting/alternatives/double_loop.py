"""Word by word."""

TASK = "vectorize_sequences"

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i in range(len(sequences)):
        for word in sequences[i]:
            if word >= dimension:
                continue
            rows[i][word] = 1.0
    return rows
