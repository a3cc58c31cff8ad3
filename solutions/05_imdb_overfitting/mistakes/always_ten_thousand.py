"""dimension is ignored."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("marks_each_word", "ignores_indices_beyond", "table_of_float32")

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), 10000), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word < 10000:
                rows[i, word] = 1
    return rows
