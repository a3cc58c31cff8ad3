"""keras.ops in a functional model, and a slower rate."""

TASK = "build_baseline"

import keras


def build_baseline(dimension=10000):
    inputs = keras.Input((dimension,))
    hidden = keras.ops.relu(keras.layers.Dense(16)(inputs))
    hidden = keras.ops.relu(keras.layers.Dense(16)(hidden))
    outputs = keras.ops.sigmoid(keras.layers.Dense(1)(hidden))
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.RMSprop(5e-4), loss="binary_crossentropy", metrics=["accuracy"])
    return model
