"""Sixty-four hidden units: 257 parameters."""

TASK = "build_xor_model"
CAUGHT_BY = ("small_network_on_two_inputs",)

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model
