"""Orthogonality as a penalty, and penalties of odd shapes."""

import numpy as np
import tensorflow as tf
import keras

from .encoding import number, plain, tensor

ORTHOGONAL = [{}, {"factor": 0.3}, {"mode": "columns"}, {"factor": 2.0, "mode": "columns"}]


def record():
    orthogonal = [("OrthogonalRegularizer", options, shape) for options in ORTHOGONAL for shape in ((4, 3), (3, 5), (2, 2))]
    plain_ones = [("L1", {"l1": 0.2}, (1,)), ("L2", {"l2": 0.2}, (3, 1)), ("L1L2", {"l1": 0.3, "l2": 0.1}, (2, 1, 3))]
    zeros = [("OrthogonalRegularizer", {"factor": 0.3}, (3, 4), 1)]
    return {"cases": [case(*entry) for entry in [*orthogonal, *plain_ones, *zeros]]}


def case(class_name, options, shape, zero_rows=0):
    regularizer = getattr(keras.regularizers, class_name)(**options)
    numbers = np.random.default_rng(91).standard_normal(shape).astype("float32")
    numbers[:zero_rows] = 0
    source = tf.constant(numbers)
    with tf.GradientTape() as tape:
        tape.watch(source)
        value = tf.convert_to_tensor(regularizer(source), "float32")
        gradient = tape.gradient(value, source)
    described = ", ".join(f"{key} {factor}" for key, factor in options.items())
    return {
        "name": " ".join(filter(None, [class_name, described, str(list(shape)), "with zeros" * (zero_rows > 0)])),
        "class": class_name,
        "options": plain(options),
        "config": {key: round(item, 6) if isinstance(item, float) else item for key, item in plain(regularizer.get_config()).items()},
        "kind": "weight",
        "input": tensor(source),
        "value": number(value),
        "gradient": tensor(gradient),
    }
