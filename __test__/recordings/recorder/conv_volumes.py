"""Convolutions of volumes."""

from .spatial_run import PENALTIES
from .spatial_run import record as cases


def record():
    return cases(volumes())


def volumes():
    def conv(name, shape, filters, kernel, compiled=False, **options):
        return f"conv3d {name}", "Conv3D", {"filters": filters, "kernel_size": kernel, **options}, shape, compiled

    volume = (2, 5, 4, 6, 2)
    for padding in ("valid", "same"):
        for stride in (1, 2, 3):
            yield conv(f"{padding} stride {stride}", volume, 3, 3, strides=stride, padding=padding)
        yield conv(f"{padding} 2x2x2", (1, 4, 5, 3, 3), 2, 2, padding=padding)
        yield conv(f"{padding} 1x1x1", (2, 3, 2, 4, 3), 4, 1, padding=padding)
        yield conv(f"{padding} 1x1x1 stride 2", (1, 5, 4, 3, 3), 4, 1, strides=2, padding=padding)
        yield conv(f"{padding} 1x1x3", volume, 2, (1, 1, 3), padding=padding)
        yield conv(f"{padding} 3x1x1", volume, 2, (3, 1, 1), strides=(2, 1, 1), padding=padding)
        yield conv(f"{padding} 2x3x1 strides (3, 1, 2)", volume, 2, (2, 3, 1), strides=(3, 1, 2), padding=padding)
        yield conv(f"{padding} 4x2x3 stride 2", (1, 7, 5, 6, 1), 2, (4, 2, 3), strides=2, padding=padding)
        yield conv(f"{padding} dilation 2", (1, 6, 5, 7, 2), 2, 2, dilation_rate=2, padding=padding)
        yield conv(f"{padding} dilation (3, 1, 2)", (1, 8, 3, 7, 1), 2, (2, 2, 3), dilation_rate=(3, 1, 2), padding=padding)
        yield conv(f"{padding} groups 2", (1, 4, 3, 4, 4), 6, 2, groups=2, padding=padding)
        yield conv(f"{padding} groups as channels", (1, 4, 4, 3, 3), 6, (2, 3, 2), groups=3, padding=padding)
    yield conv("same, window over input", (1, 2, 3, 1, 2), 2, 5, padding="same")
    yield conv("same, window over input, stride 2", (1, 3, 2, 4, 1), 2, (7, 5, 6), strides=2, padding="same")
    yield conv("stride over window", (1, 7, 6, 8, 1), 2, (2, 1, 3), strides=(4, 3, 5))
    yield conv("same, stride over window", (1, 8, 6, 7, 2), 2, (2, 1, 1), strides=(4, 3, 4), padding="same", compiled=True)
    yield conv("kernel as large as input", (2, 3, 2, 4, 2), 3, (3, 2, 4))
    yield conv("one of everything", (1, 1, 1, 1, 1), 1, 1)
    yield conv("one plane, same", (2, 1, 4, 3, 2), 2, 3, padding="same")
    yield conv("no bias, relu, 17 channels", (1, 3, 3, 3, 17), 5, 2, use_bias=False, activation="relu")
    yield conv("penalties", (1, 3, 2, 3, 1), 2, 2, **PENALTIES)
