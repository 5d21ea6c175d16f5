"""The networks that several topics record, as lists of (class, options)."""

import keras

MNIST = [
    ("Conv2D", {"filters": 32, "kernel_size": 5, "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Flatten", {}),
    ("Dense", {"units": 1024, "activation": "relu"}),
    ("Dropout", {"rate": 0.5}),
    ("Dense", {"units": 10}),
]
MNIST_WITHOUT_DROPOUT = [(name, {"rate": 0.0} if name == "Dropout" else options) for name, options in MNIST]
NOTEBOOK = [
    ("Conv2D", {"filters": 32, "kernel_size": 3, "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Conv2D", {"filters": 64, "kernel_size": 3, "activation": "relu"}),
    ("Flatten", {}),
    ("Dense", {"units": 64, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
]
PENALTY = {"class_name": "L2", "config": {"l2": 0.001}}
BATCH_NORMALIZATION = [
    ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same", "use_bias": False, "kernel_regularizer": PENALTY}),
    ("BatchNormalization", {}),
    ("ReLU", {}),
    ("MaxPooling2D", {"pool_size": 2}),
    ("Flatten", {}),
    ("Dense", {"units": 10, "kernel_regularizer": PENALTY}),
]


def layers(description):
    return [getattr(keras.layers, name)(**options) for name, options in description]


def functional(description, shape=(28, 28, 1)):
    inputs = x = keras.Input(shape)
    for layer in layers(description):
        x = layer(x)
    return keras.Model(inputs, x)


def sequential(description, shape=(28, 28, 1)):
    head = [] if shape is None else [keras.Input(shape)]
    return keras.Sequential([*head, *layers(description)])
