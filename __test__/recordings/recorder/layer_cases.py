"""Which layers, options and inputs are recorded: (name, class, options, inputs[, training])."""

import numpy as np

ACTIVATIONS = [
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "hard_silu", "mish",
    "sigmoid", "hard_sigmoid", "log_sigmoid", "tanh", "softplus", "softsign", "exponential", "softmax", "log_softmax",
]  # fmt: skip


def cases():
    return [
        *dense(), *convolution(), *pooling(), *global_pooling(), *shaping(), *activation(),
        *normalization(), *merging(), *other(),
    ]  # fmt: skip


def dense():
    yield "dense", "Dense", {"units": 5}, [(3, 7)]
    yield "dense no bias", "Dense", {"units": 4, "use_bias": False}, [(2, 3)]
    yield "dense batch 1, one unit", "Dense", {"units": 1}, [(1, 6)]
    yield "dense one input", "Dense", {"units": 3}, [(4, 1)]
    yield "dense rank 3", "Dense", {"units": 6}, [(2, 3, 5)]
    yield "dense rank 4", "Dense", {"units": 3, "activation": "relu"}, [(2, 3, 2, 4)]
    yield "dense odd sizes", "Dense", {"units": 33, "activation": "tanh"}, [(5, 17)]
    for name in ("relu", "sigmoid", "tanh", "softmax", "gelu"):
        yield f"dense {name}", "Dense", {"units": 6, "activation": name}, [(4, 5)]


def convolution():
    def conv(name, shape, filters, kernel, **options):
        return f"conv2d {name}", "Conv2D", {"filters": filters, "kernel_size": kernel, **options}, [shape]

    image = (2, 7, 8, 3)
    for padding in ("valid", "same"):
        for stride in (1, 2, 3):
            yield conv(f"{padding} stride {stride}", image, 4, 3, strides=stride, padding=padding)
        yield conv(f"{padding} 5x5 one channel", (2, 9, 9, 1), 3, 5, padding=padding, activation="relu")
        yield conv(f"{padding} 2x2", (2, 5, 6, 2), 3, 2, padding=padding)
        yield conv(f"{padding} 4x4 stride 2", (1, 9, 7, 2), 3, 4, strides=2, padding=padding)
        yield conv(f"{padding} 1x3", (2, 4, 6, 3), 2, (1, 3), padding=padding)
        yield conv(f"{padding} 3x1", (2, 6, 4, 3), 2, (3, 1), padding=padding)
        yield conv(f"{padding} 1x1", (2, 4, 5, 6), 3, 1, padding=padding)
        yield conv(f"{padding} 1x1 stride 2", (2, 5, 6, 4), 3, 1, strides=2, padding=padding)
        yield conv(f"{padding} strides (2, 1)", image, 3, 3, strides=(2, 1), padding=padding)
        yield conv(f"{padding} strides (1, 3)", image, 3, (2, 3), strides=(1, 3), padding=padding)
        yield conv(f"{padding} dilation 2", (2, 9, 8, 2), 3, 3, dilation_rate=2, padding=padding)
        yield conv(f"{padding} dilation (1, 3)", (1, 6, 10, 2), 2, 3, dilation_rate=(1, 3), padding=padding)
        yield conv(f"{padding} groups 2", (2, 6, 5, 4), 6, 3, groups=2, padding=padding)
        yield conv(f"{padding} groups as channels", (2, 6, 6, 3), 6, 3, groups=3, padding=padding)
        yield conv(f"{padding} groups stride 2", (2, 7, 6, 4), 4, 3, groups=2, strides=2, padding=padding)
    yield conv("no bias", image, 4, 3, use_bias=False)
    yield conv("stride over window", (2, 8, 9, 2), 3, 2, strides=3)
    yield conv("kernel as large as image", (2, 5, 4, 3), 6, (5, 4))
    yield conv("same, kernel over image", (2, 3, 2, 2), 3, 5, padding="same")
    yield conv("batch 1, size 1", (1, 1, 1, 1), 1, 1)
    yield conv("same on size 1", (1, 1, 1, 3), 2, 3, padding="same")
    yield conv("one row", (2, 1, 9, 2), 3, (1, 3), padding="same")
    yield conv("32 to 17 channels", (1, 4, 4, 32), 17, 3, padding="same")
    yield conv("odd everything", (3, 11, 5, 5), 7, 3, strides=2, padding="same", activation="relu")
    for name in ("relu", "sigmoid", "tanh", "softmax", "elu", "silu"):
        yield conv(name, (2, 5, 5, 2), 4, 3, activation=name)


def pooling():
    ties = np.tile(np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 1, 0, 3], [2, 2, 3, 3]], "float32")[None, :, :, None], (1, 1, 1, 2))
    for kind in ("MaxPooling2D", "AveragePooling2D"):
        def pool(name, shape, size, kind=kind, **options):
            return f"{kind} {name}", kind, {"pool_size": size, **options}, [shape]

        yield pool("2", (2, 6, 8, 3), 2)
        yield pool("2 odd sizes", (2, 7, 5, 3), 2)
        yield pool("2 same, odd sizes", (2, 7, 5, 3), 2, padding="same")
        yield pool("3 stride 2", (2, 7, 8, 2), 3, strides=2)
        yield pool("3 stride 2 same", (2, 7, 8, 2), 3, strides=2, padding="same")
        yield pool("3 stride 1 same", (2, 5, 4, 2), 3, strides=1, padding="same")
        yield pool("2 stride 3", (2, 8, 8, 2), 2, strides=3)
        yield pool("2 stride 3 same", (1, 8, 7, 2), 2, strides=3, padding="same")
        yield pool("(1, 2)", (2, 3, 6, 2), (1, 2))
        yield pool("(3, 1) strides (2, 1)", (2, 7, 3, 2), (3, 1), strides=(2, 1))
        yield pool("whole image", (2, 4, 5, 3), (4, 5))
        yield pool("same, window over image", (1, 2, 3, 2), 4, strides=1, padding="same")
        yield pool("batch 1, size 1", (1, 1, 1, 1), 1)
    yield "MaxPooling2D first of equals", "MaxPooling2D", {"pool_size": 2}, [ties]
    yield "MaxPooling2D first of equals, overlapping", "MaxPooling2D", {"pool_size": 3, "strides": 1}, [ties]
    yield "MaxPooling2D all negative, same", "MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [
        -1 - np.random.default_rng(7).random((2, 5, 5, 2))
    ]


def global_pooling():
    for kind in ("GlobalMaxPooling2D", "GlobalAveragePooling2D"):
        yield kind, kind, {}, [(2, 5, 4, 3)]
        yield f"{kind} keepdims", kind, {"keepdims": True}, [(2, 3, 6, 2)]
        yield f"{kind} size 1", kind, {}, [(1, 1, 1, 2)]


def shaping():
    yield "flatten", "Flatten", {}, [(2, 3, 4, 2)]
    yield "flatten rank 2", "Flatten", {}, [(3, 5)]
    yield "flatten rank 1", "Flatten", {}, [(4,)]
    yield "reshape", "Reshape", {"target_shape": (4, 3)}, [(2, 3, 2, 2)]
    yield "reshape -1", "Reshape", {"target_shape": (-1, 2)}, [(2, 3, 4)]
    yield "reshape to one axis", "Reshape", {"target_shape": (-1,)}, [(2, 3, 4)]
    yield "reshape adds axis", "Reshape", {"target_shape": (3, 4, 1)}, [(1, 3, 4)]
    yield "zero padding", "ZeroPadding2D", {}, [(2, 3, 4, 2)]
    yield "zero padding 2", "ZeroPadding2D", {"padding": 2}, [(1, 2, 3, 2)]
    yield "zero padding (1, 2)", "ZeroPadding2D", {"padding": (1, 2)}, [(2, 3, 2, 1)]
    yield "zero padding asymmetric", "ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, [(2, 3, 4, 2)]


def activation():
    spread = np.random.default_rng(11).uniform(-6, 6, (4, 9))
    for name in ACTIVATIONS:
        yield f"activation {name}", "Activation", {"activation": name}, [spread]
    large = np.array([[-90.0, -30.0, -1e-4, 1e-4, 30.0, 80.0]])
    for name in ("sigmoid", "tanh", "softplus", "softmax", "log_softmax", "gelu", "silu", "elu", "selu", "log_sigmoid"):
        yield f"activation {name} far out", "Activation", {"activation": name}, [large]
    yield "activation softmax rank 4", "Activation", {"activation": "softmax"}, [(2, 3, 2, 4)]
    yield "relu", "ReLU", {}, [spread]
    yield "relu max value", "ReLU", {"max_value": 3.0}, [spread]
    yield "relu negative slope", "ReLU", {"negative_slope": 0.2}, [spread]
    yield "relu threshold", "ReLU", {"threshold": 1.5}, [spread]
    yield "relu all three", "ReLU", {"max_value": 4.0, "negative_slope": 0.1, "threshold": 0.5}, [spread]
    yield "softmax", "Softmax", {}, [(3, 5)]
    yield "softmax axis 1", "Softmax", {"axis": 1}, [(2, 4, 3)]
    yield "softmax axis -2", "Softmax", {"axis": -2}, [(2, 3, 4, 2)]
    yield "softmax two axes", "Softmax", {"axis": [1, 2]}, [(2, 3, 4, 2)]
    yield "softmax one class", "Softmax", {}, [(3, 1)]


def normalization():
    for training in (True, False):
        def norm(name, shape, training=training, **options):
            label = "training" if training else "inference"
            return f"batch normalization {name}, {label}", "BatchNormalization", options, [shape], training

        yield norm("images", (3, 4, 5, 3))
        yield norm("rank 2", (6, 4))
        yield norm("rank 3", (3, 4, 2))
        yield norm("axis 1", (3, 4, 5, 2), axis=1)
        yield norm("no center", (3, 3, 2, 3), center=False)
        yield norm("no scale", (3, 3, 2, 3), scale=False)
        yield norm("neither", (3, 3, 2, 3), center=False, scale=False)
        yield norm("momentum and epsilon", (4, 3, 3, 2), momentum=0.7, epsilon=1e-5)
        yield norm("batch 1", (1, 4, 4, 2))
        yield norm("one value a channel", (1, 1, 1, 3))
    yield "batch normalization frozen", "BatchNormalization", {"trainable": False}, [(3, 4, 2, 3)], True
    yield "batch normalization default call", "BatchNormalization", {}, [(3, 4, 2, 3)]
    far = 100 + np.random.default_rng(5).standard_normal((8, 3, 3, 2))
    yield "batch normalization far from zero, training", "BatchNormalization", {}, [far], True


def merging():
    yield "add", "Add", {}, [(2, 3, 4), (2, 3, 4)]
    yield "add three", "Add", {}, [(2, 2, 3, 2)] * 3
    yield "add broadcast", "Add", {}, [(2, 3, 4), (2, 1, 4)]
    yield "concatenate", "Concatenate", {}, [(2, 3, 4), (2, 3, 2)]
    yield "concatenate axis 1", "Concatenate", {"axis": 1}, [(2, 3, 4), (2, 1, 4), (2, 2, 4)]
    yield "concatenate images", "Concatenate", {"axis": -1}, [(2, 3, 2, 1), (2, 3, 2, 4), (2, 3, 2, 2)]
    yield "concatenate axis -2", "Concatenate", {"axis": -2}, [(2, 3, 2, 3), (2, 3, 5, 3)]


def other():
    yield "rescaling", "Rescaling", {"scale": 1 / 255}, [np.arange(48).reshape(2, 4, 2, 3) * 5.0]
    yield "rescaling with offset", "Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, [np.arange(12).reshape(1, 2, 2, 3) * 20.0]
    yield "dropout inference", "Dropout", {"rate": 0.5}, [(2, 3, 4)], False
    yield "dropout default call", "Dropout", {"rate": 0.5}, [(2, 3, 4)]
    yield "dropout rate 0, training", "Dropout", {"rate": 0.0}, [(2, 5)], True
