"""The losses beyond those of the first topic, with odd shapes, ties, zeros and every option."""

import numpy as np

from .losses import REDUCTIONS, case, normal, one_hot, sigmoid, softmax


def record():
    return {"cases": [case(index, *entry) for index, entry in enumerate(entries())]}


def entries():
    return [*regression(), *hinges(), *divergences(), *focal(), *generalized(), *overlap(), *circle(), *ctc(), *old_ones()]


WEIGHT = [0.5, 0.0, 2.0, 1.0, 3.0]


def regression():
    plain = ["MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCosh"]
    for kind, options in [*((kind, {}) for kind in plain), ("Huber", {"delta": 0.7}), ("CosineSimilarity", {})]:
        y, p = normal(101, 5, 3), normal(102, 5, 3)
        if kind == "MeanSquaredLogarithmicError":
            y, p = y**2, p**2 - 0.1
        for reduction in REDUCTIONS:
            yield f"{kind} {reduction}", kind, {**options, "reduction": reduction}, y, p
            yield f"{kind} {reduction}, weighted", kind, {**options, "reduction": reduction}, y, p, WEIGHT
        yield f"{kind} rank 3", kind, options, normal(103, 2, 3, 4), normal(104, 2, 3, 4)
        yield f"{kind} rank 3, weighted", kind, options, normal(103, 2, 3, 4), normal(104, 2, 3, 4), normal(105, 2, 3) ** 2
        yield f"{kind} one output", kind, options, normal(106, 4, 1), normal(107, 4, 1)
        yield f"{kind} targets of lower rank", kind, options, normal(106, 4), normal(107, 4, 1)
        yield f"{kind} predictions of lower rank", kind, options, normal(106, 4, 1), normal(107, 4)
        yield f"{kind} batch 1", kind, options, normal(108, 1, 2), normal(109, 1, 2)
        yield f"{kind} integer labels", kind, options, np.array([[1, 0, 3], [-2, 5, 0]], "int32"), normal(110, 2, 3)
        yield f"{kind} equal", kind, options, normal(111, 2, 3), normal(111, 2, 3)
    yield "MeanAbsolutePercentageError zero labels", "MeanAbsolutePercentageError", {}, np.array([[0.0, 1.0], [2.0, -1e-9]], "float32"), np.array([[1e-6, 1.0], [0.0, 2e-7]], "float32")
    yield "Huber default", "Huber", {}, 2 * normal(112, 4, 3), 2 * normal(113, 4, 3)
    yield "Huber at the edge", "Huber", {"delta": 0.5}, np.zeros((1, 4), "float32"), np.array([[0.5, -0.5, 0.25, 1.0]], "float32")
    yield "Huber large delta", "Huber", {"delta": 50.0}, 100 * normal(114, 3, 2), 100 * normal(115, 3, 2)
    yield "LogCosh far", "LogCosh", {}, np.zeros((2, 2), "float32"), np.array([[80.0, -80.0], [1e-3, -20.0]], "float32")
    for axis in (0, 1, -2, 2):
        yield f"CosineSimilarity axis {axis}", "CosineSimilarity", {"axis": axis}, normal(116, 3, 4, 2), normal(117, 3, 4, 2)
    yield "CosineSimilarity a zero prediction", "CosineSimilarity", {}, np.array([[1.0, 2.0], [3.0, 4.0]], "float32"), np.array([[0.0, 0.0], [1.0, 2.0]], "float32")
    yield "CosineSimilarity a zero label", "CosineSimilarity", {}, np.array([[0.0, 0.0], [1.0, 2.0]], "float32"), np.array([[1.0, 2.0], [3.0, 4.0]], "float32")


def hinges():
    for kind in ("Hinge", "SquaredHinge", "CategoricalHinge"):
        signs = np.sign(normal(121, 5, 3))
        binary = (normal(122, 5, 3) > 0).astype("float32")
        p = 1.5 * normal(123, 5, 3)
        for reduction in REDUCTIONS:
            yield f"{kind} {reduction}", kind, {"reduction": reduction}, signs, p
            yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction}, binary, p, WEIGHT
        yield f"{kind} one-hot", kind, {}, one_hot(124, 4, 3), normal(125, 3, 4)
        yield f"{kind} maps", kind, {}, one_hot(126, 3, 2, 3, 2), normal(127, 2, 3, 2, 3)
        yield f"{kind} column", kind, {}, (normal(128, 4) > 0).astype("int32"), normal(129, 4, 1)
        yield f"{kind} at the edge", kind, {}, np.array([[1.0, -1.0, 1.0]], "float32"), np.array([[1.0, -1.0, 0.0]], "float32")
        yield f"{kind} neither", kind, {}, np.array([[0.0, 1.0, 2.0], [0.5, 0.0, 1.0]], "float32"), normal(130, 2, 3)


def divergences():
    for kind in ("KLDivergence", "Poisson"):
        y, p = softmax(normal(131, 5, 3)), softmax(normal(132, 5, 3))
        for reduction in REDUCTIONS:
            yield f"{kind} {reduction}", kind, {"reduction": reduction}, y, p
            yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction}, y, p, WEIGHT
        yield f"{kind} one-hot", kind, {}, one_hot(133, 4, 3), softmax(normal(134, 3, 4))
        yield f"{kind} certain", kind, {}, np.eye(3, dtype="float32"), np.eye(3, dtype="float32")[[0, 2, 1]]
        yield f"{kind} rank 3", kind, {}, softmax(normal(135, 2, 3, 4)), softmax(normal(136, 2, 3, 4))
        yield f"{kind} batch 1, column", kind, {}, np.array([0.5], "float32"), np.array([[0.3]], "float32")
    yield "Poisson counts", "Poisson", {}, np.array([[3, 0], [1, 12]], "int32"), np.array([[2.5, 0.1], [4.0, 9.0]], "float32")
    yield "KLDivergence outside", "KLDivergence", {}, np.array([[1.5, -0.5, 0.0]], "float32"), np.array([[0.0, 1.2, 1.0]], "float32")


def focal():
    kind = "BinaryFocalCrossentropy"
    y, logits = (normal(141, 5, 3) > 0).astype("float32"), 2 * normal(142, 5, 3)
    for from_logits in (False, True):
        p, word = (logits, "logits") if from_logits else (sigmoid(logits), "probabilities")
        options = {"from_logits": from_logits}
        yield f"{kind} {word}", kind, options, y, p
        yield f"{kind} {word} balanced", kind, {**options, "apply_class_balancing": True, "alpha": 0.8}, y, p, WEIGHT
        yield f"{kind} {word} gamma 0", kind, {**options, "gamma": 0.0}, y, p
        yield f"{kind} {word} gamma 3.5, smoothed", kind, {**options, "gamma": 3.5, "label_smoothing": 0.2}, y, p
        yield f"{kind} {word} axis 0", kind, {**options, "axis": 0}, y, p
        yield f"{kind} {word} none", kind, {**options, "reduction": None}, y, p, WEIGHT
        masks, maps = (normal(143, 2, 3, 4, 1) > 0).astype("float32"), normal(144, 2, 3, 4, 1)
        yield f"{kind} {word} masks", kind, options, masks, maps if from_logits else sigmoid(maps)
        yield f"{kind} {word} column", kind, options, y[:, 0], p[:, :1]
    yield f"{kind} after sigmoid", kind, {"apply_class_balancing": True}, y, logits, None, "sigmoid"
    yield f"{kind} after sigmoid, far", kind, {}, np.array([[0.0], [1.0]], "float32"), np.array([[30.0], [-30.0]], "float32"), None, "sigmoid"
    kind = "CategoricalFocalCrossentropy"
    y, logits = one_hot(145, 4, 5), 2 * normal(146, 5, 4)
    for from_logits in (False, True):
        p, word = (logits, "logits") if from_logits else (softmax(logits), "probabilities")
        options = {"from_logits": from_logits}
        for reduction in REDUCTIONS:
            yield f"{kind} {word} {reduction}", kind, {**options, "reduction": reduction}, y, p, WEIGHT
        yield f"{kind} {word} alpha, gamma", kind, {**options, "alpha": 0.6, "gamma": 1.0}, y, p
        yield f"{kind} {word} smoothed", kind, {**options, "label_smoothing": 0.1, "gamma": 2.5}, y, p
        maps = normal(147, 2, 2, 3, 3)
        yield f"{kind} {word} maps", kind, options, one_hot(148, 3, 2, 2, 3), maps if from_logits else softmax(maps)
        yield f"{kind} {word} axis 1", kind, {**options, "axis": 1}, np.moveaxis(one_hot(149, 3, 2, 4), -1, 1), np.moveaxis(normal(150, 2, 4, 3) if from_logits else softmax(normal(150, 2, 4, 3)), -1, 1)
    yield f"{kind} an alpha for each class", kind, {"alpha": [0.1, 0.75, 0.5, 1.0], "label_smoothing": 0.1}, y, softmax(logits)
    yield f"{kind} not normalised", kind, {}, y, np.abs(normal(151, 5, 4)) + 0.1
    yield f"{kind} after softmax", kind, {}, y, logits, None, "softmax"


def generalized():
    kind = "CategoricalGeneralizedCrossEntropy"
    y, p = np.array([3, 0, 4, 1, 1], "int32"), softmax(2 * normal(161, 5, 5))
    for reduction in REDUCTIONS:
        yield f"{kind} {reduction}", kind, {"reduction": reduction}, y, p
        yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction}, y, p, WEIGHT
    for q in (0.1, 0.7, 0.95):
        yield f"{kind} q {q}", kind, {"q": q}, y, p
    yield f"{kind} maps", kind, {}, np.random.default_rng(162).integers(0, 3, (2, 2, 3)).astype("int32"), softmax(normal(163, 2, 2, 3, 3))


def overlap():
    y, p = (normal(171, 3, 4, 2) > 0).astype("float32"), sigmoid(normal(172, 3, 4, 2))
    for kind, given in [("Dice", {}), ("Tversky", {}), ("Tversky", {"alpha": 0.3, "beta": 0.9})]:
        name = " ".join([kind, *(f"{key} {value}" for key, value in given.items())])
        yield name, kind, given, y, p
        yield f"{name} sum", kind, {**given, "reduction": "sum"}, y, p
        for axis in ((1, 2), (1,), 0, -1, (0, 2)):
            yield f"{name} axis {axis}", kind, {**given, "axis": axis}, y, p
            yield f"{name} axis {axis} none", kind, {**given, "axis": axis, "reduction": None}, y, p
        yield f"{name} weighted by sample", kind, {**given, "axis": (1, 2)}, y, p, [0.5, 0.0, 2.0]
        yield f"{name} scalar, weighted", kind, given, y, p, [0.5, 1.0, 2.0]
        yield f"{name} nothing there", kind, given, np.zeros((2, 3), "float32"), np.zeros((2, 3), "float32")
        yield f"{name} equal", kind, given, y, y
        yield f"{name} integer labels", kind, given, y.astype("int32"), p
        yield f"{name} batch 1", kind, given, y[:1], p[:1]


def circle():
    def unit(x):
        return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")

    y, p = np.array([0, 1, 0, 2, 1, 0], "int32"), unit(normal(181, 6, 3))
    weight = [0.5, 0.0, 2.0, 1.0, 3.0, 1.0]
    kind = "Circle"
    for reduction in REDUCTIONS:
        yield f"{kind} {reduction}", kind, {"reduction": reduction, "gamma": 4.0}, y, p
        yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction, "gamma": 4.0}, y, p, weight
    yield f"{kind} default", kind, {}, y, p
    yield f"{kind} margin", kind, {"margin": 0.2, "gamma": 2.0}, y, p
    yield f"{kind} with the diagonal", kind, {"remove_diagonal": False, "gamma": 2.0}, y, p
    yield f"{kind} column of labels", kind, {"gamma": 2.0}, y[:, None], p
    yield f"{kind} one class", kind, {"gamma": 2.0}, np.zeros(4, "int32"), unit(normal(182, 4, 3))
    yield f"{kind} no pair", kind, {"gamma": 2.0, "reduction": "sum"}, np.arange(4, dtype="int32"), unit(normal(183, 4, 3))


def ctc():
    labels = np.array([[1, 2, 3, 0], [2, 2, 0, 0], [4, 1, 4, 3]], "int32")
    logits = normal(191, 3, 9, 5)
    kind = "CTC"
    for reduction in REDUCTIONS:
        yield f"{kind} {reduction}", kind, {"reduction": reduction}, labels, logits
        yield f"{kind} {reduction}, weighted", kind, {"reduction": reduction}, labels, logits, [0.5, 0.0, 2.0]
    yield f"{kind} just long enough", kind, {}, np.array([[1, 2, 1]], "int32"), normal(192, 1, 3, 3)
    yield f"{kind} repeats just long enough", kind, {}, np.array([[1, 1]], "int32"), normal(193, 1, 3, 2)
    yield f"{kind} one label", kind, {}, np.array([[2], [1]], "int32"), normal(194, 2, 4, 3)
    yield f"{kind} no label", kind, {"reduction": None}, np.array([[0, 0], [1, 0]], "int32"), normal(195, 2, 4, 3)
    yield f"{kind} long", kind, {}, np.random.default_rng(196).integers(1, 6, (2, 7)).astype("int32"), 3 * normal(197, 2, 25, 6)
    yield f"{kind} float labels", kind, {}, labels.astype("float32"), logits


def old_ones():
    """Losses of the first topic, where that has no such case."""
    kind = "SparseCategoricalCrossentropy"
    y, p = np.array([1, 0, 4, 1, 2], "int32"), softmax(normal(201, 5, 5))
    for reduction in REDUCTIONS:
        yield f"{kind} ignore class 1 {reduction}, weighted", kind, {"ignore_class": 1, "reduction": reduction}, y, p, WEIGHT
    yield f"{kind} ignore class -1", kind, {"ignore_class": -1}, np.array([-1, 0, 4, -1, 2], "int32"), p
    maps = np.random.default_rng(202).integers(0, 3, (2, 2, 3)).astype("int32")
    yield f"{kind} ignore class 0, maps", kind, {"ignore_class": 0, "from_logits": True}, maps, normal(203, 2, 2, 3, 3)
    yield f"{kind} ignore everything", kind, {"ignore_class": 2}, np.full(5, 2, "int32"), p
    binary = (normal(204, 4, 3) > 0).astype("float32")
    for axis in (0, 1):
        yield f"BinaryCrossentropy axis {axis}", "BinaryCrossentropy", {"axis": axis, "label_smoothing": 0.1}, binary, sigmoid(normal(205, 4, 3))
    yield "BinaryCrossentropy labels of lower rank", "BinaryCrossentropy", {}, binary[:, 0], sigmoid(normal(206, 4, 1))
    yield "CategoricalCrossentropy smoothed, axis 1", "CategoricalCrossentropy", {"label_smoothing": 0.3, "axis": 1}, np.moveaxis(one_hot(207, 3, 2, 4), -1, 1), np.moveaxis(softmax(normal(208, 2, 4, 3)), -1, 1)
