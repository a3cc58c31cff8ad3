"""Sixteen ReLU units and Adam at 0.02: 65 parameters."""

TASK = "build_xor_model"

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy", metrics=["accuracy"])
    return model
