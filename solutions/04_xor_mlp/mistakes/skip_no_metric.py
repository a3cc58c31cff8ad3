"""Compiled without accuracy."""

TASK = "build_xor_skip_model"
CAUGHT_BY = ("skip_compiled",)

import keras


def build_xor_skip_model():
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(1, activation="tanh")(inputs)
    joined = keras.layers.Concatenate()([inputs, hidden])
    outputs = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model
