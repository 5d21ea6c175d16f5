"""The text that summary() prints."""

import functools
import io
import os

import keras
import numpy as np
import rich.console

from . import networks


def record():
    return {"cases": [case(*entry) for entry in entries()]}


def case(name, description, build, columns=120, arguments=None):
    keras.utils.clear_session()
    model, arguments = build(), arguments or {}
    os.environ["COLUMNS"] = str(columns)
    pieces = []
    model.summary(print_fn=pieces.append, **arguments)
    return {
        "name": name,
        "description": description,
        "columns": columns,
        "lineLength": arguments.get("line_length"),
        "showTrainable": arguments.get("show_trainable", False),
        "expandNested": arguments.get("expand_nested", False),
        "text": "\n".join(pieces),
        "coloured": coloured(model, arguments),
    }


def coloured(model, arguments):
    """The text as a terminal with 256 colours gets it."""
    plain, out = rich.console.Console, io.StringIO()
    rich.console.Console = functools.partial(plain, file=out, force_terminal=True, color_system="256")
    try:
        model.summary(**arguments)
    finally:
        rich.console.Console = plain
    return out.getvalue()


def entries():
    yield "mnist", "functional: Input (28, 28, 1), then the MNIST network", mnist
    yield "mnist in 80 columns", "as mnist, narrow terminal", mnist, 80
    yield "mnist line length 70", "as mnist", mnist, 120, {"line_length": 70}
    yield "notebook", "Sequential with Input (28, 28, 1), then the notebook network", notebook
    yield "unbuilt sequential", "the notebook network without Input, never called", lambda: networks.sequential(networks.NOTEBOOK, None)
    yield "built by call", "the notebook network without Input, called on zeros of shape (2, 28, 28, 1)", built_by_call
    yield "empty sequential", "Sequential without layers", keras.Sequential
    yield "branched", "see branched() in recorder/summary.py", branched
    yield "branched in 80 columns", "as branched, narrow terminal", branched, 80
    yield "two inputs and outputs", "see several() in recorder/summary.py", several
    yield "shared layer", "one Dense applied to two inputs, results concatenated", shared
    yield "batch normalization", "functional, non-trainable weights", lambda: networks.functional(networks.BATCH_NORMALIZATION)
    yield "frozen layer", "the notebook network, its first convolution frozen", frozen
    yield "frozen layer, shown", "as frozen layer", frozen, 120, {"show_trainable": True}
    yield "nested", "Sequential: Input, a Sequential named body, Dense 10", nested
    yield "nested, expanded", "as nested", nested, 120, {"expand_nested": True}
    yield "subclassed", "Model subclass with two Dense layers, called on zeros of shape (2, 4)", subclassed
    yield "compiled, not fitted", "mnist, compiled with Adam", lambda: fitted(mnist(), "adam", 0)
    for optimizer in ("adam", "rmsprop", "sgd"):
        yield f"mnist after fit, {optimizer}", f"mnist after one step with {optimizer}", lambda optimizer=optimizer: fitted(mnist(), optimizer, 1)
    yield "mnist after fit, sgd momentum", "mnist after one step with SGD, momentum 0.9", lambda: fitted(mnist(), keras.optimizers.SGD(momentum=0.9), 1)


def mnist():
    return networks.functional(networks.MNIST)


def notebook():
    return networks.sequential(networks.NOTEBOOK)


def built_by_call():
    model = networks.sequential(networks.NOTEBOOK, None)
    model(np.zeros((2, 28, 28, 1), "float32"))
    return model


def branched():
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    y = keras.layers.Conv2D(8, 3, padding="same")(x)
    skip = keras.layers.Conv2D(8, 1)(inputs)
    x = keras.layers.Add()([y, skip])
    x = keras.layers.ReLU()(x)
    x = keras.layers.Concatenate()([x, y])
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(5)(x), name="branches")


def several():
    image = keras.Input((8, 8, 1), name="image")
    extra = keras.Input((4,), name="extra")
    x = keras.layers.Concatenate()([keras.layers.Flatten()(image), extra])
    digit = keras.layers.Dense(10, name="digit")(x)
    even = keras.layers.Dense(1, activation="sigmoid", name="even")(x)
    return keras.Model([image, extra], [digit, even])


def shared():
    a, b = keras.Input((6,)), keras.Input((6,))
    dense = keras.layers.Dense(4, name="both")
    return keras.Model([a, b], keras.layers.Concatenate()([dense(a), dense(b)]))


def frozen():
    model = networks.sequential(networks.NOTEBOOK)
    model.layers[0].trainable = False
    return model


def nested():
    body = keras.Sequential([keras.Input((12,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4)], name="body")
    return keras.Sequential([keras.Input((12,)), body, keras.layers.Dense(10)])


def subclassed():
    class Perceptron(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = keras.layers.Dense(8, activation="relu")
            self.head = keras.layers.Dense(3)

        def call(self, x):
            return self.head(self.hidden(x))

    model = Perceptron()
    model(np.zeros((2, 4), "float32"))
    return model


def fitted(model, optimizer, steps):
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    if steps:
        model.fit(np.zeros((4, 28, 28, 1), "float32"), np.zeros(4, "int32"), verbose=0)
    return model
