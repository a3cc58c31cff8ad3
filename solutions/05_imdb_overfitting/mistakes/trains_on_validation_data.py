"""The validation data are trained on as well."""

TASK = "train_with_early_stopping"
CAUGHT_BY = ("stops_after_patience", "best_weights_kept", "batches_of_512", "trains_and_validates_where_told")

import keras
import numpy as np


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience, restore_best_weights=True)
    return model.fit(
        np.concatenate([x, x_val]),
        np.concatenate([y, y_val]),
        batch_size=512,
        epochs=max_epochs,
        validation_data=(x_val, y_val),
        callbacks=[stop],
        verbose=0,
    )
