"""Runs one layer for the topics `layers_*`: forward, gradients, masks, losses, weights after the call."""

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask

from .encoding import number, plain, tensor

MERGES = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}


def run(index, name, class_name, options, inputs, training=None, masks=None):
    keras.utils.clear_session()
    random = np.random.default_rng(7000 + index)
    values = [draw(random, item) for item in inputs]
    layer = made({"class_name": class_name, "config": options})
    several = class_name in MERGES
    shapes = [value.shape for value in values]
    if not layer.built:
        layer.build(shapes if several else shapes[0])
    for weight in layer.weights:
        weight.assign(initial(random, weight))
    weights = [np.array(weight) for weight in layer.weights]

    arguments = {} if training is None else {"training": training}
    sources = [tf.constant(value) for value in values]
    floats = [source for source in sources if source.dtype.is_floating]
    variables = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        given = [tf.identity(source) for source in sources]
        for x, mask in zip(given, masks or []):
            if mask is not None:
                set_keras_mask(x, tf.constant(np.asarray(mask, bool)))
        output = layer(given if several else given[0], **arguments)
        cotangent = random.standard_normal(output.shape).astype("float32")
        total = tf.reduce_sum(output * cotangent)
        for loss in layer.losses:
            total += loss
    input_gradients, weight_gradients = tape.gradient(total, (floats, variables), unconnected_gradients="zero")
    after = [np.array(weight) for weight in layer.weights]
    changed = any(not np.array_equal(a, b) for a, b in zip(weights, after))
    output_mask = get_keras_mask(output)
    unknown = [(None, *shape[1:]) for shape in shapes]
    # Keras forgets sides that it knows and swaps those of an ellipsis.
    known = (None, *output.shape[1:]) if class_name == "EinsumDense" else None
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(layer.get_config()),
        "autoName": layer.name,
        "training": training,
        "several": several,
        "inputs": [tensor(value) for value in values],
        "masks": None if masks is None else [None if mask is None else tensor(np.asarray(mask, bool)) for mask in masks],
        "weights": [
            {"name": weight.name, "trainable": bool(weight.trainable), "value": tensor(value)}
            for weight, value in zip(layer.weights, weights)
        ],
        "outputShape": plain(known or layer.compute_output_shape(unknown if several else unknown[0])),
        "output": tensor(output),
        "outputMask": None if output_mask is None else tensor(output_mask),
        "losses": [number(loss) for loss in layer.losses],
        "cotangent": tensor(cotangent),
        "inputGradients": [tensor(gradient) for gradient in input_gradients],
        "weightGradients": [tensor(tf.convert_to_tensor(gradient)) for gradient in weight_gradients],
        "weightsAfter": [tensor(value) for value in after] if changed else None,
    }


def spec(class_name, **options):
    """A layer among the options of another one: made by `run`, after names start anew."""
    return {"class_name": class_name, "config": options}


def made(item):
    """The layer that a spec stands for, with the layers among its options."""
    options = dict(item["config"])
    if "layer" in options:
        options["layer"] = made(options["layer"])
    if item["class_name"] == "Sequential":
        options["layers"] = [made(layer) for layer in options["layers"]]
        return keras.Sequential(**options)
    return getattr(keras.layers, item["class_name"])(**options)


def draw(random, item):
    """A shape means standard normal numbers; an array is taken as it is, whole numbers as int32."""
    if isinstance(item, tuple):
        return random.standard_normal(item).astype("float32")
    array = np.asarray(item)
    return array.astype("int32" if array.dtype.kind in "iu" else "float32")


def initial(random, weight):
    """Weights that keep outputs near 1 and hide nothing: no zero bias, no unit scale."""
    shape = tuple(weight.shape)
    noise = random.standard_normal(shape)
    if weight.name == "kernel":
        return noise / np.sqrt(max(1, np.prod(shape[:-1])))
    if weight.name in ("gamma", "scale", "moving_variance", "moving_stddev", "renorm_stddev"):
        return np.exp(0.3 * noise)
    return 0.5 * noise
