"""keras.ops in a functional model in place of activation arguments."""

TASK = "build_xor_model"

import keras


def build_xor_model():
    inputs = keras.Input((2,))
    hidden = keras.ops.tanh(keras.layers.Dense(8)(inputs))
    outputs = keras.ops.sigmoid(keras.layers.Dense(1)(hidden))
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["binary_accuracy"])
    return model
