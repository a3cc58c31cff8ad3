"""return forgotten."""

TASK = "build_baseline"
CAUGHT_BY = (
    "two_relu_layers",
    "one_sigmoid_unit",
    "input_dimension",
    "rmsprop",
    "binary_loss",
    "reports_accuracy",
    "learns_from_reviews",
)

import keras


def build_baseline(dimension=10000):
    model = keras.Sequential(
        [
            keras.Input((dimension,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
