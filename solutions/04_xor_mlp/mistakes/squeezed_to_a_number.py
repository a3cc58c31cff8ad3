"""squeeze drops the axis of the samples too when there is only one."""

TASK = "predict_class"
CAUGHT_BY = ("class_form",)


def predict_class(model, x):
    return (model.predict(x, verbose=0).squeeze() > 0.5).astype(int)
