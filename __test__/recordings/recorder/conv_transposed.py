"""Transposed convolutions of sequences and images."""

from .spatial_run import PENALTIES
from .spatial_run import record as cases


def record():
    return cases([*sequences(), *images()])


def transposed(axes, name, shape, filters, kernel, compiled=False, **options):
    options = {"filters": filters, "kernel_size": kernel, **options}
    return f"conv{axes}d transpose {name}", f"Conv{axes}DTranspose", options, shape, compiled


def every(axes, shape, filters):
    """What all ranks have: windows below, at and above the stride."""
    for padding in ("valid", "same"):
        for kernel, stride in ((3, 1), (3, 2), (2, 2), (1, 3), (5, 3), (4, 2), (2, 1)):
            compiled = axes == 3 and padding == "same" and kernel < stride
            options = {"strides": stride, "padding": padding}
            yield transposed(axes, f"{padding} {kernel} stride {stride}", shape, filters, kernel, compiled, **options)
    for padding, kernel, stride, more in (
        ("valid", 3, 2, 0), ("valid", 3, 2, 1), ("valid", 2, 3, 2), ("valid", 1, 3, 1),
        ("same", 3, 2, 0), ("same", 3, 2, 1), ("same", 5, 3, 2), ("same", 2, 2, 1), ("same", 4, 3, 2),
    ):  # fmt: skip
        name = f"{padding} {kernel} stride {stride} output padding {more}"
        yield transposed(axes, name, shape, filters, kernel, strides=stride, padding=padding, output_padding=more)
    # TensorFlow's gradient of a transposed convolution of volumes forgets the dilation.
    for padding in ("valid", "same") if axes < 3 else ():
        name = f"{padding} dilation 2"
        yield transposed(axes, name, shape, filters, 3, dilation_rate=2, padding=padding, compiled=True)
    yield transposed(axes, "one of everything", (1, *[1] * axes, 1), 1, 1)
    yield transposed(axes, "size 1, stride 2", (1, *[1] * axes, 2), 2, 3, strides=2, padding="same")


def sequences():
    yield from every(1, (2, 4, 3), 2)
    yield transposed(1, "no bias, relu", (2, 3, 2), 5, 4, strides=2, padding="same", use_bias=False, activation="relu")
    yield transposed(1, "33 channels to 17", (1, 3, 33), 17, 3, strides=2)
    yield transposed(1, "dilation 3, even window", (1, 4, 2), 3, 2, dilation_rate=3, padding="same", compiled=True)
    yield transposed(1, "penalties", (2, 3, 2), 3, 2, **PENALTIES)


def images():
    yield from every(2, (2, 3, 4, 2), 3)
    for padding in ("valid", "same"):
        yield transposed(2, f"{padding} strides (3, 1)", (1, 3, 4, 2), 2, (2, 3), strides=(3, 1), padding=padding)
        yield transposed(2, f"{padding} 1x4 strides (1, 3)", (2, 2, 3, 2), 2, (1, 4), strides=(1, 3), padding=padding)
    yield transposed(2, "output padding (0, 2)", (1, 3, 2, 2), 3, (2, 3), strides=(1, 3), output_padding=(0, 2))
    yield transposed(2, "dilation (1, 3)", (1, 3, 4, 2), 2, (3, 2), dilation_rate=(1, 3), compiled=True)
    yield transposed(2, "40 channels to 19", (1, 2, 3, 40), 19, 3, strides=2, padding="same", activation="tanh")
