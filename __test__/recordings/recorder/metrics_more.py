"""The metrics beyond those of the first topic; results may have axes and may be NaN."""

import keras
import numpy as np

from .encoding import plain, tensor
from .losses import normal, one_hot, sigmoid, softmax
from .metrics import labels


def record():
    return {"cases": [case(*entry) for entry in entries()]}


def case(name, class_name, options, updates):
    keras.utils.clear_session()
    metric = getattr(keras.metrics, class_name)(**options)
    recorded = []
    for y_true, y_pred, weight in updates:
        metric.update_state(y_true, y_pred, sample_weight=weight)
        recorded.append(
            {
                "yTrue": tensor(y_true),
                "yPred": tensor(y_pred),
                "sampleWeight": None if weight is None else tensor(weight),
                "result": tensor(metric.result()),
            }
        )
    config, auto_name = plain(metric.get_config()), metric.name
    metric.reset_state()
    config = {key: value for key, value in config.items() if not hasattr(value, "shape")}
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": config,
        "autoName": auto_name,
        "updates": recorded,
        "afterReset": tensor(metric.result()),
    }


SIZES = (5, 1, 8)


def entries():
    yield from two_ways([*losses(), *correlations(), *scores(), *overlaps()])
    yield from special()


def two_ways(cases):
    for name, class_name, options, batches in cases:
        weights = [np.random.default_rng(260 + i).integers(0, 3, np.shape(p)[:1]).astype("float32") for i, (_, p) in enumerate(batches)]
        yield name, class_name, options, [(y, p, None) for y, p in batches]
        yield f"{name}, weighted now and then", class_name, options, [
            (y, p, w if i != 1 else None) for i, ((y, p), w) in enumerate(zip(batches, weights))
        ]


def losses():
    pairs = [(normal(i, n, 3), normal(i + 20, n, 3)) for i, n in enumerate(SIZES)]
    for kind in ("MeanAbsolutePercentageError", "LogCoshError", "CosineSimilarity", "Hinge", "SquaredHinge", "CategoricalHinge"):
        yield kind, kind, {}, pairs
    squares = [(y**2, p**2) for y, p in pairs]
    yield "MeanSquaredLogarithmicError", "MeanSquaredLogarithmicError", {}, squares
    yield "MeanSquaredLogarithmicError rank 3", "MeanSquaredLogarithmicError", {}, [(normal(i, n, 3, 2) ** 2, normal(i + 20, n, 3, 2) ** 2) for i, n in enumerate(SIZES)]
    chances = [(softmax(y), softmax(p)) for y, p in pairs]
    for kind in ("KLDivergence", "Poisson"):
        yield kind, kind, {}, chances
    yield "CosineSimilarity axis 1", "CosineSimilarity", {"axis": 1}, [(normal(i, n, 3, 2), normal(i + 20, n, 3, 2)) for i, n in enumerate(SIZES)]
    yield "Hinge binary", "Hinge", {}, [(labels(i, 2, n, 3), normal(i, n, 3)) for i, n in enumerate(SIZES)]
    yield "RootMeanSquaredError rank 3", "RootMeanSquaredError", {}, [(normal(i, n, 3, 2), normal(i + 20, n, 3, 2)) for i, n in enumerate(SIZES)]
    yield "BinaryCrossentropy smoothed logits", "BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, [(labels(i, 2, n, 3), normal(i, n, 3)) for i, n in enumerate(SIZES)]
    yield "CategoricalCrossentropy smoothed", "CategoricalCrossentropy", {"label_smoothing": 0.2}, [(one_hot(i, 4, n), softmax(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    yield "CategoricalCrossentropy maps axis 1", "CategoricalCrossentropy", {"axis": 1}, [(np.moveaxis(one_hot(i, 4, n, 2), -1, 1), np.moveaxis(softmax(normal(i, n, 2, 4)), -1, 1)) for i, n in enumerate(SIZES)]
    yield "SparseCategoricalCrossentropy ignore class", "SparseCategoricalCrossentropy", {"ignore_class": 1}, [(labels(i, 4, n), softmax(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    yield "SparseCategoricalAccuracy maps", "SparseCategoricalAccuracy", {}, [(labels(i, 4, n, 3), softmax(normal(i, n, 3, 4))) for i, n in enumerate(SIZES)]
    yield "SparseCategoricalAccuracy maps, trailing axis", "SparseCategoricalAccuracy", {}, [(labels(i, 4, n, 3, 1), softmax(normal(i, n, 3, 4))) for i, n in enumerate(SIZES)]
    yield "CategoricalAccuracy maps", "CategoricalAccuracy", {}, [(one_hot(i, 4, n, 3), softmax(normal(i, n, 3, 4))) for i, n in enumerate(SIZES)]
    yield "Accuracy maps", "Accuracy", {}, [(labels(i, 3, n, 3), labels(i + 9, 3, n, 3)) for i, n in enumerate(SIZES)]
    tied = np.round(normal(299, 9, 6))
    yield "TopKCategoricalAccuracy ties", "TopKCategoricalAccuracy", {"k": 2}, [(one_hot(298, 6, 9), tied)]
    yield "SparseTopKCategoricalAccuracy ties", "SparseTopKCategoricalAccuracy", {"k": 3}, [(labels(297, 6, 9), tied)]
    yield "SparseTopKCategoricalAccuracy maps", "SparseTopKCategoricalAccuracy", {"k": 2}, [(labels(296, 6, 4, 3), normal(295, 4, 3, 6))]
    yield "TopKCategoricalAccuracy k over classes", "TopKCategoricalAccuracy", {"k": 9}, [(one_hot(298, 6, 9), tied)]
    sorted_ids = np.argsort(-normal(294, 7, 6), -1).astype("float32")
    yield "SparseTopKCategoricalAccuracy sorted ids", "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, [(labels(293, 6, 7), sorted_ids)]


def correlations():
    for kind in ("PearsonCorrelation", "ConcordanceCorrelation"):
        yield kind, kind, {}, [(normal(i, n, 4), normal(i + 20, n, 4)) for i, n in enumerate(SIZES)]
        yield f"{kind} axis 1", kind, {"axis": 1}, [(normal(i, n, 4, 3), normal(i + 20, n, 4, 3)) for i, n in enumerate(SIZES)]
    yield "R2Score", "R2Score", {}, [(normal(i, n, 3), normal(i + 20, n, 3)) for i, n in enumerate(SIZES)]
    for aggregation in (None, "variance_weighted_average"):
        yield f"R2Score {aggregation}", "R2Score", {"class_aggregation": aggregation}, [(normal(i, n, 3), normal(i + 20, n, 3)) for i, n in enumerate(SIZES)]
    for regressors in (1, 2, 4, 20):
        yield f"R2Score {regressors} regressors", "R2Score", {"num_regressors": regressors}, [(normal(i, n, 1), normal(i + 20, n, 1)) for i, n in enumerate(SIZES)]
    yield "R2Score constant labels", "R2Score", {}, [(np.ones((4, 2), "float32"), normal(270, 4, 2))]
    yield "R2Score labels of lower rank", "R2Score", {}, [(normal(271, 4), normal(272, 4, 1))]


def scores():
    classes = [(one_hot(i, 4, n), softmax(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    several = [(labels(i, 2, n, 4), sigmoid(normal(i, n, 4))) for i, n in enumerate(SIZES)]
    for average in (None, "micro", "macro", "weighted"):
        yield f"F1Score {average}", "F1Score", {"average": average}, classes
        yield f"F1Score {average} threshold", "F1Score", {"average": average, "threshold": 0.4}, several
        yield f"FBetaScore {average}", "FBetaScore", {"average": average, "beta": 2.0}, classes
        yield f"FBetaScore {average} threshold", "FBetaScore", {"average": average, "beta": 0.5, "threshold": 0.6}, several
    yield "FBetaScore ties and zeros", "FBetaScore", {}, [(labels(284, 2, 4, 3), np.array([[0, 0, 0], [0.5, 0.5, 0.1], [-1, -2, -1], [1e-10, 0, -1]], "float32"))]


def overlaps():
    sparse = [(labels(i, 3, n, 4), labels(i + 9, 3, n, 4)) for i, n in enumerate(SIZES)]
    flat = [(labels(i, 3, n), labels(i + 9, 3, n)) for i, n in enumerate(SIZES)]
    maps = [(one_hot(i, 3, n, 4), softmax(normal(i, n, 4, 3))) for i, n in enumerate(SIZES)]
    ids = [(y, p.argmax(-1).astype("int32")) for y, p in maps]
    yield "IoU", "IoU", {"num_classes": 3, "target_class_ids": [0]}, flat
    yield "IoU two classes", "IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, flat
    yield "IoU class out of range", "IoU", {"num_classes": 2, "target_class_ids": [0, 1]}, flat
    yield "IoU ignore class", "IoU", {"num_classes": 3, "target_class_ids": [0, 2], "ignore_class": 1}, flat
    yield "IoU one-hot labels", "IoU", {"num_classes": 3, "target_class_ids": [1], "sparse_y_true": False, "sparse_y_pred": False}, [(y[:, 0], p[:, 0]) for y, p in maps]
    yield "MeanIoU", "MeanIoU", {"num_classes": 3}, flat
    yield "MeanIoU a class that never comes", "MeanIoU", {"num_classes": 5}, flat
    yield "MeanIoU ignore class -1", "MeanIoU", {"num_classes": 3, "ignore_class": -1}, [(y - 1, p) for y, p in flat]
    yield "OneHotIoU", "OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 2]}, [(y[:, 0], p[:, 0]) for y, p in maps]
    yield "OneHotIoU sparse predictions", "OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 1], "sparse_y_pred": True}, [(y[:, 0], p[:, 0]) for y, p in ids]
    yield "OneHotMeanIoU", "OneHotMeanIoU", {"num_classes": 3}, [(y[:, 0], p[:, 0]) for y, p in maps]
    yield "BinaryIoU", "BinaryIoU", {}, [(labels(i, 2, n), sigmoid(normal(i, n))) for i, n in enumerate(SIZES)]
    yield "BinaryIoU class 1", "BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, [(labels(i, 2, n), sigmoid(normal(i, n))) for i, n in enumerate(SIZES)]
    for name, kind, options, batches in [
        ("MeanIoU maps", "MeanIoU", {"num_classes": 3}, sparse),
        ("OneHotMeanIoU maps", "OneHotMeanIoU", {"num_classes": 3}, maps),
        ("OneHotIoU maps, ignore class", "OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 1], "ignore_class": 0}, maps),
    ]:
        MAPS.append((name, kind, options, batches))


MAPS = []


def special():
    """Weights of every value where those of samples do not broadcast, and weights that are no whole numbers."""
    for name, kind, options, batches in MAPS:
        shapes = [labels_shape(kind, y, options) for y, _ in batches]
        weights = [np.random.default_rng(290 + i).uniform(0, 3, shape).astype("float32") for i, shape in enumerate(shapes)]
        yield name, kind, options, [(y, p, None) for y, p in batches]
        yield f"{name}, weighted", kind, options, [(y, p, w) for (y, p), w in zip(batches, weights)]
    column, several = (labels(291, 2, 9, 1), sigmoid(normal(291, 9, 1))), (labels(292, 2, 9, 3), sigmoid(normal(292, 9, 3)))
    each = np.random.default_rng(293).uniform(0, 2, (9, 3)).astype("float32")
    for kind in ("AUC", "Precision", "TrueNegatives"):
        yield f"{kind} weight of each value", kind, {}, [(*several, each)]
        yield f"{kind} column of weights", kind, {}, [(*column, each[:, :1])]
        yield f"{kind} weight of each sample", kind, {}, [(*several, each[:, 0])]
    yield "AUC multi-label, weight of each value", "AUC", {"multi_label": True}, [(*several, each)]
    images = (labels(294, 2, 2, 3, 4, 1), sigmoid(normal(294, 2, 3, 4, 1)))
    for kind in ("AUC", "Recall", "FalsePositives"):
        yield f"{kind} images", kind, {}, [(*images, None)]
    yield "MeanIoU fractions as weights", "MeanIoU", {"num_classes": 3}, [(labels(295, 3, 9), labels(296, 3, 9), np.linspace(0.2, 3.9, 9).astype("float32"))]
    heavy = np.full(4, 2**30, "int32")
    yield "MeanIoU counts beyond int32", "MeanIoU", {"num_classes": 2}, [(np.array([0, 0, 1, 1], "int32"), np.array([0, 1, 0, 1], "int32"), heavy)] * 4
    yield "R2Score weight of each value", "R2Score", {}, [(normal(297, 9, 3), normal(298, 9, 3), each)]


def labels_shape(kind, y, options):
    axis = options.get("axis", -1)
    return y.shape if kind == "MeanIoU" else np.delete(y.shape, axis)
