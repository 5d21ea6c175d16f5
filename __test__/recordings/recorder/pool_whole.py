"""Global and adaptive pooling."""

import numpy as np

from .spatial_run import record as cases

SPACE = {1: (7,), 2: (5, 6), 3: (4, 3, 5)}


def record():
    return cases([*every(), *adaptive(), *masked()])


def every():
    for axes, sides in SPACE.items():
        for kind in (f"GlobalMaxPooling{axes}D", f"GlobalAveragePooling{axes}D"):
            yield kind, kind, {}, (2, *sides, 3)
            yield f"{kind} keepdims", kind, {"keepdims": True}, (2, *sides, 2)
            yield f"{kind} size 1", kind, {}, (1, *[1] * axes, 2)


LINES = [(8, 4), (7, 3), (10, 7), (7, 7), (9, 1), (3, 5), (10, 4), (5, 4), (1, 3), (2, 7), (1, 1)]
AREAS = [((6, 8), (2, 2)), ((7, 5), (3, 3)), ((7, 9), (2, 4)), ((5, 5), (1, 5)), ((2, 3), (4, 5)), ((1, 6), (1, 4)), ((11, 4), (7, 7))]
BOXES = [((4, 6, 2), (2, 2, 2)), ((5, 4, 7), (3, 3, 3)), ((5, 3, 7), (2, 3, 4)), ((2, 3, 1), (3, 2, 2)), ((1, 1, 1), (1, 1, 1))]


def adaptive():
    pairs = [((side,), (size,)) for side, size in LINES]
    for kind in ("Max", "Average"):
        for axes, sizes in ((1, pairs), (2, AREAS), (3, BOXES)):
            for sides, size in sizes:
                # Keras also pools windows that are longer by one. Where those do not fit, TensorFlow's gradient of max
                # pooling is memory that nobody wrote.
                if kind == "Max" and 1 in (*sides, *size):
                    continue
                name = f"Adaptive{kind}Pooling{axes}D"
                # One number for all axes where that says the same.
                given = size[0] if len(set(size)) == 1 else size
                yield f"{name} {sides} to {given}", name, {"output_size": given}, (2, *sides, 2)


def masked():
    name = "GlobalAveragePooling1D"
    mask = np.array([[True, False, True, True], [False, False, True, False]])
    yield f"{name} mask", name, {}, (2, 4, 3), False, [mask]
    yield f"{name} mask, keepdims", name, {"keepdims": True}, (2, 4, 2), False, [mask]
