"""Statistics of large draws, and exact values of what is not random."""

import keras
import numpy as np
from keras.src.initializers.random_initializers import compute_fans

from .encoding import number, plain, tensor

SHAPES = [(300, 500), (7, 40), (3, 3, 16, 32), (5, 5, 1, 32), (64,)]
NUMBERS = 200_000
RANDOM = [
    ("RandomNormal", {}),
    ("RandomNormal", {"mean": 0.5, "stddev": 2.0}),
    ("RandomUniform", {}),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0}),
    ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 0.5}),
    ("GlorotUniform", {}),
    ("GlorotNormal", {}),
    ("LecunUniform", {}),
    ("LecunNormal", {}),
    ("HeUniform", {}),
    ("HeNormal", {}),
    *(
        ("VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution})
        for mode in ("fan_in", "fan_out", "fan_avg")
        for distribution in ("truncated_normal", "untruncated_normal", "uniform")
    ),
]
EXACT = [
    ("Zeros", {}, [(2, 3), (4,)]),
    ("Ones", {}, [(2, 3), (4,)]),
    ("Constant", {"value": 0.25}, [(2, 2)]),
    ("Identity", {}, [(3, 3), (2, 4), (4, 2)]),
    ("Identity", {"gain": 2.5}, [(3, 3)]),
]
ORTHOGONAL = [{}, {"gain": 1.5}]


def record():
    return {
        "cases": [
            *(random_case(*entry) for entry in RANDOM),
            *(exact_case(*entry) for entry in EXACT),
            *(orthogonal_case(options) for options in ORTHOGONAL),
        ]
    }


def fields(class_name, options, *, exact=(), draws=(), gram=()):
    config = getattr(keras.initializers, class_name)(**options).get_config()
    described = ", ".join(f"{key} {value}" for key, value in options.items())
    return {
        "name": " ".join(filter(None, [class_name, described])),
        "class": class_name,
        "options": plain(options),
        "config": plain({**config, "seed": None} if "seed" in config else config),
        "exact": list(exact),
        "draws": list(draws),
        "gram": list(gram),
    }


def random_case(class_name, options):
    return fields(class_name, options, draws=[statistics(class_name, options, shape) for shape in SHAPES])


def statistics(class_name, options, shape):
    repeats = -(-NUMBERS // int(np.prod(shape)))
    make = getattr(keras.initializers, class_name)
    # One call cannot draw more than the shape holds, and fans depend on the shape: many seeds instead.
    repeats = min(repeats, 1000)
    values = np.concatenate([np.ravel(make(**options, seed=seed)(shape)) for seed in range(repeats)]).astype("float64")
    fan_in, fan_out = compute_fans(shape)
    return {
        "shape": list(shape),
        "fanIn": fan_in,
        "fanOut": fan_out,
        "count": values.size,
        "mean": number(values.mean()),
        "std": number(values.std()),
        "min": number(values.min()),
        "max": number(values.max()),
    }


def exact_case(class_name, options, shapes):
    initializer = getattr(keras.initializers, class_name)(**options)
    return fields(
        class_name, options, exact=[{"shape": list(shape), "value": tensor(initializer(shape))} for shape in shapes]
    )


def orthogonal_case(options):
    return fields("Orthogonal", options, gram=[gram(options, shape) for shape in ((20, 20), (8, 30), (30, 8), (3, 3, 4, 16))])


def gram(options, shape):
    matrix = np.asarray(keras.initializers.Orthogonal(**options, seed=3)(shape), "float64").reshape(-1, shape[-1])
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    return {
        "shape": list(shape),
        "diagonal": number(np.diag(small).mean()),
        "offDiagonal": number(np.abs(small - np.diag(np.diag(small))).max()),
    }
