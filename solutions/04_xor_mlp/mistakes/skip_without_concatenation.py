"""The inputs are never joined to the hidden unit."""

TASK = "build_xor_skip_model"
CAUGHT_BY = ("skip_parameter_count", "skip_wiring")

import keras


def build_xor_skip_model():
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(1, activation="tanh")(inputs)
    outputs = keras.layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model
