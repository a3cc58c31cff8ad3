"""Two hidden units: eleven parameters."""

TASK = "build_xor_skip_model"
CAUGHT_BY = ("skip_parameter_count",)

import keras


def build_xor_skip_model():
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(2, activation="tanh")(inputs)
    joined = keras.layers.Concatenate()([inputs, hidden])
    outputs = keras.layers.Dense(1, activation="sigmoid")(joined)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss="binary_crossentropy", metrics=["accuracy"])
    return model
