"""compile forgotten."""

TASK = "build_baseline"
CAUGHT_BY = ("rmsprop", "binary_loss", "reports_accuracy", "learns_from_reviews")

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    return model
