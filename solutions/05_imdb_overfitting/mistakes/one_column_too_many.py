"""One column more than asked for."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("marks_each_word", "ignores_indices_beyond", "table_of_float32")

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension + 1), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word <= dimension:
                rows[i, word] = 1
    return rows
