"""Counts how often each word occurs: a bag of words, not multi-hot."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("repeated_words_count_once",)

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    rows = np.zeros((len(sequences), dimension), dtype="float32")
    for i, sequence in enumerate(sequences):
        for word in sequence:
            if word < dimension:
                rows[i, word] += 1
    return rows
