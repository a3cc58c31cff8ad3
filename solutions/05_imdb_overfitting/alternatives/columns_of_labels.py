"""Labels as columns, a small min_delta, a progress bar."""

TASK = "train_with_early_stopping"

import keras
import numpy as np


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    stopper = keras.callbacks.EarlyStopping(patience=patience, min_delta=1e-5, restore_best_weights=True, verbose=1)
    y, y_val = (np.asarray(labels).reshape(-1, 1) for labels in (y, y_val))
    history = model.fit(
        np.asarray(x), y, batch_size=512, epochs=max_epochs, validation_data=(x_val, y_val), callbacks=[stopper]
    )
    return history
