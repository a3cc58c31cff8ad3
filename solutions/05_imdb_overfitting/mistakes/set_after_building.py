"""The regulariser is set on layers already built: it shows in the config and costs nothing."""

TASK = "build_l2_model"
CAUGHT_BY = ("penalty_in_losses",)

import keras


def build_l2_model(dimension=10000, l2=0.001):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    for layer in model.layers[:2]:
        layer.kernel_regularizer = keras.regularizers.L2(l2)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
