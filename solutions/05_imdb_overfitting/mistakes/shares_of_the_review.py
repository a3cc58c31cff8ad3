"""Frequencies: each word adds its share of the review."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("marks_each_word", "repeated_words_count_once", "ignores_indices_beyond")

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word < dimension:
                rows[i, word] += 1 / len(sequence)
    return rows
