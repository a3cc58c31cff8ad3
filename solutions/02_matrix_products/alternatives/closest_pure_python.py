"""Plain Python: the largest of pairs (cosine, index)."""

TASK = "closest"

import math


def closest(x, candidates):
    def length(v):
        total = math.sqrt(sum(float(p) ** 2 for p in v))
        if total == 0:
            raise ValueError("zero")
        return total

    pairs = []
    for index, each in enumerate(candidates):
        pairs.append((sum(p * q for p, q in zip(x, each, strict=True)) / (length(x) * length(each)), index))
    return max(pairs)[1]
