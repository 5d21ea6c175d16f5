"""Which inputs layers refuse, and which options."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain
from .layer_run import made


def record():
    return {"inputs": [called(*entry) for entry in inputs()], "options": [constructed(*entry) for entry in options()]}


def called(class_name, options, shape, before=None):
    """Whether a layer takes an input of ones, perhaps after one of another shape."""
    layer = made({"class_name": class_name, "config": options})
    if before is not None:
        layer(np.ones(before, "float32"))
    try:
        output = list(layer(np.ones(shape, "float32")).shape)
    except (ValueError, IndexError, tf.errors.InvalidArgumentError):
        output = None
    then = "" if before is None else f" after {plain(before)}"
    return {
        "name": f"{class_name} {plain(options)} of {plain(shape)}{then}",
        "class": class_name,
        "options": plain(options),
        "before": plain(before),
        "shape": plain(shape),
        "outputShape": output,
    }


def inputs():
    # Not adaptive pooling, where TensorFlow ends the process.
    spaces = {"UpSampling": {}, "ZeroPadding": {}, "Cropping": {"cropping": 1}, "SpatialDropout": {"rate": 0.5}}
    window = {"filters": 2, "kernel_size": 1}
    layers = [
        ("Dense", {"units": 2}), ("Flatten", {}), ("Reshape", {"target_shape": [-1]}), ("Permute", {"dims": [2, 1]}),
        ("RepeatVector", {"n": 2}), ("BatchNormalization", {}), ("GroupNormalization", {"groups": 2}),
        ("LayerNormalization", {}), ("PReLU", {}), ("RandomFlip", {}), ("RandomCrop", {"height": 2, "width": 2}),
        ("CenterCrop", {"height": 2, "width": 2}), ("Resizing", {"height": 2, "width": 2}),
        *((f"{name}{axes}D", config) for axes in (1, 2, 3) for name, config in spaces.items()),
        *((f"{kind}Pooling{axes}D", {"pool_size": 2}) for axes in (1, 2, 3) for kind in ("Max", "Average")),
        *((f"Global{kind}Pooling{axes}D", {}) for axes in (1, 2, 3) for kind in ("Max", "Average")),
        *((f"Conv{axes}D{kind}", window) for axes in (1, 2, 3) for kind in ("", "Transpose")),
        *((f"DepthwiseConv{axes}D", {"kernel_size": 1}) for axes in (1, 2)),
        *((f"SeparableConv{axes}D", window) for axes in (1, 2)),
    ]  # fmt: skip
    for class_name, options in layers:
        for rank in range(7):
            yield class_name, options, (4,) * rank
    images = (2, 4, 4, 3)
    for class_name, options in (("BatchNormalization", {}), ("GroupNormalization", {"groups": 1}), ("LayerNormalization", {})):
        for shape in ((2, 3), (2, 4, 3), (2, 5, 4, 3), (2, 4, 4, 1)):
            yield class_name, options, shape, images
    yield "BatchNormalization", {}, images, (2, 4, 4, 1)
    for shape in ((2, 3), (2, 4, 3), (2, 5, 6, 3), (2, 4, 4, 2)):
        yield "PReLU", {"shared_axes": [1, 2]}, shape, images
    for shape in ((4,), (2, 3), (2, 5, 4)):
        yield "Dense", {"units": 2}, shape, (2, 4)
    for shape in ((2, 4, 4), (2, 3), (3, 4)):
        yield "EinsumDense", {"equation": "...b,bc->...c", "output_shape": 2}, shape, (2, 4)
    yield "Conv2D", {"filters": 2, "kernel_size": 1}, (2, 4, 4, 2), images


def constructed(class_name, options):
    try:
        made({"class_name": class_name, "config": options})
        refused = False
    except (ValueError, TypeError):
        refused = True
    return {"name": f"{class_name} {plain(options)}", "class": class_name, "options": plain(options), "refused": refused}


def options():
    for sides in ([-1], [-1, 3], [-1, -1], [2, -1, -1], [-2, 6], [0]):
        yield "Reshape", {"target_shape": sides}
    for slope in (0, 0.1, None, -0.1):
        yield "LeakyReLU", {"negative_slope": slope}
        yield "LeakyReLU", {"alpha": slope}
        yield "ReLU", {"negative_slope": slope}
        yield "ReLU", {"threshold": slope}
        yield "ReLU", {"max_value": slope}
