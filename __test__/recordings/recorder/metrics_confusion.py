"""The metrics that count by thresholds; the format is that of metrics_more."""

import numpy as np

from .losses import normal, one_hot, sigmoid, softmax
from .metrics import labels
from .metrics_more import SIZES, case, two_ways


def record():
    return {"cases": [case(*entry) for entry in two_ways([*confusion(), *at_a_value(), *areas()])]}


def confusion():
    column = [(labels(i, 2, n, 1), sigmoid(normal(i, n, 1))) for i, n in enumerate(SIZES)]
    several = [(labels(i, 2, n, 4), sigmoid(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    classes = [(one_hot(i, 4, n), softmax(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    flat = [(labels(i, 2, n), sigmoid(normal(i, n))) for i, n in enumerate(SIZES)]
    grid = [(labels(i, 2, n, 4), np.round(4 * sigmoid(normal(i, n, 4))) / 4) for i, n in enumerate(SIZES)]
    for kind in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall"):
        yield kind, kind, {}, column
        yield f"{kind} four outputs", kind, {}, several
        yield f"{kind} rank 1", kind, {}, flat
        yield f"{kind} threshold 0.3", kind, {"thresholds": 0.3}, several
        yield f"{kind} three thresholds", kind, {"thresholds": [0.2, 0.25, 0.9]}, grid
        yield f"{kind} even thresholds", kind, {"thresholds": [0.0, 0.5, 1.0]}, grid
        yield f"{kind} labels of lower rank", kind, {}, [(y[:, 0], p) for y, p in column]
    for kind in ("Precision", "Recall"):
        yield f"{kind} top 2", kind, {"top_k": 2}, classes
        yield f"{kind} class 2", kind, {"class_id": 2}, several
        yield f"{kind} top 2, class 1", kind, {"top_k": 2, "class_id": 1}, classes
        yield f"{kind} top 1, ties", kind, {"top_k": 1}, grid
        yield f"{kind} class 0, thresholds", kind, {"class_id": 0, "thresholds": [0.1, 0.6]}, several


def at_a_value():
    column = [(labels(i, 2, n, 1), sigmoid(normal(i, n, 1))) for i, n in enumerate((9, 1, 20))]
    several = [(labels(i, 2, n, 3), sigmoid(normal(i, n, 3))) for i, n in enumerate((9, 1, 20))]
    edges = [(labels(i, 2, n, 1), np.round(2 * sigmoid(3 * normal(i, n, 1))) / 2) for i, n in enumerate((9, 1, 20))]
    for kind, field in [
        ("SensitivityAtSpecificity", "specificity"),
        ("SpecificityAtSensitivity", "sensitivity"),
        ("PrecisionAtRecall", "recall"),
        ("RecallAtPrecision", "precision"),
    ]:
        yield kind, kind, {field: 0.5}, column
        yield f"{kind} 0.8", kind, {field: 0.8, "num_thresholds": 50}, several
        yield f"{kind} one threshold", kind, {field: 0.3, "num_thresholds": 1}, column
        yield f"{kind} class 1", kind, {field: 0.6, "class_id": 1}, several
        yield f"{kind} at the edges", kind, {field: 0.4, "num_thresholds": 5}, edges


def areas():
    column = [(labels(i, 2, n, 1), sigmoid(normal(i, n, 1))) for i, n in enumerate((9, 1, 20))]
    several = [(labels(i, 2, n, 3), sigmoid(normal(i, n, 3))) for i, n in enumerate((9, 1, 20))]
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "majoring", "minoring"):
            options = {"curve": curve, "summation_method": method}
            yield f"AUC {curve} {method}", "AUC", options, column
            yield f"AUC {curve} {method} multi-label", "AUC", {**options, "multi_label": True}, several
        yield f"AUC {curve} thresholds", "AUC", {"curve": curve, "thresholds": [0.7, 0.1, 0.45]}, several
        yield f"AUC {curve} even thresholds", "AUC", {"curve": curve, "thresholds": [0.25, 0.5, 0.75]}, several
        yield f"AUC {curve} label weights", "AUC", {"curve": curve, "multi_label": True, "num_labels": 3, "label_weights": [0.5, 2.0, 1.0]}, several
    yield "AUC label weights, one label", "AUC", {"label_weights": [0.5, 2.0, 1.0], "num_thresholds": 20}, several
    yield "AUC multi-label, thresholds", "AUC", {"multi_label": True, "thresholds": [0.3, 0.6], "label_weights": [0.5, 2.0, 1.0]}, several
    yield "AUC label weights, thresholds", "AUC", {"thresholds": [0.3, 0.6], "label_weights": [0.5, 2.0, 1.0]}, several
    yield "AUC logits", "AUC", {"from_logits": True, "num_thresholds": 30}, [(y, 2 * normal(280 + i, *y.shape)) for i, (y, _) in enumerate(column)]
    yield "AUC three thresholds", "AUC", {"num_thresholds": 3}, column
    yield "AUC two thresholds", "AUC", {"num_thresholds": 2}, column
    yield "AUC rank 1", "AUC", {}, [(y[:, 0], p[:, 0]) for y, p in column]
    yield "AUC certain", "AUC", {"num_thresholds": 5}, [(labels(281, 2, 12, 1), labels(282, 2, 12, 1).astype("float32"))]
    yield "AUC one class only", "AUC", {}, [(np.ones((5, 1), "int32"), sigmoid(normal(283, 5, 1)))]
