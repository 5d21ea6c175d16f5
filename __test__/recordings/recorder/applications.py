"""The ready-made networks: every layer as Keras configures it, and a prediction with weights that a formula gives."""

import keras
import numpy as np

from .encoding import plain, tensor
from .training import hashed

# name, network, its options beside `weights`
CASES = [
    ("vgg16", "VGG16", {}),
    ("vgg16 mean of its body", "VGG16", {"include_top": False, "pooling": "avg", "input_shape": [150, 150, 3]}),
    ("vgg16 largest of its body", "VGG16", {"include_top": False, "pooling": "max"}),
    ("vgg16 few classes, logits", "VGG16", {"classes": 7, "classifier_activation": None, "input_shape": [48, 40, 1], "name": "faces"}),
    ("resnet50", "ResNet50", {}),
    ("resnet50 body", "ResNet50", {"include_top": False}),
    ("resnet50 mean of its body", "ResNet50", {"include_top": False, "pooling": "avg"}),
    ("resnet50 largest of its body, odd sides", "ResNet50", {"include_top": False, "pooling": "max", "input_shape": [65, 91, 3]}),
    ("inception", "InceptionV3", {}),
    ("inception body", "InceptionV3", {"include_top": False}),
    ("inception mean of its body", "InceptionV3", {"include_top": False, "pooling": "avg", "input_shape": [150, 150, 3]}),
    ("inception largest of its body", "InceptionV3", {"include_top": False, "pooling": "max"}),
    ("mobilenet", "MobileNetV2", {}),
    ("mobilenet narrow", "MobileNetV2", {"alpha": 0.35, "classes": 10}),
    ("mobilenet wide, odd sides", "MobileNetV2", {"alpha": 1.4, "input_shape": [97, 130, 3]}),
    ("mobilenet body", "MobileNetV2", {"alpha": 0.5, "include_top": False}),
    ("mobilenet mean of its body", "MobileNetV2", {"alpha": 0.75, "include_top": False, "pooling": "avg", "input_shape": [96, 96, 3]}),
    ("mobilenet largest of its body", "MobileNetV2", {"include_top": False, "pooling": "max"}),
]  # fmt: skip

# The same; the images have just that shape.
PREDICTIONS = [
    ("vgg16 logits", "VGG16", {"classes": 7, "classifier_activation": None, "input_shape": [32, 32, 3]}),
    ("vgg16 body, odd sides", "VGG16", {"include_top": False, "input_shape": [70, 45, 3]}),
    ("resnet50 logits", "ResNet50", {"classes": 7, "classifier_activation": None, "input_shape": [64, 64, 3]}),
    ("resnet50 mean of its body, odd sides", "ResNet50", {"include_top": False, "pooling": "avg", "input_shape": [51, 38, 3]}),
    ("inception logits", "InceptionV3", {"classes": 7, "classifier_activation": None, "input_shape": [75, 75, 3]}),
    ("inception largest of its body, odd sides", "InceptionV3", {"include_top": False, "pooling": "max", "input_shape": [80, 101, 3]}),
    ("mobilenet logits", "MobileNetV2", {"classes": 7, "classifier_activation": None, "input_shape": [64, 64, 3]}),
    ("mobilenet narrow, odd sides", "MobileNetV2", {"alpha": 0.35, "classes": 7, "classifier_activation": None, "input_shape": [53, 70, 3]}),
]  # fmt: skip

# What the configs of these layers have beside what the networks set.
UNSET = ("name", "dtype", "trainable", "data_format", "quantization_config", "sparse", "ragged", "optional")


def record():
    return {"architectures": [architecture(*case) for case in CASES], "predictions": [prediction(*case) for case in PREDICTIONS]}


def build(network, options):
    keras.utils.clear_session()
    shape = options.get("input_shape")
    return getattr(keras.applications, network)(weights=None, **options | ({"input_shape": tuple(shape)} if shape else {}))


def architecture(name, network, options):
    model = build(network, options)
    return {
        "name": name,
        "network": network,
        "options": options,
        "modelName": model.name,
        "count": model.count_params(),
        "trainable": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "layers": [layer_of(layer) for layer in model.layers],
        "weights": [{"path": weight.path, "shape": list(weight.shape), "trainable": weight.trainable} for weight in model.weights],
    }


def layer_of(layer):
    (call,) = layer._inbound_nodes
    return {
        "name": layer.name,
        "class": type(layer).__name__,
        "config": {key: value for key, value in plain(layer.get_config()).items() if not unset(key)},
        "inputs": [parent.operation.name for parent in call.parent_nodes],
        "outputShape": list(layer.output.shape),
    }


def unset(key):
    return key in UNSET or key.endswith(("_initializer", "_regularizer", "_constraint"))


def prediction(name, network, options):
    """In float64, so that the error that a test finds is the other side's alone."""
    keras.config.set_floatx("float64")
    model = build(network, options)
    weights = [fill(index, weight) for index, weight in enumerate(model.weights)]
    shape = (2, *options["input_shape"])
    image = hashed(int(np.prod(shape)), 0, 1.0).reshape(shape)
    output = model(image.astype("float64"), training=False)
    keras.config.set_floatx("float32")
    return {"name": name, "network": network, "options": options, "weights": weights, "output": tensor(np.asarray(output))}


def fill(index, weight):
    """A centre and random numbers around it: kernels that keep the size of what goes through, statistics near those of noise."""
    shape = tuple(weight.shape)
    depthwise = "depthwise" in weight.path and weight.name == "kernel"
    fan_in = int(np.prod(shape[:2] if depthwise else shape[:-1]))
    centre, limit = {
        "kernel": (0.0, float(np.sqrt(6 / fan_in))),
        "gamma": (1.0, 0.25),
        "moving_variance": (1.0, 0.5),
    }.get(weight.name, (0.0, 0.1))
    salt = index + 1
    value = hashed(int(np.prod(shape)), salt, limit) + np.float32(centre)
    weight.assign(value.reshape(shape))
    return {"shape": list(shape), "salt": salt, "limit": limit, "centre": centre, "head": tensor(value.ravel()[:4])}
