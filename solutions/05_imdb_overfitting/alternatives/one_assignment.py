"""All pairs of row and column at once."""

TASK = "vectorize_sequences"

import numpy as np


def vectorize_sequences(sequences, dimension=10000):
    lengths = [len(sequence) for sequence in sequences]
    row = np.repeat(np.arange(len(sequences)), lengths)
    column = np.concatenate([np.asarray(sequence, dtype="int64") for sequence in sequences])
    known = column < dimension
    table = np.zeros((len(sequences), dimension), np.float32)
    table[row[known], column[known]] = 1
    return table
