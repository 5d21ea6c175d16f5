"""Options of initializers that the first topic leaves out."""

import keras
import numpy as np

from .encoding import tensor
from .initializers import fields, gram, statistics

AXES = {"input_axes": [0, 1], "output_axes": [2]}


def record():
    kinds = ["GlorotUniform", "GlorotNormal", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"]
    given = [(kind, AXES) for kind in kinds]
    given += [("VarianceScaling", {"scale": 0.5, "mode": mode, "distribution": "uniform", **AXES}) for mode in ("fan_in", "fan_out", "fan_avg")]
    given += [("VarianceScaling", {"distribution": "normal"})]
    table = np.arange(6, dtype="float32").reshape(2, 3) / 4
    return {
        "cases": [
            *(fields(name, options, draws=[draw(name, options)]) for name, options in given),
            fields("Orthogonal", {"gain": 0.5}, gram=[gram({"gain": 0.5}, shape) for shape in ((5, 5, 2, 3), (2, 9), (1, 1))]),
        ],
        "constants": [
            {"value": table.tolist(), "shape": list(shape), "made": tensor(keras.initializers.Constant(table)(shape))}
            for shape in ((2, 3), (4, 2, 3))
        ],
    }


def draw(name, options):
    made = statistics(name, options, (6, 7, 40))
    if "input_axes" in options:
        made |= {"fanIn": 42, "fanOut": 40}
    return made
