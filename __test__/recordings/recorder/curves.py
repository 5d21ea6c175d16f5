"""Whole training curves: batch normalisation, penalties, constraints, weights of samples, several outputs, freezing."""

import keras
import numpy as np

from .encoding import number, plain, tensor

layers, regularizers, constraints = keras.layers, keras.regularizers, keras.constraints


def data():
    random = np.random.default_rng(31)
    x = random.standard_normal((24, 6, 5, 2)).astype("float32")
    labels = (x.mean(axis=(1, 2)) @ np.array([[2.0, -1.0, 0.5], [-1.0, 1.5, 1.0]]) + 0.1).argmax(-1).astype("int32")
    return {
        "x": x,
        "flat": x.reshape(24, -1)[:, :8].copy(),
        "labels": labels,
        "oneHot": np.eye(3, dtype="float32")[labels],
        "value": x.mean(axis=(1, 2, 3)).reshape(-1, 1).astype("float32"),
        "weight": random.uniform(0.2, 2, 24).astype("float32"),
        "other": random.uniform(0.0, 1, 24).astype("float32"),
        "sequence": (x[:, :4, 0] * (np.arange(96).reshape(24, 4, 1) % 3 > 0)).astype("float32"),
        "steps": x[:, :4, 1:4, 0].copy(),
    }


def normalized():
    return keras.Sequential([
        keras.Input((6, 5, 2)),
        layers.Conv2D(4, 3, padding="same", use_bias=False, kernel_regularizer=regularizers.L2(0.01), name="conv"),
        layers.BatchNormalization(momentum=0.9, name="norm"),
        layers.ReLU(),
        layers.Conv2D(3, (1, 2), strides=2, activity_regularizer=regularizers.L2(0.02), bias_regularizer=regularizers.L1(0.01), name="narrow"),
        layers.Flatten(),
        layers.Dense(3, kernel_regularizer=regularizers.L1L2(0.001, 0.002), name="head"),
    ])  # fmt: skip


def dense():
    return keras.Sequential([
        keras.Input((8,)),
        layers.Dense(6, activation="tanh", name="first"),
        layers.Dense(5, activation="relu", name="second"),
        layers.Dense(3, activation="softmax", name="head"),
    ])  # fmt: skip


def constrained():
    model = dense()
    first, second, head = model.layers
    first.kernel.constraint = constraints.MaxNorm(0.8, axis=0)
    second.bias.constraint = constraints.NonNeg()
    head.kernel.constraint = constraints.UnitNorm(axis=0)
    return model


class Penalty(layers.Layer):
    """Adds the mean square of what goes through to the loss."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean(keras.ops.square(inputs)))
        return inputs


def penalized():
    return keras.Sequential([
        keras.Input((8,)),
        layers.Dense(4, kernel_regularizer=regularizers.L2(0.1), name="first"),
        Penalty(),
        layers.Dense(3, bias_regularizer=regularizers.L1(0.05), activity_regularizer=regularizers.L2(0.1), name="head"),
    ])  # fmt: skip


def branched():
    image = keras.Input((6, 5, 2), name="image")
    extra = keras.Input((8,), name="extra")
    x = layers.Flatten()(layers.Conv2D(3, 2, activation="relu", name="conv")(image))
    both = layers.Concatenate()([x, layers.Dense(4, activation="tanh", name="side")(extra)])
    kind = layers.Dense(3, activation="softmax", name="kind")(both)
    size = layers.Dense(1, name="size")(both)
    return keras.Model([image, extra], [kind, size])


def masked():
    sequence = keras.Input((4, 2), name="sequence")
    return keras.Model(sequence, layers.Dense(3, name="step")(layers.Masking(name="mask")(sequence)))


def keyed():
    flat = keras.Input((8,), name="flat")
    x = layers.Dense(4, activation="tanh", name="first")(flat)
    size = layers.Dense(1, name="second")(x)
    return keras.Model(flat, {"size": size, "kind": layers.Dense(3, activation="softmax", name="third")(x)})


SGD = {"learning_rate": 0.05}
SPARSE = {"loss": "sparse_categorical_crossentropy"}
LOGITS = {"loss": {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}}


def cases():
    steady = [{"steps": 100}]
    yield "batch normalisation and penalties", normalized, "x", "labels", {}, SGD, LOGITS, steady
    yield "constraints", constrained, "flat", "labels", {}, {"learning_rate": 0.2}, SPARSE, steady
    yield "sample weights", dense, "flat", "oneHot", {"sample_weight": "weight"}, {"learning_rate": 0.2, "momentum": 0.5}, {"loss": "categorical_crossentropy"}, steady
    yield "class weights", dense, "flat", "labels", {"class_weight": {0: 0.5, 2: 3.0}}, {"learning_rate": 0.2}, SPARSE, steady
    yield "clipped and decayed", dense, "flat", "labels", {}, {"learning_rate": 0.2, "clipnorm": 0.1, "weight_decay": 0.05}, SPARSE, steady
    yield "averaged and accumulated", dense, "flat", "labels", {}, {"learning_rate": 0.2, "use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 5, "gradient_accumulation_steps": 2}, SPARSE, steady
    two = {"loss": ["sparse_categorical_crossentropy", "mse"], "loss_weights": [1.0, 0.3]}
    yield "two inputs and outputs", branched, ["x", "flat"], ["labels", "value"], {}, SGD, two, steady
    yield "weights for each output", branched, ["x", "flat"], ["labels", "value"], {"sample_weight": ["weight", "other"]}, SGD, two, steady
    named = {"loss": {"kind": "sparse_categorical_crossentropy", "size": "mae"}, "loss_weights": {"kind": 0.5, "size": 2.0}}
    yield "by name", branched, {"image": "x", "extra": "flat"}, {"kind": "labels", "size": "value"}, {}, SGD, named, steady
    frozen = [{"freeze": ["conv", "norm"], "compile": True, "steps": 30}, {"unfreeze": ["conv", "norm"], "compile": True, "steps": 30}]
    yield "frozen, then not", normalized, "x", "labels", {}, SGD, LOGITS, frozen
    middle = [{"steps": 20}, {"freeze": ["norm", "head"], "compile": True, "steps": 20}, {"unfreeze": ["head"], "freeze": ["narrow"], "compile": True, "steps": 20}]
    yield "frozen in the middle", normalized, "x", "labels", {}, SGD, LOGITS, middle
    late = [{"steps": 10}, {"freeze": ["first", "second"], "steps": 10}, {"compile": True, "steps": 10}]
    yield "frozen without compile", dense, "flat", "labels", {}, {"learning_rate": 0.2}, SPARSE, late
    early = [{"freeze": ["first"], "steps": 10}, {"unfreeze": ["first"], "steps": 10}]
    yield "frozen between compile and fit", dense, "flat", "labels", {}, {"learning_rate": 0.2}, SPARSE, early


def record():
    arrays = data()
    return {
        "data": {name: tensor(value) for name, value in arrays.items()},
        "cases": [case(arrays, *entry) for entry in cases()],
        "fits": [fitted(arrays, *entry) for entry in fits()],
    }


def pick(arrays, names, rows):
    if names is None:
        return None
    if isinstance(names, dict):
        return {key: pick(arrays, name, rows) for key, name in names.items()}
    if isinstance(names, list):
        return [pick(arrays, name, rows) for name in names]
    return arrays[names][rows]


def compile_model(model, sgd, options):
    given = dict(options)
    if isinstance(given.get("loss"), dict) and "class_name" in given["loss"]:
        given["loss"] = keras.losses.get(given["loss"])
    model.compile(keras.optimizers.SGD(**sgd), **given)


def weights_for(model, random):
    values = []
    for weight in model.weights:
        scale = 0.5 if weight.name == "kernel" else 0.1
        shift = 1.0 if weight.name in ("gamma", "moving_variance") else 0.0
        values.append((shift + np.abs(scale * random.standard_normal(weight.shape)) * (1 if shift else random.choice([-1, 1], weight.shape))).astype("float32"))
    model.set_weights(values)
    return values


def case(arrays, name, build, x, y, arguments, sgd, options, phases):
    keras.utils.clear_session()
    model = build()
    initial = weights_for(model, np.random.default_rng(32))
    compile_model(model, sgd, options)
    losses, step = [], 0
    for phase in phases:
        for key, value in (("freeze", False), ("unfreeze", True)):
            for layer in phase.get(key, []):
                model.get_layer(layer).trainable = value
        if phase.get("compile"):
            compile_model(model, sgd, options)
        for _ in range(phase["steps"]):
            rows = np.arange(step * 8, step * 8 + 8) % 24
            given = dict(arguments)
            if "sample_weight" in given:
                given["sample_weight"] = pick(arrays, given["sample_weight"], rows)
            losses.append(model.train_on_batch(pick(arrays, x, rows), pick(arrays, y, rows), return_dict=True, **given)["loss"])
            step += 1
    return {
        "name": name,
        "model": build.__name__,
        "x": x,
        "y": y,
        "arguments": plain({key: {str(k): v for k, v in value.items()} if key == "class_weight" else value for key, value in arguments.items()}),
        "sgd": sgd,
        "compile": plain(options),
        "phases": phases,
        "initial": [tensor(value) for value in initial],
        "losses": tensor(np.array(losses, "float32")),
        "final": [tensor(value) for value in model.get_weights()],
    }


def fits():
    """fit() and evaluate() with everything that says how samples count."""
    both = {"loss": ["sparse_categorical_crossentropy", "mse"], "loss_weights": [1.0, 0.3], "metrics": [["accuracy"], ["mae"]]}
    weighted = {**both, "weighted_metrics": [["accuracy"], ["mse"]]}
    one = {**SPARSE, "metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}
    inputs, targets = ["x", "flat"], ["labels", "value"]
    yield "two outputs", branched, inputs, targets, both, {}
    yield "two outputs, one weight for both", branched, inputs, targets, weighted, {"sample_weight": "weight"}
    yield "two outputs, a weight for each", branched, inputs, targets, weighted, {"sample_weight": ["weight", "other"]}
    yield "validation split with weights", branched, inputs, targets, weighted, {"sample_weight": ["weight", "other"], "validation_split": 0.3}
    yield "validation with weights", dense, "flat", "labels", one, {"validation_data": ["flat", "labels", "weight"], "sample_weight": "other"}
    yield "class weights and validation split", dense, "flat", "labels", one, {"class_weight": {0: 0.5, 1: 2.0, 2: 3.0}, "validation_split": 0.25}
    yield "class weights, one-hot", dense, "flat", "oneHot", {"loss": "categorical_crossentropy", "weighted_metrics": ["accuracy"]}, {"class_weight": {0: 0.5, 2: 3.0}}
    yield "steps for each epoch", dense, "flat", "labels", one, {"steps_per_epoch": 2, "validation_data": ["flat", "labels"], "validation_steps": 1, "validation_batch_size": 7}
    yield "penalties in evaluation", normalized, "x", "labels", {**LOGITS, "metrics": ["accuracy"]}, {"validation_data": ["x", "labels"]}
    yield "validation split in other batches", dense, "flat", "labels", one, {"validation_split": 0.3, "validation_batch_size": 3, "sample_weight": "weight"}
    whole = {"class_name": "CategoricalCrossentropy", "config": {"reduction": "none"}}
    yield "a loss that is not reduced", dense, "flat", "oneHot", {"loss": whole, "metrics": ["accuracy"]}, {"validation_split": 0.3}
    yield "a loss for one output of two", branched, inputs, targets, {"loss": [None, "mse"], "metrics": [["accuracy"], None]}, {}
    yield "masks", masked, "sequence", "steps", {"loss": "mse", "metrics": ["mae", "root_mean_squared_error"], "weighted_metrics": ["mae"]}, {}
    yield "a record of outputs", keyed, "flat", {"size": "value", "kind": "labels"}, {"loss": {"size": "mse", "kind": "sparse_categorical_crossentropy"}, "metrics": {"kind": ["accuracy"], "size": ["mae"]}, "loss_weights": {"size": 0.3, "kind": 1.0}}, {"sample_weight": {"size": "weight", "kind": "other"}}
    yield "by name, in another order", branched, {"extra": "flat", "image": "x"}, {"size": "value", "kind": "labels"}, {"loss": {"size": "mse", "kind": "sparse_categorical_crossentropy"}, "metrics": {"size": ["mae"]}}, {}
    yield "penalties alone", penalized, "flat", None, {}, {}
    yield "penalties alone, and validation", penalized, "flat", None, {}, {"validation_data": ["flat"]}
    yield "penalties alone, beside a metric", penalized, "flat", "oneHot", {"metrics": ["mae"]}, {"validation_split": 0.3}


def fitted(arrays, name, build, x, y, options, arguments):
    keras.utils.clear_session()
    model = build()
    initial = weights_for(model, np.random.default_rng(32))
    compile_model(model, SGD, options)
    everything = slice(None)
    given = dict(arguments)
    for key in ("sample_weight", "validation_data"):
        if key in given:
            given[key] = pick(arrays, given[key], everything)
            given[key] = tuple(given[key]) if key == "validation_data" else given[key]
    xs, ys = pick(arrays, x, everything), pick(arrays, y, everything)
    history = model.fit(xs, ys, batch_size=5, epochs=2, shuffle=False, verbose=0, **given).history
    measured = model.evaluate(xs, ys, batch_size=7, verbose=0, return_dict=True, **({"sample_weight": given["sample_weight"]} if "sample_weight" in given else {}))
    return {
        "name": name,
        "model": build.__name__,
        "x": x,
        "y": y,
        "compile": plain(options),
        "arguments": plain({key: {str(k): v for k, v in value.items()} if key == "class_weight" else value for key, value in arguments.items()}),
        "initial": [tensor(value) for value in initial],
        "history": {key: [number(value) for value in column] for key, column in history.items()},
        "evaluated": {key: number(value) for key, value in measured.items()},
        "final": [tensor(value) for value in model.get_weights()],
    }
