"""Mean squared error for a probability."""

TASK = "build_baseline"
CAUGHT_BY = ("binary_loss",)

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
    model.compile(optimizer="rmsprop", loss="mse", metrics=["accuracy"])
    return model
