"""Forward results and gradients of single layers."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain, tensor
from .layer_cases import cases


def record():
    return {"cases": [case(index, *entry) for index, entry in enumerate(cases())]}


def case(index, name, class_name, options, inputs, training=None):
    keras.utils.clear_session()
    random = np.random.default_rng(1000 + index)
    values = [draw(random, item) for item in inputs]
    layer = getattr(keras.layers, class_name)(**options)
    several = class_name in ("Add", "Concatenate")
    shapes = [value.shape for value in values]
    layer.build(shapes if several else shapes[0])
    for weight in layer.weights:
        weight.assign(initial(random, weight))
    weights = [np.array(weight) for weight in layer.weights]

    arguments = {} if training is None else {"training": training}
    cotangent = random.standard_normal(layer.compute_output_shape(shapes if several else shapes[0])).astype("float32")
    sources = [tf.constant(value) for value in values]
    variables = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        output = layer(sources if several else sources[0], **arguments)
        total = tf.reduce_sum(output * cotangent)
    input_gradients, weight_gradients = tape.gradient(total, (sources, variables))
    after = [np.array(weight) for weight in layer.weights]
    changed = any(not np.array_equal(a, b) for a, b in zip(weights, after))

    unknown = [(None, *shape[1:]) for shape in shapes]
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(layer.get_config()),
        "autoName": layer.name,
        "training": training,
        "inputs": [tensor(value) for value in values],
        "weights": [
            {"name": weight.name, "trainable": bool(weight.trainable), "value": tensor(value)}
            for weight, value in zip(layer.weights, weights)
        ],
        "outputShape": plain(layer.compute_output_shape(unknown if several else unknown[0])),
        "output": tensor(output),
        "cotangent": tensor(cotangent),
        "inputGradients": [tensor(gradient) for gradient in input_gradients],
        "weightGradients": [tensor(gradient) for gradient in weight_gradients],
        "weightsAfter": [tensor(value) for value in after] if changed else None,
    }


def draw(random, item):
    """A shape means standard normal numbers; an array is taken as it is."""
    if isinstance(item, tuple):
        return random.standard_normal(item).astype("float32")
    return np.asarray(item, "float32")


def initial(random, weight):
    """Weights that keep outputs near 1 and hide nothing: no zero bias, no unit scale."""
    shape = tuple(weight.shape)
    noise = random.standard_normal(shape)
    if weight.name in ("kernel",):
        return noise / np.sqrt(np.prod(shape[:-1]))
    if weight.name in ("gamma", "moving_variance"):
        return np.exp(0.3 * noise)
    return 0.5 * noise
