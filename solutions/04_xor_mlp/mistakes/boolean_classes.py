"""True and False in place of integers."""

TASK = "predict_class"
CAUGHT_BY = ("class_form",)


def predict_class(model, x):
    return model.predict(x, verbose=0)[:, 0] > 0.5
