"""One broadcast product, summed over its middle axis; in single precision."""

TASK = "matmul"

import numpy as np


def matmul(a, b):
    a, b = np.asarray(a, dtype=np.float32), np.asarray(b, dtype=np.float32)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError("shapes")
    return (a[..., np.newaxis] * b[np.newaxis]).sum(axis=1)
