"""In which order getWeights() of branched models lists its weights."""

import keras

from .encoding import plain


def orders():
    return [order(*entry) for entry in ENTRIES]


class Builder:
    """Makes layers by class and keeps what it made, so that a recording says how to build the same."""

    def __init__(self):
        self.made = []

    def input(self, shape, name):
        self.made.append({"name": name, "class": "Input", "options": {"shape": list(shape)}, "inputs": []})
        return keras.Input(shape, name=name)

    def __call__(self, class_name, name, inputs, **options):
        layer = getattr(keras.layers, class_name)(name=name, **options)
        sources = inputs if isinstance(inputs, list) else [inputs]
        names = [source._keras_history.operation.name for source in sources]
        self.made.append({"name": name, "class": class_name, "options": plain(options), "inputs": names})
        return layer(inputs)


def order(name, description, build):
    keras.utils.clear_session()
    add = Builder()
    model = build(add)
    return {
        "name": name,
        "description": description,
        "layers": add.made,
        "summaryOrder": [layer.name for layer in model.layers],
        "weights": [
            {"path": weight.path, "shape": list(weight.shape), "trainable": bool(weight.trainable)} for weight in model.weights
        ],
        "trainable": [weight.path for weight in model.trainable_weights],
    }


def skip_after(add):
    x = add.input((8, 8, 3), "image")
    a = add("Conv2D", "main_1", x, filters=4, kernel_size=3, padding="same")
    b = add("Conv2D", "main_2", a, filters=4, kernel_size=3, padding="same")
    skip = add("Conv2D", "skip", x, filters=4, kernel_size=1)
    out = add("Add", "sum", [b, skip])
    return keras.Model(x, add("Dense", "head", add("Flatten", "flat", out), units=2))


def skip_first_in_list(add):
    x = add.input((8, 8, 3), "image")
    a = add("Conv2D", "main_1", x, filters=4, kernel_size=3, padding="same")
    b = add("Conv2D", "main_2", a, filters=4, kernel_size=3, padding="same")
    skip = add("Conv2D", "skip", x, filters=4, kernel_size=1)
    out = add("Add", "sum", [skip, b])
    return keras.Model(x, add("Dense", "head", add("Flatten", "flat", out), units=2))


def residual(add):
    """The block of ResNet: the shortcut's convolution is made first."""
    x = add.input((8, 8, 4), "image")
    shortcut = add("Conv2D", "shortcut", x, filters=8, kernel_size=1)
    shortcut = add("BatchNormalization", "shortcut_bn", shortcut)
    y = add("Conv2D", "a", x, filters=4, kernel_size=1)
    y = add("BatchNormalization", "a_bn", y)
    y = add("ReLU", "a_relu", y)
    y = add("Conv2D", "b", y, filters=8, kernel_size=3, padding="same")
    y = add("BatchNormalization", "b_bn", y)
    out = add("ReLU", "out", add("Add", "sum", [shortcut, y]))
    return keras.Model(x, add("Dense", "head", add("GlobalAveragePooling2D", "pool", out), units=3))


def inception(add):
    x = add.input((8, 8, 3), "image")
    one = add("Conv2D", "one", x, filters=2, kernel_size=1)
    three = add("Conv2D", "three_b", add("Conv2D", "three_a", x, filters=2, kernel_size=1), filters=3, kernel_size=3, padding="same")
    five = add("Conv2D", "five_a", x, filters=2, kernel_size=1)
    five = add("Conv2D", "five_b", five, filters=2, kernel_size=3, padding="same")
    five = add("Conv2D", "five_c", five, filters=2, kernel_size=3, padding="same")
    pool = add("MaxPooling2D", "pool", x, pool_size=3, strides=1, padding="same")
    pool = add("Conv2D", "pool_conv", pool, filters=2, kernel_size=1)
    out = add("Concatenate", "join", [one, three, five, pool])
    return keras.Model(x, add("Dense", "head", add("Flatten", "flat", out), units=2))


def two_inputs(add):
    a, b = add.input((4,), "a"), add.input((6,), "b")
    right = add("Dense", "right", b, units=3)
    left = add("Dense", "left_2", add("Dense", "left_1", a, units=5), units=3)
    out = add("Concatenate", "join", [left, right])
    return keras.Model([a, b], add("Dense", "head", out, units=2))


def two_outputs(add):
    x = add.input((4,), "x")
    trunk = add("Dense", "trunk", x, units=5)
    early = add("Dense", "early", trunk, units=2)
    late = add("Dense", "late_2", add("Dense", "late_1", trunk, units=3), units=2)
    return keras.Model(x, [late, early])


def normalized(add):
    x = add.input((4, 4, 2), "x")
    y = add("BatchNormalization", "bn_1", add("Conv2D", "conv_1", x, filters=3, kernel_size=3, padding="same"))
    y = add("BatchNormalization", "bn_2", add("Conv2D", "conv_2", y, filters=3, kernel_size=3, padding="same"))
    return keras.Model(x, y)


ENTRIES = [
    ("skip branch made last", "Add([main, skip])", skip_after),
    ("skip branch made last, first in the list", "Add([skip, main])", skip_first_in_list),
    ("residual block", "shortcut made first, with batch normalization", residual),
    ("inception block", "four branches of different depth", inception),
    ("two inputs", "Concatenate of branches of different depth", two_inputs),
    ("two outputs", "outputs at different depth, the deeper first", two_outputs),
    ("chain with batch normalization", "non-trainable weights between trainable ones", normalized),
]
