"""ReLU on the output: no probability."""

TASK = "build_xor_model"
CAUGHT_BY = ("single_sigmoid_output",)

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="relu"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model
