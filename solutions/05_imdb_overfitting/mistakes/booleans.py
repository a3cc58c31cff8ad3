"""Truth values in place of float32."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("table_of_float32",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype=bool)
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word < dimension:
                rows[i, word] = True
    return rows
