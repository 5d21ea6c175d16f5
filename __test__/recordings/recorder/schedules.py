"""What every learning rate schedule gives for the steps 0 … 40 and some far ones."""

import keras
import numpy as np

from .encoding import plain, tensor

STEPS = [*range(41), 63, 64, 65, 100, 127, 128, 1000, 123456]
CASES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
    ("ExponentialDecay", {"initial_learning_rate": 1.0, "decay_steps": 3, "decay_rate": 0.96, "name": "mine"}),
    ("ExponentialDecay", {"initial_learning_rate": 0.01, "decay_steps": 100000, "decay_rate": 0.96, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [5, 20], "values": [1.0, 0.5, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [0], "values": [1.0, 0.25]}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 9, 27, 81], "values": [0.1, 0.2, 0.3, 0.4, 0.5], "name": "up"}),
    ("PiecewiseConstantDecay", {"boundaries": [4.5, 9.9], "values": [1.0, 0.5, 0.1]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 25}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 25, "end_learning_rate": 0.01, "power": 2.0}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "end_learning_rate": 0.01, "cycle": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "end_learning_rate": 0.2, "power": 0.5, "cycle": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 2.0, "staircase": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.2}),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 20, "warmup_target": 0.1, "warmup_steps": 10}),
    ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 20, "alpha": 0.1, "warmup_target": 0.1, "warmup_steps": 5}),
    ("CosineDecay", {"initial_learning_rate": 0.3, "decay_steps": 20, "warmup_target": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 10}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 7, "t_mul": 1.0}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.5, "m_mul": 0.7, "alpha": 0.1}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 6, "t_mul": 3.0, "m_mul": 0.5}),
]


def record():
    return {"steps": STEPS, "cases": [case(*entry) for entry in CASES]}


def case(class_name, options):
    schedule = getattr(keras.optimizers.schedules, class_name)(**options)
    values = [float(keras.ops.convert_to_numpy(schedule(np.int64(step)))) for step in STEPS]
    return {
        "name": f"{class_name} {options}",
        "class": class_name,
        "options": plain(options),
        "config": plain(schedule.get_config()),
        "values": tensor(np.array(values, "float32")),
    }
