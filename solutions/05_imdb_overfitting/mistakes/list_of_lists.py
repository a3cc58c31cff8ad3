"""A list of lists comes back, not an array."""

TASK = "vectorize_sequences"
CAUGHT_BY = ("table_of_float32",)


def vectorize_sequences(sequences, dimension=10000):
    rows = []
    for sequence in sequences:
        words = {int(word) for word in sequence}
        rows.append([1.0 if column in words else 0.0 for column in range(dimension)])
    return rows
