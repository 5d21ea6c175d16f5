"""What random layers do in training, as far as it does not depend on the draw."""

import keras
import numpy as np

from .encoding import number, plain


def record():
    return {"cases": [case(*entry) for entry in entries()]}


def case(name, class_name, options, shape, fill):
    keras.utils.clear_session()
    keras.utils.set_random_seed(3)
    layer = getattr(keras.layers, class_name)(**options)
    x = np.full(shape, fill, "float32")
    output = np.array(layer(x, training=True))
    values = np.unique(output)
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "shape": list(shape),
        "fill": fill,
        "values": [number(value) for value in values] if len(values) <= 2 else None,
        "sharedAxes": [axis for axis, side in enumerate(shape) if side > 1 and np.ptp(output, axis=axis).max() == 0],
        "mean": number(output.mean(dtype="float64")),
        "std": number(output.std(dtype="float64")),
    }


def entries():
    for rate in (0.2, 0.75):
        yield f"Dropout {rate}", "Dropout", {"rate": rate}, (50, 20, 20), 1.0
        yield f"GaussianDropout {rate}", "GaussianDropout", {"rate": rate}, (50, 20, 20), 1.0
        yield f"GaussianNoise {rate}", "GaussianNoise", {"stddev": rate}, (50, 20, 20), 2.0
        for fill in (0.0, 1.0, -2.0):
            yield f"AlphaDropout {rate} of {fill}", "AlphaDropout", {"rate": rate}, (50, 20, 20), fill
        yield f"SpatialDropout1D {rate}", "SpatialDropout1D", {"rate": rate}, (200, 4, 50), 1.0
        yield f"SpatialDropout2D {rate}", "SpatialDropout2D", {"rate": rate}, (200, 2, 3, 50), 1.0
        yield f"SpatialDropout3D {rate}", "SpatialDropout3D", {"rate": rate}, (200, 2, 3, 2, 50), 1.0
    yield "Dropout noise shape", "Dropout", {"rate": 0.5, "noise_shape": (None, 1, 30)}, (400, 3, 30), 1.0
    yield "Dropout noise shape, batch shared", "Dropout", {"rate": 0.5, "noise_shape": (1, None, None)}, (3, 100, 90), 1.0
    yield "Dropout noise shape of lower rank", "Dropout", {"rate": 0.4, "noise_shape": (100, 90)}, (3, 100, 90), 1.0
    yield "AlphaDropout noise shape", "AlphaDropout", {"rate": 0.3, "noise_shape": (None, 1, 30)}, (400, 3, 30), 1.0
    yield "Dropout everything", "Dropout", {"rate": 1.0}, (4, 5), 1.0
