"""np.rint and flatten in place of a comparison."""

TASK = "predict_class"

import numpy as np


def predict_class(model, x):
    return np.rint(model.predict(x, verbose=0)).astype("int32").flatten()
