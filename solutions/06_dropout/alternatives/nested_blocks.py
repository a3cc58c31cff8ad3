"""Each hidden layer and its Dropout as a small model of its own."""

TASK = "build_dropout_model"

import keras


def block(size, rate):
    return keras.Sequential([keras.Input((size,)), keras.layers.Dense(16, "relu"), keras.layers.Dropout(rate)])


def build_dropout_model(dimension=10000, rate=0.5):
    inputs = keras.Input((dimension,))
    hidden = block(16, rate)(block(dimension, rate)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(hidden))
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy", "auc"])
    return model
