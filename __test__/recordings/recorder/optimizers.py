"""Two small variables, fifteen given gradients, the values after each step."""

import keras
import numpy as np

from .encoding import plain, tensor

STEPS = 15
CASES = [
    ("sgd", "SGD", {}),
    ("sgd learning rate 0.1", "SGD", {"learning_rate": 0.1}),
    ("sgd momentum", "SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    ("sgd nesterov", "SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    ("sgd weight decay", "SGD", {"learning_rate": 0.05, "weight_decay": 0.02}),
    ("sgd momentum and weight decay", "SGD", {"learning_rate": 0.05, "momentum": 0.8, "weight_decay": 0.02}),
    ("sgd clipnorm", "SGD", {"learning_rate": 0.1, "clipnorm": 1.0}),
    ("sgd clipnorm that seldom clips", "SGD", {"learning_rate": 0.1, "clipnorm": 3.0}),
    ("sgd clipvalue", "SGD", {"learning_rate": 0.1, "clipvalue": 0.3}),
    ("sgd global clipnorm", "SGD", {"learning_rate": 0.1, "global_clipnorm": 1.5}),
    ("sgd clipnorm and weight decay", "SGD", {"learning_rate": 0.1, "clipnorm": 1.0, "weight_decay": 0.02}),
    ("rmsprop", "RMSprop", {}),
    ("rmsprop learning rate 0.01", "RMSprop", {"learning_rate": 0.01}),
    ("rmsprop rho and epsilon", "RMSprop", {"learning_rate": 0.01, "rho": 0.8, "epsilon": 1e-3}),
    ("rmsprop momentum", "RMSprop", {"learning_rate": 0.01, "momentum": 0.9}),
    ("rmsprop centered", "RMSprop", {"learning_rate": 0.01, "centered": True}),
    ("rmsprop centered with momentum", "RMSprop", {"learning_rate": 0.01, "centered": True, "momentum": 0.5}),
    ("rmsprop weight decay", "RMSprop", {"learning_rate": 0.01, "weight_decay": 0.02}),
    ("adam", "Adam", {}),
    ("adam learning rate 0.01", "Adam", {"learning_rate": 0.01}),
    ("adam betas and epsilon", "Adam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-4}),
    ("adam amsgrad", "Adam", {"learning_rate": 0.01, "amsgrad": True}),
    ("adam weight decay", "Adam", {"learning_rate": 0.01, "weight_decay": 0.02}),
    ("adam clipnorm", "Adam", {"learning_rate": 0.01, "clipnorm": 0.5}),
    ("adamw", "AdamW", {}),
    ("adamw learning rate 0.01", "AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
    ("adamw amsgrad", "AdamW", {"learning_rate": 0.01, "amsgrad": True}),
]


def record():
    random = np.random.default_rng(77)
    initial = [random.standard_normal(shape).astype("float32") for shape in ((3, 4), (5,))]
    # Sizes that fall over the steps tell apart what looks back (amsgrad, momentum) from what does not.
    fall = np.geomspace(2.0, 0.05, STEPS)
    gradients = [
        np.stack([(size * random.standard_normal(value.shape)).astype("float32") for size in fall]) for value in initial
    ]
    return {
        "initial": [tensor(value) for value in initial],
        "gradients": [tensor(value) for value in gradients],
        "cases": [case(initial, gradients, *entry) for entry in CASES],
    }


def case(initial, gradients, name, class_name, options):
    keras.utils.clear_session()
    optimizer = getattr(keras.optimizers, class_name)(**options)
    variables = [keras.Variable(value, name=f"v{index}") for index, value in enumerate(initial)]
    after = [[] for _ in variables]
    for step in range(STEPS):
        optimizer.apply([keras.ops.convert_to_tensor(gradient[step]) for gradient in gradients], variables)
        for values, variable in zip(after, variables):
            values.append(np.array(variable))
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(optimizer.get_config()),
        "autoName": optimizer.name,
        "after": [tensor(np.stack(values)) for values in after],
        "variables": [
            {"path": item.path, "shape": list(item.shape), "dtype": str(item.dtype)} for item in optimizer.variables
        ],
    }
