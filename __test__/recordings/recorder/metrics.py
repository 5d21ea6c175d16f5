"""Metric results after each of several updates."""

import keras
import numpy as np

from .encoding import number, plain, tensor
from .losses import normal, one_hot, sigmoid, softmax


def record():
    return {"cases": [case(*entry) for entry in entries()]}


def case(name, class_name, options, updates):
    keras.utils.clear_session()
    metric = getattr(keras.metrics, class_name)(**options)
    recorded = []
    for y_true, y_pred, weight in updates:
        arguments = (y_pred,) if y_true is None else (y_true, y_pred)
        metric.update_state(*arguments, sample_weight=weight)
        recorded.append(
            {
                "yTrue": None if y_true is None else tensor(y_true),
                "yPred": tensor(y_pred),
                "sampleWeight": None if weight is None else tensor(weight),
                "result": number(metric.result()),
            }
        )
    config, auto_name = plain(metric.get_config()), metric.name
    metric.reset_state()
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": config,
        "autoName": auto_name,
        "updates": recorded,
        "afterReset": number(metric.result()),
    }


def entries():
    """Each metric three ways: no weights, weights in every update, weights in some."""
    for name, class_name, options, batches in [*accuracies(), *means()]:
        weights = [np.random.default_rng(60 + i).uniform(0, 2, np.shape(p)[:1]).astype("float32") for i, (_, p) in enumerate(batches)]
        yield name, class_name, options, [(y, p, None) for y, p in batches]
        yield f"{name}, weighted", class_name, options, [(y, p, w) for (y, p), w in zip(batches, weights)]
        yield f"{name}, weighted now and then", class_name, options, [
            (y, p, w if i % 2 else None) for i, ((y, p), w) in enumerate(zip(batches, weights))
        ]


def labels(seed, classes, *shape):
    return np.random.default_rng(seed).integers(0, classes, shape).astype("int32")


def accuracies():
    sizes = (5, 3, 1, 8)
    plain_labels = [(labels(i, 3, n, 1), labels(i + 9, 3, n, 1)) for i, n in enumerate(sizes)]
    yield "Accuracy", "Accuracy", {}, plain_labels
    binary = [(labels(i, 2, n, 1), sigmoid(normal(i, n, 1))) for i, n in enumerate(sizes)]
    yield "BinaryAccuracy", "BinaryAccuracy", {}, binary
    yield "BinaryAccuracy threshold 0.3", "BinaryAccuracy", {"threshold": 0.3}, binary
    exact = np.array([[0.5], [0.5], [0.50001], [0.49999]], "float32")
    yield "BinaryAccuracy at the threshold", "BinaryAccuracy", {}, [(np.array([[1], [0], [1], [0]], "int32"), exact)]
    yield "BinaryAccuracy four outputs", "BinaryAccuracy", {}, [(labels(i, 2, n, 4), sigmoid(normal(i, n, 4))) for i, n in enumerate(sizes)]
    one_hots = [(one_hot(i, 4, n), softmax(normal(i + 5, n, 4))) for i, n in enumerate(sizes)]
    yield "CategoricalAccuracy", "CategoricalAccuracy", {}, one_hots
    yield "CategoricalAccuracy ties", "CategoricalAccuracy", {}, [(np.eye(3, dtype="float32"), np.full((3, 3), 0.25, "float32"))]
    indices = [(labels(i, 4, n), softmax(normal(i + 5, n, 4))) for i, n in enumerate(sizes)]
    yield "SparseCategoricalAccuracy", "SparseCategoricalAccuracy", {}, indices
    columns = [(y[:, None], p) for y, p in indices]
    yield "SparseCategoricalAccuracy column of labels", "SparseCategoricalAccuracy", {}, columns
    for k in (1, 2, 5):
        wide = [(one_hot(i, 9, n), normal(i + 5, n, 9)) for i, n in enumerate(sizes)]
        yield f"TopKCategoricalAccuracy {k}", "TopKCategoricalAccuracy", {"k": k}, wide
        sparse = [(labels(i, 9, n), normal(i + 5, n, 9)) for i, n in enumerate(sizes)]
        yield f"SparseTopKCategoricalAccuracy {k}", "SparseTopKCategoricalAccuracy", {"k": k}, sparse


def means():
    sizes = (5, 3, 1, 8)
    yield "Mean", "Mean", {}, [(None, normal(i, n)) for i, n in enumerate(sizes)]
    yield "Mean rank 2", "Mean", {}, [(None, normal(i, n, 3)) for i, n in enumerate(sizes)]
    yield "Sum", "Sum", {}, [(None, normal(i, n)) for i, n in enumerate(sizes)]
    pairs = [(normal(i, n, 2), normal(i + 20, n, 2)) for i, n in enumerate(sizes)]
    for kind in ("MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError"):
        yield kind, kind, {}, pairs
    yield "BinaryCrossentropy", "BinaryCrossentropy", {}, [(labels(i, 2, n, 1), sigmoid(normal(i, n, 1))) for i, n in enumerate(sizes)]
    yield "CategoricalCrossentropy", "CategoricalCrossentropy", {}, [(one_hot(i, 4, n), softmax(normal(i, n, 4))) for i, n in enumerate(sizes)]
    yield "SparseCategoricalCrossentropy", "SparseCategoricalCrossentropy", {"from_logits": True}, [(labels(i, 4, n), normal(i, n, 4)) for i, n in enumerate(sizes)]
