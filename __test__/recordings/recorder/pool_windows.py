"""Max and average pooling of sequences and volumes; images are in `layers`."""

import numpy as np

from .spatial_run import record as cases


def record():
    return cases([entry for kind in ("MaxPooling", "AveragePooling") for entry in family(kind)])


def family(kind):
    def sequence(name, shape, size, **options):
        return f"{kind}1D {name}", f"{kind}1D", {"pool_size": size, **options}, shape

    def volume(name, shape, size, compiled=False, **options):
        return f"{kind}3D {name}", f"{kind}3D", {"pool_size": size, **options}, shape, compiled

    for padding in ("valid", "same"):
        for size, stride in ((2, None), (3, 2), (2, 3), (3, 1), (1, 2), (4, 3)):
            name = f"{padding} {size} stride {stride}"
            yield sequence(name, (2, 9, 3), size, strides=stride, padding=padding)
            yield volume(name, (2, 5, 7, 4, 2), size, strides=stride, padding=padding)
        yield volume(f"{padding} (1, 2, 3)", (2, 3, 5, 7, 2), (1, 2, 3), padding=padding)
        yield volume(f"{padding} (3, 1, 2) strides (2, 3, 1)", (1, 7, 4, 5, 3), (3, 1, 2), strides=(2, 3, 1), padding=padding)
        yield volume(f"{padding} (2, 1, 1)", (2, 5, 2, 3, 2), (2, 1, 1), padding=padding)
        yield volume(f"{padding} 1", (1, 2, 3, 2, 2), 1, padding=padding)
    yield sequence("same, window over input", (2, 3, 2), 7, strides=1, padding="same")
    yield sequence("same, window over input, stride 2", (1, 4, 2), 9, strides=2, padding="same")
    yield volume("same, window over input", (1, 2, 3, 1, 2), 5, strides=1, padding="same")
    yield volume("same, window over input, strides (2, 1, 3)", (1, 3, 2, 4, 1), (7, 4, 6), strides=(2, 1, 3), padding="same")
    yield volume("same, stride over window", (1, 8, 6, 7, 2), (2, 1, 1), strides=(4, 3, 4), padding="same", compiled=True)
    yield sequence("whole input", (2, 6, 3), 6)
    yield volume("whole input", (2, 3, 2, 4, 2), (3, 2, 4))
    yield sequence("one of everything", (1, 1, 1), 1)
    yield volume("one of everything", (1, 1, 1, 1, 1), 1)
    below = -1 - np.random.default_rng(7).random((2, 5, 4, 3, 2))
    yield sequence("all negative, same", below[:, :, 0, 0], 3, strides=2, padding="same")
    yield volume("all negative, same", below, 3, strides=2, padding="same")
    if kind == "MaxPooling":
        ties = np.array([[0, 0, 1, 1, 2, 2, 2, 1, 3, 3, 0, 3]], "float32").reshape(1, 12, 1)
        yield sequence("first of equals", ties, 2)
        yield sequence("first of equals, overlapping", ties, 3, strides=1)
        cube = np.random.default_rng(8).integers(0, 3, (1, 4, 4, 5, 2)).astype("float32")
        yield volume("first of equals", cube, 2, compiled=True)
