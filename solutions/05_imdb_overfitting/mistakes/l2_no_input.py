"""No input layer: nothing is built, so there is nothing to penalise yet."""

TASK = "build_l2_model"
CAUGHT_BY = ("penalty_in_losses", "otherwise_the_baseline")

import keras


def build_l2_model(dimension=10000, l2=0.001):
    model = keras.Sequential(
        [
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
