"""Which shapes layers give for inputs whose sides are not known yet."""

import keras

from .encoding import plain
from .layer_run import MERGES, made, spec


def record():
    return {"cases": [case(*entry) for entry in entries()]}


def case(class_name, options, *shapes):
    keras.utils.clear_session()
    layer = made({"class_name": class_name, "config": options})
    several = class_name in MERGES
    given = list(shapes) if several else shapes[0]
    if not layer.built:
        layer.build(given)
    return {
        "name": f"{class_name} {plain(options)} {plain(shapes)}",
        "class": class_name,
        "options": plain(options),
        "several": several,
        "inputShapes": plain(shapes),
        "outputShape": plain(layer.compute_output_shape(given)),
    }


def entries():
    rows, images, volumes = (None, None, 3), (None, None, None, 3), (None, None, None, None, 2)
    for name in ("Masking", "Identity", "LayerNormalization", "BatchNormalization", "UnitNormalization", "Dropout", "Softmax"):
        yield name, {"rate": 0.5} if name == "Dropout" else {}, rows
        yield name, {"rate": 0.5} if name == "Dropout" else {}, images
    yield "GroupNormalization", {"groups": 3}, images
    for name in ("softmax", "sparsemax", "log_softmax"):
        yield "Activation", {"activation": name}, (None, None, 4)
    yield "PReLU", {"shared_axes": [1, 2]}, images
    yield "Dense", {"units": 2}, images
    for axis, shape in ((1, rows), (2, images), (3, volumes)):
        window = {"filters": 2, "kernel_size": 3, "strides": 2}
        yield f"Conv{axis}D", window, shape
        yield f"Conv{axis}D", {**window, "padding": "same"}, shape
        yield f"Conv{axis}DTranspose", window, shape
        yield f"MaxPooling{axis}D", {"pool_size": 2}, shape
        yield f"AveragePooling{axis}D", {"pool_size": 3, "strides": 2, "padding": "same"}, shape
        yield f"GlobalAveragePooling{axis}D", {}, shape
        yield f"GlobalMaxPooling{axis}D", {"keepdims": True}, shape
        yield f"ZeroPadding{axis}D", {"padding": 2}, shape
        yield f"Cropping{axis}D", {"cropping": 1}, shape
        yield f"UpSampling{axis}D", {"size": 2}, shape
        yield f"SpatialDropout{axis}D", {"rate": 0.5}, shape
    for axis, shape in ((1, rows), (2, images)):
        yield f"DepthwiseConv{axis}D", {"kernel_size": 2}, shape
        yield f"SeparableConv{axis}D", {"filters": 4, "kernel_size": 2, "padding": "same"}, shape
    yield "Flatten", {}, rows
    yield "Permute", {"dims": (3, 1, 2)}, images
    yield "Reshape", {"target_shape": (-1, 3)}, images
    yield "TimeDistributed", {"layer": spec("Dense", units=2)}, rows
    yield "Embedding", {"input_dim": 4, "output_dim": 2, "mask_zero": True}, (None, None)
    yield "EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 4)}, rows
    for name in ("Rescaling", "Resizing", "CenterCrop", "RandomCrop", "RandomFlip", "RandomRotation"):
        options = {"Rescaling": {"scale": 2.0}, "RandomFlip": {}, "RandomRotation": {"factor": 0.1}}
        yield name, options.get(name, {"height": 4, "width": 5}), images
        yield name, options.get(name, {"height": 4, "width": 5}), (None, None, 3)
    for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"):
        yield name, {}, rows, rows
        yield name, {}, rows, images
        yield name, {}, images, (None, 3), (None, 1, 1)
    yield "Subtract", {}, rows, images
    yield "Concatenate", {}, images, (None, None, None, 2)
    yield "Concatenate", {"axis": 1}, rows, rows
    yield "Dot", {"axes": 1}, rows, (None, None, 2)
    yield "Dot", {"axes": 2}, rows, rows
    yield "Dot", {"axes": (2, 1)}, images, (None, None, 2)
    yield "Dot", {"axes": -1, "normalize": True}, images, images
    yield "Dot", {"axes": 1}, (None, None), (None, None)
