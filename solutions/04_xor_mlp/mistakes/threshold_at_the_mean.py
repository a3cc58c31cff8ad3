"""Cut at the mean of the batch."""

TASK = "predict_class"
CAUGHT_BY = ("class_values",)


def predict_class(model, x):
    probabilities = model.predict(x, verbose=0)[:, 0]
    return (probabilities >= probabilities.mean() + 0.05).astype(int)
