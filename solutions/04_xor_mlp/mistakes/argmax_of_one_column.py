"""argmax over a single column: always 0."""

TASK = "predict_class"
CAUGHT_BY = ("class_values",)

import numpy as np


def predict_class(model, x):
    return np.argmax(model.predict(x, verbose=0), axis=1)
