"""Two softmax outputs with sparse categorical cross-entropy: consistent, but not the network asked for."""

TASK = "build_xor_model"
CAUGHT_BY = ("single_sigmoid_output", "binary_loss")

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
