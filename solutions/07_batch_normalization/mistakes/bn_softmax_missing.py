"""No activation on the output."""

TASK = "build_bn_model"
CAUGHT_BY = ("bn_softmax",)

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    model = keras.Sequential([keras.Input((n_features,))])
    for _ in range(hidden_layers):
        model.add(keras.layers.Dense(units))
        model.add(keras.layers.BatchNormalization())
        model.add(keras.layers.Activation("sigmoid"))
    model.add(keras.layers.Dense(n_classes))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
