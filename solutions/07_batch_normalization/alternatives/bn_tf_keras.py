"""tf.keras throughout, with a list of layers."""

TASK = "build_bn_model"

import tensorflow as tf


def build_bn_model(n_features, n_classes, hidden_layers=6, units=32):
    layers = [tf.keras.Input((n_features,))]
    for _ in range(hidden_layers):
        layers.extend(
            [
                tf.keras.layers.Dense(units, kernel_initializer="he_normal"),
                tf.keras.layers.BatchNormalization(),
                tf.keras.layers.Activation(tf.nn.sigmoid),
            ]
        )
    layers.append(tf.keras.layers.Dense(n_classes, activation=tf.nn.softmax))
    model = tf.keras.Sequential(layers)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(0.01),
        loss=tf.keras.losses.SparseCategoricalCrossentropy(),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )
    return model
