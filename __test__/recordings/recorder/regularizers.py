"""Penalties and their gradients."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import number, plain, tensor

CASES = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.2}),
    ("L1L2", {"l1": 0.1, "l2": 0.4}),
]


def record():
    return {"cases": [case(kind, *entry) for kind in ("weight", "activity") for entry in CASES]}


def case(kind, class_name, options):
    keras.utils.clear_session()
    regularizer = getattr(keras.regularizers, class_name)(**options)
    shape = (3, 3, 2, 4) if kind == "weight" else (6, 5)
    source = tf.constant(np.random.default_rng(90).standard_normal(shape).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(source)
        if kind == "weight":
            value = tf.convert_to_tensor(regularizer(source), "float32")
        else:
            layer = keras.layers.Activation("linear", activity_regularizer=regularizer)
            layer(source)
            value = layer.losses[0]
        # L1L2 without factors does not depend on its input: its gradient is zero.
        gradient = tape.gradient(value, source, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    described = ", ".join(f"{key} {factor}" for key, factor in options.items())
    return {
        "name": " ".join(filter(None, [class_name, described, f"({kind})"])),
        "class": class_name,
        "options": plain(options),
        "config": plain(regularizer.get_config()),
        "kind": kind,
        "input": tensor(source),
        "value": number(value),
        "gradient": tensor(gradient),
    }
