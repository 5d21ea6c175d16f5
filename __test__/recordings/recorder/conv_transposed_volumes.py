"""Transposed convolutions of volumes."""

from .conv_transposed import every, transposed
from .spatial_run import record as cases


def record():
    return cases(volumes())


def volumes():
    yield from every(3, (1, 2, 3, 2, 2), 2)
    for padding, compiled in (("valid", False), ("same", True)):
        yield transposed(3, f"{padding} strides (2, 1, 3)", (1, 3, 2, 2, 2), 2, (3, 2, 1), strides=(2, 1, 3), padding=padding, compiled=compiled)
        yield transposed(3, f"{padding} 1x3x2 strides (3, 2, 1)", (2, 2, 2, 3, 1), 2, (1, 3, 2), strides=(3, 2, 1), padding=padding, compiled=compiled)
    yield transposed(3, "output padding (1, 0, 2)", (1, 2, 3, 2, 1), 2, (3, 1, 2), strides=(2, 1, 3), output_padding=(1, 0, 2))
    yield transposed(3, "no bias, sigmoid", (2, 1, 2, 2, 3), 2, 2, strides=2, use_bias=False, activation="sigmoid")
