"""Activations as layers of their own, gathered in a list."""

TASK = "build_baseline"

import keras


def build_baseline(dimension=10000):
    stack = [keras.layers.Input((dimension,))]
    for _ in range(2):
        stack += [keras.layers.Dense(16), keras.layers.ReLU()]
    stack += [keras.layers.Dense(1), keras.layers.Activation("sigmoid")]
    model = keras.Sequential(stack)
    model.compile("RMSprop", "bce", metrics=["binary_accuracy", "mae"])
    return model
