"""What constraints make of weights."""

import keras
import numpy as np

from .encoding import plain, tensor

SHAPES = [(4, 3), (3, 3, 2, 4), (5,), (1, 4)]
CASES = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    ("MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.9, "rate": 0.3, "axis": -1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1]}),
    ("UnitNorm", {"axis": -1}),
    ("UnitNorm", {"axis": None}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.9, "axis": None}),
]


def record():
    return {"cases": [case(*entry, shape) for entry in CASES for shape in SHAPES if fits(entry[1], shape)]}


def fits(options, shape):
    axis = options.get("axis", 0)
    return axis is None or max(np.atleast_1d(axis)) < len(shape)


def case(class_name, options, shape):
    constraint = getattr(keras.constraints, class_name)(**options)
    weight = np.random.default_rng(95).standard_normal(shape).astype("float32")
    weight[..., 0] = 0
    described = ", ".join(f"{key} {value}" for key, value in options.items())
    return {
        "name": " ".join(filter(None, [class_name, described, str(list(shape))])),
        "class": class_name,
        "options": plain(options),
        "config": plain(constraint.get_config()),
        "weight": tensor(weight),
        "value": tensor(constraint(weight)),
    }
