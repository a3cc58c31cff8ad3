"""No bias in the dense layers, a momentum of its own, the activation as a function."""

TASK = "build_bn_model"

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    inputs = keras.Input((n_features,))
    x = inputs
    for _ in range(hidden_layers):
        x = keras.layers.Dense(units, use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-4)(x)
        x = keras.activations.sigmoid(x)
    x = keras.layers.Dense(n_classes)(x)
    model = keras.Model(inputs, keras.ops.softmax(x))
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
    return model
