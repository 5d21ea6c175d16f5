"""Layers that make one tensor of several, with masks and with inputs of different ranks."""

import numpy as np

from .layer_run import run

SIMPLE = ("Add", "Average", "Maximum", "Minimum", "Multiply")
A = [[True, False, True], [False, True, True]]
B = [[True, True, False], [False, True, False]]
C = [[False, False, True], [False, False, True]]


def record():
    entries = [*elementwise(), *concatenate(), *dot()]
    return {"cases": [run(index, *entry[:4], **(entry[4] if len(entry) > 4 else {})) for index, entry in enumerate(entries)]}


def elementwise():
    for kind in SIMPLE:
        yield f"{kind} two", kind, {}, [(2, 3, 4), (2, 3, 4)]
        yield f"{kind} one", kind, {}, [(2, 3)]
        yield f"{kind} four", kind, {}, [(3, 2)] * 4
        yield f"{kind} broadcast", kind, {}, [(2, 3, 4), (2, 1, 4), (2, 3, 1)]
        yield f"{kind} ranks 4 and 2", kind, {}, [(2, 3, 4, 2), (2, 2)]
        yield f"{kind} ranks 2, 4 and 3", kind, {}, [(2, 5), (2, 2, 3, 5), (2, 3, 1)]
        yield f"{kind} batch 1", kind, {}, [(1, 1, 1), (1, 4, 3)]
        yield f"{kind} masks", kind, {}, [(2, 3, 4), (2, 3, 4)], {"masks": [A, B]}
        yield f"{kind} three masks", kind, {}, [(2, 3, 2)] * 3, {"masks": [A, B, C]}
        yield f"{kind} one mask", kind, {}, [(2, 3, 4), (2, 3, 4)], {"masks": [A, None]}
        yield f"{kind} other mask", kind, {}, [(2, 3, 4), (2, 3, 4)], {"masks": [None, B]}
        yield f"{kind} two masks of three", kind, {}, [(2, 3, 4)] * 3, {"masks": [A, None, C]}
    ties = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 2.0]]), np.array([[1.0, 3.0, 3.0], [0.0, -2.0, 2.0]])
    yield "Subtract", "Subtract", {}, [(2, 3, 4), (2, 3, 4)]
    yield "Subtract broadcast", "Subtract", {}, [(2, 3, 4), (2, 1, 4)]
    yield "Subtract ranks 2 and 4", "Subtract", {}, [(2, 3), (2, 4, 2, 3)]
    yield "Subtract masks", "Subtract", {}, [(2, 3, 4), (2, 3, 4)], {"masks": [A, B]}
    yield "Average of ties", "Average", {}, list(ties)


def concatenate():
    yield "Concatenate one", "Concatenate", {}, [(2, 3)]
    yield "Concatenate rank 2", "Concatenate", {}, [(2, 3), (2, 1), (2, 4)]
    yield "Concatenate batches", "Concatenate", {"axis": 0}, [(2, 3), (1, 3)]
    yield "Concatenate volumes", "Concatenate", {"axis": 2}, [(1, 2, 3, 2, 2), (1, 2, 1, 2, 2)]
    yield "Concatenate masks", "Concatenate", {}, [(2, 3, 4), (2, 3, 1)], {"masks": [A, B]}
    yield "Concatenate masks, axis 1", "Concatenate", {"axis": 1}, [(2, 3, 4), (2, 3, 4)], {"masks": [A, B]}
    yield "Concatenate one mask", "Concatenate", {}, [(2, 3, 4), (2, 3, 2)], {"masks": [A, None]}
    yield "Concatenate one mask, axis 1", "Concatenate", {"axis": 1}, [(2, 3, 4), (2, 2, 4)], {"masks": [A, None]}


def dot():
    def entry(name, axes, *inputs, **options):
        return f"Dot {name}", "Dot", {"axes": axes, **options}, list(inputs)

    yield entry("rank 2", 1, (3, 4), (3, 4))
    yield entry("rank 2, axis -1, cosines", -1, (3, 4), (3, 4), normalize=True)
    yield entry("rank 3", 2, (2, 3, 4), (2, 5, 4))
    yield entry("rank 3, axis 1", 1, (2, 3, 4), (2, 3, 5))
    yield entry("rank 3, axes (1, 2)", (1, 2), (2, 3, 4), (2, 5, 3))
    yield entry("rank 3, axes (2, 1), cosines", [2, 1], (2, 3, 4), (2, 4, 2), normalize=True)
    yield entry("rank 3, axes (-1, -2)", (-1, -2), (2, 3, 4), (2, 4, 2))
    yield entry("ranks 2 and 3", (1, 1), (2, 3), (2, 3, 4))
    yield entry("ranks 3 and 2", (2, 1), (2, 4, 3), (2, 3))
    yield entry("ranks 4 and 3", (3, 1), (2, 2, 3, 4), (2, 4, 5))
    yield entry("ranks 3 and 4", (1, 2), (2, 3, 2), (2, 2, 3, 4))
    yield entry("rank 4, axis 2, cosines", 2, (1, 2, 3, 2), (1, 2, 3, 1), normalize=True)
    yield entry("ranks 2 and 4", (1, 3), (2, 3), (2, 2, 4, 3))
    yield entry("ranks 4 and 2", (1, 1), (2, 3, 2, 4), (2, 3))
    yield entry("size 1", 1, (1, 1), (1, 1))
