"""compile forgotten."""

TASK = "build_xor_model"
CAUGHT_BY = ("binary_loss", "reports_accuracy")

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    return model
