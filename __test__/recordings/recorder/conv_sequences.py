"""Convolutions of sequences, and what the cases of images in `layers` leave out."""

from .spatial_run import PENALTIES
from .spatial_run import record as cases


def record():
    return cases([*sequences(), *images(), *capitals()])


def sequences():
    def conv(name, shape, filters, kernel, **options):
        return f"conv1d {name}", "Conv1D", {"filters": filters, "kernel_size": kernel, **options}, shape

    for padding in ("valid", "same", "causal"):
        for stride in (1, 2, 3):
            yield conv(f"{padding} stride {stride}", (2, 9, 3), 4, 3, strides=stride, padding=padding)
        yield conv(f"{padding} 1", (2, 5, 4), 3, 1, padding=padding)
        yield conv(f"{padding} 1 stride 2", (2, 6, 4), 3, 1, strides=2, padding=padding)
        yield conv(f"{padding} even window", (3, 8, 2), 3, 4, strides=3, padding=padding)
        yield conv(f"{padding} dilation 2", (2, 11, 2), 3, 3, dilation_rate=2, padding=padding)
        yield conv(f"{padding} dilation 3, even", (1, 10, 1), 2, 2, dilation_rate=3, padding=padding)
        yield conv(f"{padding} groups 2", (2, 7, 4), 6, 3, groups=2, padding=padding)
        yield conv(f"{padding} groups as channels", (2, 6, 3), 6, 2, groups=3, padding=padding)
    for padding in ("same", "causal"):
        yield conv(f"{padding}, window over input", (2, 3, 2), 3, 7, padding=padding)
        yield conv(f"{padding}, window over input, stride 2", (1, 4, 1), 2, 9, strides=2, padding=padding)
        yield conv(f"{padding}, one step", (1, 1, 2), 3, 3, padding=padding)
        yield conv(f"{padding}, dilated window over input", (2, 4, 2), 2, 3, dilation_rate=4, padding=padding)
    yield conv("stride over window", (2, 10, 2), 3, 2, strides=4)
    yield conv("kernel as long as input", (2, 6, 3), 5, 6)
    yield conv("no bias, relu", (2, 7, 3), 4, 3, use_bias=False, activation="relu")
    yield conv("batch 1, one of everything", (1, 1, 1), 1, 1)
    yield conv("33 channels to 17", (1, 7, 33), 17, 3, padding="same", activation="tanh")
    yield conv("lists", (2, 9, 2), 3, [3], strides=[2], padding="same", dilation_rate=[1])
    yield conv("penalties", (2, 5, 2), 3, 2, **PENALTIES)


def images():
    def conv(name, shape, filters, kernel, **options):
        return f"conv2d {name}", "Conv2D", {"filters": filters, "kernel_size": kernel, **options}, shape

    for padding in ("valid", "same"):
        yield conv(f"{padding} 4 filters a channel", (2, 5, 6, 3), 12, 3, groups=3, padding=padding)
        yield conv(f"{padding} as many filters as channels", (2, 7, 5, 17), 17, 3, groups=17, strides=2, padding=padding)
        yield conv(f"{padding} 2 filters for each of 9 channels, 1x3", (1, 3, 7, 9), 18, (1, 3), groups=9, padding=padding)
        yield conv(f"{padding} 3 filters a channel, dilation (2, 1)", (1, 7, 4, 2), 6, (2, 3), groups=2, dilation_rate=(2, 1), padding=padding)
        yield conv(f"{padding} 4 groups of 2 and 3", (2, 4, 5, 8), 12, (3, 2), groups=4, padding=padding)
    yield conv("penalties", (2, 4, 3, 2), 3, 2, **PENALTIES)


def capitals():
    for padding in ("SAME", "VALID", "Same"):
        yield f"conv1d {padding}", "Conv1D", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": padding}, (2, 6, 2)
