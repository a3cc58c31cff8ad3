"""Calls the notebook's own neuron and binary_cross_entropy."""

TASK = "train_neuron"

import numpy as np


def train_neuron(x, y, learning_rate, epochs):
    x, y = np.array(x), np.array(y)
    n, d = x.shape
    w, b, history = np.zeros(d), 0, np.zeros(epochs)
    for epoch in range(epochs):
        answer = neuron(x, w, b)
        history[epoch] = binary_cross_entropy(y, answer)
        gradient_w, gradient_b = (answer - y) @ x / n, (answer - y).sum() / n
        w -= learning_rate * gradient_w
        b -= learning_rate * gradient_b
    return w, b, history
