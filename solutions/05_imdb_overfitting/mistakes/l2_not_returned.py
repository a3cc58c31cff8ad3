"""return forgotten."""

TASK = "build_l2_model"
CAUGHT_BY = (
    "both_kernels_regularised",
    "sum_of_squares",
    "factor_of_the_penalty",
    "penalty_in_losses",
    "only_kernels_pay",
    "otherwise_the_baseline",
)

import keras


def build_l2_model(dimension=10000, l2=0.001):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
