"""Data sets of TensorFlow, and tf.keras."""

TASK = "train_with_early_stopping"

import tensorflow as tf


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    training = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(512)
    validation = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(512)
    early = tf.keras.callbacks.EarlyStopping(
        monitor="val_loss", mode="min", min_delta=0, patience=patience, restore_best_weights=True
    )
    return model.fit(training, epochs=max_epochs, validation_data=validation, callbacks=[early], verbose=0)
