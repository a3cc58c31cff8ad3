"""Two hidden layers and gradient descent with momentum."""

TASK = "build_xor_model"

import keras


def build_xor_model():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.SGD(0.2, momentum=0.9), loss="binary_crossentropy", metrics=["accuracy"])
    return model
