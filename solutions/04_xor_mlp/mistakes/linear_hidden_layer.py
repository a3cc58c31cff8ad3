"""The hidden layer has no activation, so it melts into the output layer."""

TASK = "build_xor_model"
CAUGHT_BY = ("nonlinear_hidden_layer",)

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    return model
