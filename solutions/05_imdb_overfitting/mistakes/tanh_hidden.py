"""tanh in the hidden layers."""

TASK = "build_baseline"
CAUGHT_BY = ("two_relu_layers",)

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
