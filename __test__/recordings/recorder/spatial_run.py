"""Runs the cases of the topics `conv_*` and `pool_*`."""

import contextlib
from unittest import mock

import keras
import tensorflow as tf

from .layer_run import run

PENALTIES = {
    "kernel_regularizer": "l2",
    "bias_regularizer": keras.regularizers.L1(0.25),
    "activity_regularizer": keras.regularizers.L1L2(0.5, 0.25),
}

# TensorFlow's own kernels for a CPU lack dilated transposed convolutions and depthwise ones whose strides differ, and
# those of volumes go their own way: with "same" padding and a stride over the window they begin in the middle of what
# is left out, and all of equal maxima have the gradient. Compiled by XLA, as `fit` does it, they all are as the rest.
COMPILED = ["convolution", "conv_transpose", "depthwise_conv2d", "separable_conv2d", "max_pool", "avg_pool"]


def record(entries):
    """Entries are (name, class, options, input[, compiled])."""
    return {"cases": [case(index, *entry) for index, entry in enumerate(entries)]}


def case(index, name, class_name, options, source, compiled=False, masks=None):
    with contextlib.ExitStack() as stack:
        for function in COMPILED if compiled else []:
            by_xla = tf.function(getattr(tf.nn, function), jit_compile=True)
            stack.enter_context(mock.patch.object(tf.nn, function, by_xla))
        return run(index, name, class_name, options, [source], masks=masks)
