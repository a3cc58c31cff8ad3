"""A callback of one's own."""

TASK = "train_with_early_stopping"

import keras


class Stop(keras.callbacks.Callback):
    def __init__(self, patience):
        super().__init__()
        self.patience = patience
        self.lowest = None

    def on_epoch_end(self, epoch, logs=None):
        if self.lowest is None or logs["val_loss"] < self.lowest:
            self.lowest, self.waited, self.weights = logs["val_loss"], 0, self.model.get_weights()
        else:
            self.waited += 1
        self.model.stop_training = self.waited >= self.patience

    def on_train_end(self, logs=None):
        self.model.set_weights(self.weights)


def train_with_early_stopping(model, x, y, x_val, y_val, patience=2, max_epochs=20):
    return model.fit(x, y, 512, max_epochs, validation_data=(x_val, y_val), callbacks=Stop(patience), verbose=2)
