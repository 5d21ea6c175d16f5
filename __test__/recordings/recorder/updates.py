"""Every optimizer on variables of several ranks, with constraints, averages, accumulation and schedules: 15 steps."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain, tensor

STEPS = 15
SHAPES = {"dense/kernel": (2, 3), "dense/bias": (3,), "conv2d/kernel": (2, 1, 2, 2), "embedding/table": (4, 2)}
SMALL = {"learning_rate": 0.05}


def every_optimizer():
    yield "adagrad", "Adagrad", {}
    yield "adagrad learning rate 0.1", "Adagrad", {"learning_rate": 0.1}
    yield "adagrad accumulator and epsilon", "Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}
    yield "adagrad weight decay", "Adagrad", {"learning_rate": 0.1, "weight_decay": 0.02}
    yield "adagrad clipvalue", "Adagrad", {"learning_rate": 0.1, "clipvalue": 0.2}
    yield "adadelta", "Adadelta", {}
    yield "adadelta learning rate 1", "Adadelta", {"learning_rate": 1.0}
    yield "adadelta rho and epsilon", "Adadelta", {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-2}
    yield "adadelta global clipnorm", "Adadelta", {"learning_rate": 1.0, "global_clipnorm": 0.5}
    yield "adamax", "Adamax", {}
    yield "adamax learning rate 0.05", "Adamax", SMALL
    yield "adamax betas and epsilon", "Adamax", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}
    yield "adamax weight decay", "Adamax", {"learning_rate": 0.05, "weight_decay": 0.1}
    yield "nadam", "Nadam", {}
    yield "nadam learning rate 0.05", "Nadam", SMALL
    yield "nadam betas and epsilon", "Nadam", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}
    yield "nadam clipnorm", "Nadam", {"learning_rate": 0.05, "clipnorm": 0.3}
    yield "ftrl", "Ftrl", {}
    yield "ftrl learning rate 0.5", "Ftrl", {"learning_rate": 0.5}
    yield "ftrl l1 and l2", "Ftrl", {"learning_rate": 0.5, "l1_regularization_strength": 0.3, "l2_regularization_strength": 0.2}
    yield "ftrl shrinkage and beta", "Ftrl", {"learning_rate": 0.5, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.7}
    yield "ftrl power and accumulator", "Ftrl", {"learning_rate": 0.5, "learning_rate_power": -0.7, "initial_accumulator_value": 0.4}
    yield "ftrl power 0", "Ftrl", {"learning_rate": 0.5, "learning_rate_power": 0.0, "l1_regularization_strength": 0.1}
    yield "lion", "Lion", {}
    yield "lion betas", "Lion", {"learning_rate": 0.02, "beta_1": 0.6, "beta_2": 0.7}
    yield "lion weight decay", "Lion", {"learning_rate": 0.02, "weight_decay": 0.3}
    yield "lamb", "Lamb", {}
    yield "lamb learning rate 0.05", "Lamb", SMALL
    yield "lamb betas and epsilon", "Lamb", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}
    yield "lamb weight decay", "Lamb", {"learning_rate": 0.05, "weight_decay": 0.1}
    yield "muon", "Muon", {}
    yield "muon learning rate 0.05", "Muon", SMALL
    yield "muon without nesterov", "Muon", {"learning_rate": 0.05, "nesterov": False, "momentum": 0.8}
    yield "muon embeddings too", "Muon", {"learning_rate": 0.05, "exclude_embeddings": False, "rms_rate": None}
    yield "muon excluded layers", "Muon", {"learning_rate": 0.05, "exclude_layers": ["den.e/k"], "adam_lr_ratio": 0.5}
    yield "muon factors", "Muon", {"learning_rate": 0.05, "muon_a": 3.0, "muon_b": -3.2, "muon_c": 1.2, "ns_steps": 3}
    yield "muon decays", "Muon", {"learning_rate": 0.05, "weight_decay": 0.2, "adam_weight_decay": 0.4}
    yield "muon no decay", "Muon", {"learning_rate": 0.05, "weight_decay": None, "adam_weight_decay": None}
    yield "muon adam options", "Muon", {"learning_rate": 0.05, "adam_beta_1": 0.7, "adam_beta_2": 0.8, "epsilon": 1e-2, "rms_rate": 0.5}
    yield "adafactor", "Adafactor", {}
    yield "adafactor learning rate 0.5", "Adafactor", {"learning_rate": 0.5}
    yield "adafactor not relative", "Adafactor", {"learning_rate": 0.5, "relative_step": False}
    yield "adafactor options", "Adafactor", {"learning_rate": 0.3, "beta_2_decay": -0.5, "epsilon_1": 1e-3, "epsilon_2": 0.5, "clip_threshold": 0.3}
    yield "adafactor weight decay", "Adafactor", {"learning_rate": 0.3, "weight_decay": 0.1}
    yield "schedule-free adamw", "ScheduleFreeAdamW", {}
    yield "schedule-free adamw learning rate 0.05", "ScheduleFreeAdamW", SMALL
    yield "schedule-free adamw betas and epsilon", "ScheduleFreeAdamW", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}
    yield "schedule-free adamw warmup", "ScheduleFreeAdamW", {"learning_rate": 0.05, "warmup_steps": 4}
    yield "schedule-free adamw weight decay", "ScheduleFreeAdamW", {"learning_rate": 0.05, "weight_decay": 0.1, "warmup_steps": 2}


CLASSES = ["Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Muon", "Adafactor", "ScheduleFreeAdamW"]  # fmt: skip


def base_options():
    momentum = {"learning_rate": 0.1, "momentum": 0.9}
    yield "ema", "SGD", {**momentum, "use_ema": True, "ema_momentum": 0.7}
    yield "ema overwrites every 4", "SGD", {**momentum, "use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 4}
    yield "ema overwrites every step", "Adam", {**SMALL, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 1}
    yield "ema default momentum", "Adam", {**SMALL, "use_ema": True}
    yield "ema and accumulation", "Adam", {**SMALL, "use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 3}
    yield "accumulation and clipnorm", "SGD", {**momentum, "gradient_accumulation_steps": 2, "clipnorm": 0.4}
    yield "accumulation and weight decay", "AdamW", {**SMALL, "weight_decay": 0.2, "gradient_accumulation_steps": 4}
    yield "accumulation and clipvalue", "RMSprop", {**SMALL, "clipvalue": 0.1, "gradient_accumulation_steps": 5}
    for name in CLASSES:
        yield f"accumulation of 3, {name.lower()}", name, {**SMALL, "gradient_accumulation_steps": 3}
    yield "rmsprop global clipnorm and decay", "RMSprop", {**SMALL, "global_clipnorm": 0.7, "weight_decay": 0.1, "momentum": 0.4}
    yield "clipnorm 0", "SGD", {"learning_rate": 0.1, "clipnorm": 0.0}
    yield "adamw without decay", "AdamW", {**SMALL, "weight_decay": 0.0}
    yield "nesterov and accumulation", "SGD", {**momentum, "nesterov": True, "gradient_accumulation_steps": 2}
    yield "adam amsgrad and accumulation", "Adam", {**SMALL, "amsgrad": True, "gradient_accumulation_steps": 2}


def cases():
    for entry in [*every_optimizer(), *base_options()]:
        yield *entry, {}, None
    yield "exclusion by name", "AdamW", {**SMALL, "weight_decay": 0.5}, {}, {"var_names": ["bias", "tab.e"]}
    yield "exclusion by variable", "SGD", {"learning_rate": 0.1, "weight_decay": 0.5}, {}, {"var_list": [0, 2]}
    yield "exclusion by both, muon", "Muon", {**SMALL, "weight_decay": 0.5}, {}, {"var_list": [0], "var_names": ["bias"]}
    constraints = {
        "dense/kernel": ("MaxNorm", {"max_value": 1.0, "axis": 0}),
        "dense/bias": ("NonNeg", {}),
        "conv2d/kernel": ("UnitNorm", {"axis": [0, 1, 2]}),
        "embedding/table": ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.8, "rate": 0.5, "axis": 1}),
    }
    yield "constraints", "SGD", {"learning_rate": 0.2}, constraints, None
    yield "constraints and adam", "Adam", {"learning_rate": 0.2}, constraints, None
    yield "constraints, ema and accumulation", "SGD", {"learning_rate": 0.2, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2}, constraints, None
    schedules = keras.optimizers.schedules
    decay = lambda: schedules.ExponentialDecay(0.2, 4, 0.5)  # noqa: E731
    stairs = lambda: schedules.PiecewiseConstantDecay([3, 7], [0.2, 0.1, 0.01])  # noqa: E731
    cosine = lambda: schedules.CosineDecay(0.01, 8, alpha=0.1, warmup_target=0.2, warmup_steps=4)  # noqa: E731
    for label, make in (("exponential decay", decay), ("piecewise constant decay", stairs), ("cosine decay", cosine)):
        for name in ("SGD", "Adam", "Adafactor", "Ftrl"):
            yield f"{name.lower()} with {label}", name, {"learning_rate": make()}, {}, None
    yield "schedule, weight decay and accumulation", "AdamW", {"learning_rate": decay(), "weight_decay": 0.2, "gradient_accumulation_steps": 2}, {}, None
    yield "schedule and ema", "Nadam", {"learning_rate": decay(), "use_ema": True, "ema_momentum": 0.9}, {}, None


def record():
    random = np.random.default_rng(91)
    initial = [random.standard_normal(shape).astype("float32") for shape in SHAPES.values()]
    fall = np.geomspace(1.5, 0.02, STEPS)
    gradients = [
        np.stack([(size * random.standard_normal(value.shape)).astype("float32") for size in fall]) for value in initial
    ]
    gradients[1][6] = 0.0
    return {
        "names": list(SHAPES),
        "initial": [tensor(value) for value in initial],
        "gradients": [tensor(value) for value in gradients],
        "cases": [case(initial, gradients, *entry) for entry in cases()],
    }


class ScheduleFreeAdamW(keras.optimizers.ScheduleFreeAdamW):
    """On TensorFlow a variable's `value` changes with it, and Keras takes the momentum after its update for the one
    before; on JAX it does not, and steps as the paper says."""

    def assign_sub(self, reference, value):
        reference._value = tf.Variable(reference.value - value)


def case(initial, gradients, name, class_name, options, constraints, exclusion):
    keras.utils.clear_session()
    optimizer = {"ScheduleFreeAdamW": ScheduleFreeAdamW}.get(class_name, getattr(keras.optimizers, class_name))(**options)
    variables = []
    for path, value in zip(SHAPES, initial):
        folder, own = path.split("/")
        with keras.src.backend.name_scope(folder):
            variables.append(keras.Variable(value, name=own))
        if path in constraints:
            kind, arguments = constraints[path]
            variables[-1].constraint = getattr(keras.constraints, kind)(**arguments)
    if exclusion is not None:
        given = dict(exclusion)
        if "var_list" in given:
            given["var_list"] = [variables[index] for index in given["var_list"]]
        optimizer.exclude_from_weight_decay(**given)
    after, rates, iterations = [[] for _ in variables], [], []
    for step in range(STEPS):
        rates.append(float(np.float32(keras.ops.convert_to_numpy(optimizer.learning_rate))))
        optimizer.apply([keras.ops.convert_to_tensor(gradient[step]) for gradient in gradients], variables)
        iterations.append(int(optimizer.iterations))
        for values, variable in zip(after, variables):
            values.append(np.array(variable))
    state = [{"path": item.path, "shape": list(item.shape), "value": tensor(np.array(item))} for item in optimizer.variables]
    optimizer.finalize_variable_values(variables)
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(optimizer.get_config()),
        "constraints": {path: {"class": kind, "options": arguments} for path, (kind, arguments) in constraints.items()},
        "exclusion": exclusion,
        "rates": tensor(np.array(rates, "float32")),
        "iterations": iterations,
        "after": [tensor(np.stack(values)) for values in after],
        "state": state,
        "final": [tensor(np.array(variable)) for variable in variables] if options.get("use_ema") else None,
    }
