"""10000 inputs, whatever dimension says."""

TASK = "build_baseline"
CAUGHT_BY = ("input_dimension", "learns_from_reviews")

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((10000,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
