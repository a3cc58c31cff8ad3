"""Class 1 below the threshold."""

TASK = "predict_class"
CAUGHT_BY = ("class_values",)


def predict_class(model, x):
    return (model.predict(x, verbose=0)[:, 0] < 0.5).astype(int)
