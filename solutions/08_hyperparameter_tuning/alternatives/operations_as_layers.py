"""keras.ops for the activations, dropout before the activation."""

TASK = "build_model"

import keras


def build_model(hp):
    inputs = keras.Input((64,))
    x = keras.layers.Dense(hp.Int("units", 32, 512, step=32))(inputs)
    x = keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1))(x)
    x = keras.ops.relu(x)
    outputs = keras.ops.softmax(keras.layers.Dense(10)(x))
    model = keras.Model(inputs, outputs)
    adam = keras.optimizers.Adam(hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4]))
    model.compile(optimizer=adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
