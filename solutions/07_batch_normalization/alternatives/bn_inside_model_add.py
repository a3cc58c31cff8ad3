"""One loop, with the separate layers kept in a list of functions."""

TASK = "build_bn_model"

import keras


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    def hidden(tensor):
        tensor = keras.layers.Dense(units, name=None)(tensor)
        tensor = keras.layers.BatchNormalization(axis=1)(tensor)
        return keras.ops.sigmoid(tensor)

    start = tensor = keras.Input((n_features,))
    for _ in range(hidden_layers):
        tensor = hidden(tensor)
    model = keras.Model(start, keras.layers.Softmax()(keras.layers.Dense(n_classes)(tensor)))
    model.compile(
        loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.RMSprop(1e-3), metrics=["accuracy"]
    )
    return model
