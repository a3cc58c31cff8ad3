"""L1: absolute values."""

TASK = "build_l2_model"
CAUGHT_BY = ("sum_of_squares",)

import keras


def build_l2_model(dimension=10000, l2=0.001):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L1(l2)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L1(l2)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
