"""A TensorFlow tensor, turned into an array."""

TASK = "vectorize_sequences"

import numpy as np
import tensorflow as tf


def vectorize_sequences(sequences, dimension=10000):
    rows = []
    for sequence in sequences:
        words = tf.constant([word for word in sequence if word < dimension], dtype=tf.int64)
        rows.append(tf.reduce_max(tf.concat([tf.one_hot(words, dimension), tf.zeros((1, dimension))], axis=0), axis=0))
    return np.asarray(tf.stack(rows))
