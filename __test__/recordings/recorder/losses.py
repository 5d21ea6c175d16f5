"""Loss values and their gradients."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain, tensor

REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]


def record():
    return {"cases": [case(index, *entry) for index, entry in enumerate(entries())]}


def case(index, name, class_name, options, y_true, y_pred, sample_weight=None, activation=None):
    keras.utils.clear_session()
    loss = getattr(keras.losses, class_name)(**options)
    source = tf.constant(np.asarray(y_pred, "float32"))
    target = tf.constant(y_true)
    weight = None if sample_weight is None else tf.constant(np.asarray(sample_weight, "float32"))

    @tf.function
    def value_of(x):
        prediction = x if activation is None else getattr(keras.activations, activation)(x)
        return loss(target, prediction, sample_weight=weight)

    cotangent = np.float32(1.0)
    if value_of(source).shape.rank:
        cotangent = np.random.default_rng(index).standard_normal(value_of(source).shape).astype("float32")
    with tf.GradientTape() as tape:
        tape.watch(source)
        value = value_of(source)
        total = tf.reduce_sum(value * cotangent)
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(loss.get_config()),
        "autoName": loss.name,
        "activation": activation,
        "yTrue": tensor(y_true),
        "yPred": tensor(y_pred),
        "sampleWeight": None if sample_weight is None else tensor(sample_weight),
        "value": tensor(value),
        "cotangent": tensor(cotangent),
        "gradient": tensor(tape.gradient(total, source)),
    }


def entries():
    return [*regression(), *binary(), *categorical(), *sparse(), *after_activation()]


def normal(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def sigmoid(x):
    return (1 / (1 + np.exp(-x))).astype("float32")


def one_hot(seed, classes, *shape):
    return np.eye(classes, dtype="float32")[np.random.default_rng(seed).integers(0, classes, shape)]


def regression():
    for kind in ("MeanSquaredError", "MeanAbsoluteError"):
        y, p = normal(1, 5, 3), normal(2, 5, 3)
        for reduction in REDUCTIONS:
            yield f"{kind} {reduction}", kind, {"reduction": reduction}, y, p
            yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction}, y, p, [0.5, 0.0, 2.0, 1.0, 3.0]
        yield f"{kind} images", kind, {}, normal(3, 2, 3, 4, 2), normal(4, 2, 3, 4, 2)
        yield f"{kind} images, weighted by sample", kind, {}, normal(3, 2, 3, 4, 2), normal(4, 2, 3, 4, 2), [[[0.5]], [[2.0]]]
        yield f"{kind} rank 3, weighted by position", kind, {}, normal(3, 2, 3, 4), normal(4, 2, 3, 4), normal(5, 2, 3) ** 2
        yield f"{kind} one output", kind, {}, normal(6, 4, 1), normal(7, 4, 1)
        yield f"{kind} targets of lower rank", kind, {}, normal(6, 4), normal(7, 4, 1)
        yield f"{kind} batch 1", kind, {}, normal(8, 1, 2), normal(9, 1, 2)


def binary():
    kind = "BinaryCrossentropy"
    y = np.array([[1.0], [0.0], [1.0], [0.0]], "float32")
    logits = normal(10, 4, 1) * 2
    weight = [1.0, 0.0, 0.5, 2.0]
    for from_logits in (False, True):
        p, word = (logits, "logits") if from_logits else (sigmoid(logits), "probabilities")
        options = {"from_logits": from_logits}
        for reduction in REDUCTIONS:
            yield f"{kind} {word} {reduction}", kind, {**options, "reduction": reduction}, y, p
            yield f"{kind} {word} {reduction}, weighted", kind, {**options, "reduction": reduction}, y, p, weight
        yield f"{kind} {word} smoothed", kind, {**options, "label_smoothing": 0.2}, y, p
        wide = normal(11, 3, 5)
        labels = (normal(12, 3, 5) > 0).astype("float32")
        yield f"{kind} {word} five outputs", kind, options, labels, wide if from_logits else sigmoid(wide)
        masks = (normal(13, 2, 3, 4, 1) > 0).astype("float32")
        maps = normal(14, 2, 3, 4, 1)
        yield f"{kind} {word} masks", kind, options, masks, maps if from_logits else sigmoid(maps)
    yield f"{kind} certain", kind, {}, y, np.array([[1.0], [0.0], [0.0], [1.0]], "float32")
    yield f"{kind} far logits", kind, {"from_logits": True}, y, np.array([[60.0], [-60.0], [-60.0], [60.0]], "float32")
    yield f"{kind} integer labels", kind, {}, y.astype("int32"), sigmoid(logits)


def categorical():
    kind = "CategoricalCrossentropy"
    y, logits = one_hot(20, 5, 4), normal(21, 4, 5) * 2
    weight = [1.0, 0.0, 0.5, 2.0]
    for from_logits in (False, True):
        def shaped(x, from_logits=from_logits):
            return x if from_logits else softmax(x)

        word = "logits" if from_logits else "probabilities"
        options = {"from_logits": from_logits}
        for reduction in REDUCTIONS:
            yield f"{kind} {word} {reduction}", kind, {**options, "reduction": reduction}, y, shaped(logits)
            yield f"{kind} {word} {reduction}, weighted", kind, {**options, "reduction": reduction}, y, shaped(logits), weight
        yield f"{kind} {word} smoothed", kind, {**options, "label_smoothing": 0.1}, y, shaped(logits)
        yield f"{kind} {word} rank 3", kind, options, one_hot(22, 4, 2, 3), shaped(normal(23, 2, 3, 4))
        yield f"{kind} {word} maps", kind, options, one_hot(24, 3, 2, 2, 3), shaped(normal(25, 2, 2, 3, 3))
        yield f"{kind} {word} maps, weighted", kind, options, one_hot(24, 3, 2, 2, 3), shaped(normal(25, 2, 2, 3, 3)), normal(26, 2, 2, 3) ** 2
        yield f"{kind} {word} axis 1", kind, {**options, "axis": 1}, np.moveaxis(one_hot(27, 3, 2, 4), -1, 1), np.moveaxis(shaped(normal(28, 2, 4, 3)), -1, 1)
    yield f"{kind} not normalised", kind, {}, y, np.abs(normal(29, 4, 5)) + 0.1
    yield f"{kind} certain", kind, {}, np.eye(3, dtype="float32"), np.eye(3, dtype="float32")[[0, 2, 2]]
    yield f"{kind} far logits", kind, {"from_logits": True}, np.eye(3, dtype="float32"), 80 * np.eye(3, dtype="float32")[[0, 2, 2]]


def sparse():
    kind = "SparseCategoricalCrossentropy"
    y, logits = np.array([3, 0, 4, 1], "int32"), normal(31, 4, 5) * 2
    weight = [1.0, 0.0, 0.5, 2.0]
    for from_logits in (False, True):
        def shaped(x, from_logits=from_logits):
            return x if from_logits else softmax(x)

        word = "logits" if from_logits else "probabilities"
        options = {"from_logits": from_logits}
        for reduction in REDUCTIONS:
            yield f"{kind} {word} {reduction}", kind, {**options, "reduction": reduction}, y, shaped(logits)
            yield f"{kind} {word} {reduction}, weighted", kind, {**options, "reduction": reduction}, y, shaped(logits), weight
        yield f"{kind} {word} column of labels", kind, options, y[:, None], shaped(logits)
        yield f"{kind} {word} float labels", kind, options, y.astype("float32"), shaped(logits)
        maps = np.random.default_rng(32).integers(0, 3, (2, 2, 3)).astype("int32")
        yield f"{kind} {word} maps", kind, options, maps, shaped(normal(33, 2, 2, 3, 3))
        yield f"{kind} {word} maps with trailing axis", kind, options, maps[..., None], shaped(normal(33, 2, 2, 3, 3))
        yield f"{kind} {word} maps, weighted", kind, options, maps, shaped(normal(33, 2, 2, 3, 3)), normal(34, 2, 2, 3) ** 2
        yield f"{kind} {word} ignore class", kind, {**options, "ignore_class": 1}, y, shaped(logits)
    yield f"{kind} not normalised", kind, {}, y, np.abs(normal(35, 4, 5)) + 0.1
    yield f"{kind} far logits", kind, {"from_logits": True}, np.arange(3, dtype="int32"), 80 * np.eye(3, dtype="float32")[[0, 2, 2]]


def after_activation():
    far = np.array([[50.0, 0.0, -50.0], [-50.0, 50.0, 0.0], [1.0, 2.0, 3.0]], "float32")
    eye = np.eye(3, dtype="float32")
    labels = np.array([0, 2, 1], "int32")
    yield "categorical after softmax", "CategoricalCrossentropy", {}, one_hot(41, 5, 4), normal(42, 4, 5), None, "softmax"
    yield "categorical after softmax, far logits", "CategoricalCrossentropy", {}, eye[labels], far, None, "softmax"
    yield "sparse after softmax, far logits", "SparseCategoricalCrossentropy", {}, labels, far, None, "softmax"
    yield "binary after sigmoid", "BinaryCrossentropy", {}, np.array([[1.0], [0.0]], "float32"), normal(43, 2, 1), None, "sigmoid"
    yield "binary after sigmoid, far logits", "BinaryCrossentropy", {}, np.array([[0.0], [1.0]], "float32"), np.array([[50.0], [-50.0]], "float32"), None, "sigmoid"
    yield "squared error after softmax", "MeanSquaredError", {}, eye[labels], far / 20, None, "softmax"
