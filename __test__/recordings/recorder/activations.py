"""Activation functions and their gradients, at the places where they bend too."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain, tensor

BENDS = np.array([[-6, -3, -1, -0.5, -0.25, 0], [0, 0.25, 0.5, 1, 3, 6], [-40, -9, 7, 12, 40, 2.5]], "float32")
CASES = [
    *((name, {}) for name in (
        "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
        "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
        "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
        "tanh", "tanh_shrink",
    )),
    ("celu", {"alpha": 0.6}),
    ("elu", {"alpha": 0.3}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 0}),
    ("glu", {"axis": 1}),
    ("hard_shrink", {"threshold": 0.25}),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("leaky_relu", {"negative_slope": 0.5}),
    ("log_softmax", {"axis": 0}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 2.5}),
    ("relu", {"max_value": 6}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"negative_slope": 0.2, "max_value": 3.0}),
    ("relu", {"negative_slope": 0.2, "max_value": 3.0, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.3, "threshold": -0.5}),
    ("soft_shrink", {"threshold": 0.25}),
    ("softmax", {"axis": 1}),
    ("softmax", {"axis": (1, 2)}),
    ("sparsemax", {"axis": 0}),
    ("sparsemax", {"axis": 1}),
    ("squareplus", {"b": 2}),
    ("squareplus", {"b": 0.5}),
    ("threshold", {"threshold": 0.25, "default_value": -3.0}),
]


def record():
    return {"cases": [made for entry in CASES for made in cases(*entry)]}


def cases(name, options):
    draw = np.random.default_rng(97).standard_normal
    inputs = {"drawn": 2 * draw((2, 4, 6)).astype("float32"), "bends": BENDS}
    if name in ("softmax", "log_softmax", "sparsemax"):
        inputs["one"] = draw((3, 1, 1)).astype("float32")
    if name == "exponential":
        inputs["bends"] = np.clip(BENDS, -40, 7)
    for kind, x in inputs.items():
        axis = np.atleast_1d(options.get("axis", -1))
        if max(axis) >= x.ndim or (name == "glu" and any(x.shape[a] % 2 for a in axis)) or (len(axis) > 1 and x.ndim < 3):
            continue
        yield case(f"{name} {', '.join(f'{key} {value}' for key, value in options.items())} ({kind})".replace("  ", " "), name, options, x)


def case(title, name, options, x):
    source = tf.constant(x)
    cotangent = np.random.default_rng(98).standard_normal
    with tf.GradientTape() as tape:
        tape.watch(source)
        value = getattr(keras.activations, name)(source, **options)
        g = cotangent(value.shape).astype("float32")
        total = tf.reduce_sum(value * g)
    return {
        "name": title,
        "function": name,
        "options": plain(options),
        "input": tensor(x),
        "value": tensor(value),
        "cotangent": tensor(g),
        "gradient": tensor(tape.gradient(total, source)),
    }
