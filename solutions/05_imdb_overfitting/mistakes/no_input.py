"""No input layer: the network does not know its dimension."""

TASK = "build_baseline"
CAUGHT_BY = ("input_dimension",)

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
