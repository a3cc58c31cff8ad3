"""The four samples taken for the size of the input."""

TASK = "build_xor_model"
CAUGHT_BY = ("small_network_on_two_inputs",)

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model
