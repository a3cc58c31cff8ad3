"""softmax on a single unit: always 1."""

TASK = "build_baseline"
CAUGHT_BY = ("one_sigmoid_unit", "learns_from_reviews")

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="softmax"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
