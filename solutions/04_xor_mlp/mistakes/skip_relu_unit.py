"""A ReLU unit where tanh was asked for."""

TASK = "build_xor_skip_model"
CAUGHT_BY = ("skip_wiring",)

import keras


def build_xor_skip_model():
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(1, activation="relu")(inputs)
    joined = keras.layers.Concatenate()([inputs, hidden])
    outputs = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model
