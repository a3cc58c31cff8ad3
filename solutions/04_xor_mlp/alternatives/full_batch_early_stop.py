"""The whole set as one batch, unshuffled, and a callback that stops once the loss is small."""

TASK = "train_xor"

import keras


class Enough(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["loss"] < 0.05:
            self.model.stop_training = True


def train_xor(model, x, y, seed=0):
    keras.utils.set_random_seed(seed)
    history = model.fit(x, y, batch_size=len(x), epochs=300, shuffle=False, verbose=0, callbacks=[Enough()])
    return history
