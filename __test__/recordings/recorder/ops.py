"""What keras.ops answers: results and gradients of single operations."""

import numpy as np
import tensorflow as tf

from .encoding import tensor


class T:
    """Stands for an input in the arguments: its number."""

    def __init__(self, index):
        self.index = index


def record(cases):
    return {"cases": [case(index, *entry) for index, entry in enumerate(cases)]}


def case(index, name, op, arguments, inputs, run):
    """`arguments` are those of our op, `run` calls Keras's on the inputs."""
    random = np.random.default_rng(2000 + index)
    values = [draw(random, item) for item in inputs]
    sources = [tf.constant(value) for value in values]
    floats = [source for source in sources if source.dtype == tf.float32]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        result = run(*sources)
        outputs = [tf.convert_to_tensor(part) for part in (result if isinstance(result, (list, tuple)) else [result])]
        cotangents = [
            random.standard_normal(part.shape).astype("float32") if part.dtype == tf.float32 else None
            for part in outputs
        ]
        terms = [tf.reduce_sum(part * c) for part, c in zip(outputs, cotangents) if c is not None]
        total = tf.add_n(terms) if terms else None
    gradients = iter(differentiated(tape, total, floats))
    found = [next(gradients) if source.dtype == tf.float32 else None for source in sources]
    return {
        "name": name,
        "op": op,
        "arguments": plain(arguments),
        "inputs": [tensor(value) for value in values],
        "several": isinstance(result, (list, tuple)),
        "outputs": [tensor(part) for part in outputs],
        "cotangents": [None if c is None else tensor(c) for c in cotangents],
        "inputGradients": [None if g is None else tensor(tf.convert_to_tensor(g)) for g in found],
    }


def differentiated(tape, total, sources):
    """None where the result is of integers, and where TensorFlow has no gradient for an operation."""
    try:
        return [None] * len(sources) if total is None else tape.gradient(total, sources)
    except LookupError:
        return [None] * len(sources)


def draw(random, item):
    """A shape means standard normal numbers; an array is taken as it is."""
    if isinstance(item, tuple):
        return random.standard_normal(item).astype("float32")
    array = np.asarray(item)
    return array.astype("float32" if array.dtype.kind == "f" else array.dtype if array.dtype == np.uint8 else "int32")


def plain(value):
    if isinstance(value, T):
        return {"$input": value.index}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value
