"""einsum with an ellipsis for the batch; a list comes back."""

TASK = "dense"

import numpy as np


def dense(x, w, b):
    return (np.einsum("...d,du->...u", np.asarray(x, float), np.asarray(w, float)) + np.asarray(b)).tolist()
