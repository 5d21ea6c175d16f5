"""Depthwise convolutions of sequences and images."""

import keras

from .spatial_run import record as cases


def record():
    return cases(family("DepthwiseConv"))


def family(kind):
    """The cases of "DepthwiseConv" or "SeparableConv", which have the same options."""
    first = {"filters": 5} if kind == "SeparableConv" else {}
    words = kind.replace("Conv", "").lower()

    def sequence(name, shape, kernel, compiled=False, **options):
        return f"{words} 1d {name}", f"{kind}1D", {**first, "kernel_size": kernel, **options}, shape, compiled

    def image(name, shape, kernel, compiled=False, **options):
        return f"{words} 2d {name}", f"{kind}2D", {**first, "kernel_size": kernel, **options}, shape, compiled

    for padding in ("valid", "same"):
        for stride in (1, 2, 3):
            yield sequence(f"{padding} stride {stride}", (2, 9, 3), 3, strides=stride, padding=padding)
            yield image(f"{padding} stride {stride}", (2, 7, 8, 3), 3, strides=stride, padding=padding)
        for multiplier in (2, 3):
            yield sequence(f"{padding} multiplier {multiplier}", (2, 7, 4), 2, depth_multiplier=multiplier, padding=padding)
            yield image(f"{padding} multiplier {multiplier}", (2, 4, 5, 4), (2, 3), depth_multiplier=multiplier, padding=padding)
        yield sequence(f"{padding} dilation 2", (2, 9, 2), 3, dilation_rate=2, padding=padding)
        yield image(f"{padding} dilation 2", (2, 7, 8, 2), 3, dilation_rate=2, padding=padding)
        yield image(f"{padding} dilation (1, 3)", (1, 4, 9, 2), 2, dilation_rate=(1, 3), depth_multiplier=2, padding=padding)
        yield sequence(f"{padding} dilation 2, stride 2", (2, 10, 2), 3, dilation_rate=2, strides=2, padding=padding)
        yield image(f"{padding} dilation 2, stride 3", (1, 9, 8, 3), 2, dilation_rate=2, strides=3, depth_multiplier=2, padding=padding)
        yield image(f"{padding} strides (2, 1)", (1, 7, 6, 3), (3, 2), strides=(2, 1), padding=padding, compiled=True)
        yield image(f"{padding} strides (1, 3), multiplier 2", (1, 3, 9, 2), (1, 2), strides=(1, 3), depth_multiplier=2, padding=padding, compiled=True)
        yield image(f"{padding} 1x3", (2, 3, 7, 2), (1, 3), padding=padding)
        yield image(f"{padding} 4x1 stride 2", (2, 8, 5, 2), (4, 1), strides=2, padding=padding)
        yield image(f"{padding} 1x1", (2, 3, 4, 5), 1, padding=padding)
        yield image(f"{padding} one channel", (2, 5, 4, 1), 3, depth_multiplier=4, padding=padding)
        yield image(f"{padding} 17 channels", (1, 5, 6, 17), 3, padding=padding, activation="relu")
    yield sequence("same, window over input", (2, 3, 2), 6, padding="same")
    yield image("same, window over input", (1, 2, 3, 2), 5, padding="same")
    yield image("same, window over input, stride 2", (1, 3, 2, 2), 6, strides=2, padding="same")
    yield sequence("one of everything", (1, 1, 1), 1)
    yield image("one of everything", (1, 1, 1, 1), 1)
    yield image("one pixel, same", (1, 1, 1, 3), 3, padding="same")
    yield image("no bias", (2, 4, 5, 3), 3, use_bias=False, activation="tanh")
    penalties = {"depthwise_regularizer": "l2", "bias_regularizer": keras.regularizers.L1(0.25), "activity_regularizer": "l2"}
    if first:
        penalties |= {"pointwise_regularizer": keras.regularizers.L1(0.5)}
    yield sequence("penalties", (2, 5, 2), 2, **penalties)
    yield image("penalties", (2, 4, 3, 2), 2, depth_multiplier=2, **penalties)
