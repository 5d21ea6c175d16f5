"""Metrics whose results have axes, in the logs of fit() and evaluate(), in CSV files, and as watched values."""

import pathlib
import tempfile

import keras
import numpy as np

from .encoding import plain, tensor


class Shares(keras.metrics.Metric):
    """The mean prediction of each class: [3], or as the result is shaped."""

    def __init__(self, name="shares", shape=(3,)):
        super().__init__(name=name)
        self.shape = shape
        self.total = self.add_variable((3,), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign(self.total + keras.ops.sum(y_pred, axis=0))
        self.count.assign(self.count + keras.ops.cast(keras.ops.shape(y_pred)[0], "float32"))

    def result(self):
        return keras.ops.reshape(self.total / self.count, self.shape)


class Hits(keras.metrics.Metric):
    """How often each class was the greatest prediction, int32 [3]."""

    def __init__(self, name="hits"):
        super().__init__(name=name)
        self.total = self.add_variable((3,), "zeros", name="total", dtype="int32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        most = keras.ops.one_hot(keras.ops.argmax(y_pred, axis=-1), 3, dtype="int32")
        self.total.assign(self.total + keras.ops.sum(most, axis=0))

    def result(self):
        return self.total + 0  # the variable itself would change in the history with the next epoch


OWN = {"Shares": Shares, "Hits": Hits}
CASES = [
    ("f1 score", [("F1Score", {})]),
    ("f1 score in one number", [("F1Score", {"average": "macro"})]),
    ("f-beta score", [("FBetaScore", {"beta": 2.0})]),
    ("r2 score", [("R2Score", {"class_aggregation": None})]),
    ("several", [("F1Score", {}), ("CategoricalAccuracy", {}), ("Shares", {})]),
    ("a column", [("Shares", {"shape": [3, 1]})]),
    ("whole numbers", [("Hits", {})]),
    ("a row", [("Shares", {"shape": [1, 3]})]),
]


def data():
    random = np.random.default_rng(41)
    x = random.standard_normal((14, 4)).astype("float32")
    labels = (x @ random.standard_normal((4, 3))).argmax(-1)
    return x, np.eye(3, dtype="float32")[labels]


def record():
    return {"cases": [case(*entry) for entry in CASES], "watched": [watched(*entry) for entry in WATCHED]}


def network(metrics):
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    weights = [np.random.default_rng(42).standard_normal((4, 3)).astype("float32"), np.zeros(3, "float32")]
    model.set_weights(weights)
    made = [OWN[kind](**options) if kind in OWN else getattr(keras.metrics, kind)(**options) for kind, options in metrics]
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", metrics=made)
    return model, weights


def plainly(logs):
    return {key: tensor(value) for key, value in logs.items()}


def case(name, metrics):
    x, y = data()
    model, weights = network(metrics)
    batches = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: batches.append(plainly(logs)))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log.csv"
        logger = keras.callbacks.CSVLogger(str(path))
        history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0, validation_split=0.3, callbacks=[watch, logger]).history
        csv = path.read_bytes().decode()
    return {
        "name": name,
        "metrics": plain([{"kind": kind, "options": options} for kind, options in metrics]),
        "x": tensor(x),
        "y": tensor(y),
        "weights": [tensor(value) for value in weights],
        "history": {key: [tensor(value) for value in column] for key, column in history.items()},
        "batchLogs": batches,
        "csv": csv,
        "evaluated": plainly(model.evaluate(x, y, batch_size=5, verbose=0, return_dict=True)),
        "onBatch": plainly(model.test_on_batch(x, y, return_dict=True)),
    }


WATCHED = [
    ("EarlyStopping", {"monitor": "val_shares", "mode": "max", "patience": 1}),
    ("ReduceLROnPlateau", {"monitor": "val_shares", "mode": "max", "patience": 1}),
]


def watched(kind, options):
    """Callbacks that watch such a log fail in the second epoch, when they compare it."""
    x, y = data()
    model, _ = network([("Shares", {})])
    callback = getattr(keras.callbacks, kind)(**options)
    try:
        model.fit(x, y, epochs=3, verbose=0, validation_split=0.3, callbacks=[callback])
    except ValueError as error:
        return {"kind": kind, "options": options, "error": str(error)}
    return {"kind": kind, "options": options, "error": None}
