"""break in place of continue: what follows a rare word is lost."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("ignores_indices_beyond",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word >= dimension:
                break
            rows[i, word] = 1
    return rows
