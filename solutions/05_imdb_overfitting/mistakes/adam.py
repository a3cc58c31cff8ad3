"""Adam where RMSprop was asked for."""

TASK = "build_baseline"
CAUGHT_BY = ("rmsprop",)

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
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model
