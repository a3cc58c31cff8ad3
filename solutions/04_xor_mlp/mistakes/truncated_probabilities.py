"""Turned into integers without rounding: everything becomes 0."""

TASK = "predict_class"
CAUGHT_BY = ("class_values",)


def predict_class(model, x):
    return model.predict(x, verbose=0)[:, 0].astype(int)
