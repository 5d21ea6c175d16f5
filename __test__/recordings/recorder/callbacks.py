"""When callbacks act: on given logs, and within whole runs of fit() on a linear model."""

import contextlib
import io
import pathlib
import tempfile

import keras
import numpy as np

from .encoding import number, plain, tensor

FALLS = [1.0, 0.8, 0.79999, 0.7, 0.75, 0.72, 0.71, 0.69, 0.69, 0.69, 0.68, 0.9, 0.91, 0.92, 0.93, 0.5, 0.51, 0.52]
RISES = [0.1, 0.3, 0.3, 0.35, 0.2, 0.36, 0.36, 0.36, 0.37, 0.3, 0.3, 0.3, 0.3, 0.4, 0.39]
WATCHED = [
    ("EarlyStopping", {}, "val_loss", FALLS),
    ("EarlyStopping", {"patience": 2}, "val_loss", FALLS),
    ("EarlyStopping", {"patience": 3, "min_delta": 0.05, "restore_best_weights": True}, "val_loss", FALLS),
    ("EarlyStopping", {"monitor": "accuracy", "patience": 2, "restore_best_weights": True}, "accuracy", RISES),
    ("EarlyStopping", {"monitor": "loss", "patience": 1, "start_from_epoch": 4}, "loss", FALLS),
    ("EarlyStopping", {"monitor": "loss", "patience": 4, "baseline": 0.5}, "loss", FALLS),
    ("EarlyStopping", {"monitor": "loss", "patience": 4, "baseline": 0.75, "restore_best_weights": True}, "loss", FALLS),
    ("EarlyStopping", {"monitor": "thing", "mode": "max", "patience": 2, "restore_best_weights": True}, "thing", FALLS),
    ("EarlyStopping", {"monitor": "thing", "mode": "min", "patience": 1, "min_delta": -0.01}, "thing", RISES),
    ("EarlyStopping", {"patience": 30, "restore_best_weights": True}, "val_loss", FALLS),
    ("ReduceLROnPlateau", {}, "val_loss", FALLS),
    ("ReduceLROnPlateau", {"patience": 2}, "val_loss", FALLS),
    ("ReduceLROnPlateau", {"patience": 1, "factor": 0.5, "cooldown": 2}, "val_loss", FALLS),
    ("ReduceLROnPlateau", {"patience": 1, "factor": 0.3, "min_lr": 0.01}, "val_loss", FALLS),
    ("ReduceLROnPlateau", {"monitor": "accuracy", "patience": 2, "factor": 0.2, "min_delta": 0.02}, "accuracy", RISES),
    ("ReduceLROnPlateau", {"monitor": "loss", "patience": 0, "factor": 0.9, "min_delta": 0.0}, "loss", FALLS),
    ("ReduceLROnPlateau", {"monitor": "thing", "mode": "max", "patience": 3, "cooldown": 1, "factor": 0.0, "min_lr": 0.05}, "thing", RISES),
]


def record():
    return {
        "watched": [watched(*entry) for entry in WATCHED],
        "fits": [fitted(*entry) for entry in fits()],
        "hooks": hooks(),
        "terminated": [terminated(*entry) for entry in TERMINATED],
        "averages": [averages(*entry) for entry in AVERAGES],
        "records": records(),
    }


def linear(units=1):
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])
    model.set_weights([np.array([[0.5] * units, [-0.25] * units], "float32"), np.zeros(units, "float32")])
    return model


def watched(class_name, options, log, values):
    model = linear()
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["accuracy"])
    model.train_on_batch(np.ones((1, 2)), np.ones((1, 1)))
    callback = getattr(keras.callbacks, class_name)(**options)
    callback.set_model(model)
    callback.set_params({"epochs": len(values), "steps": 1, "verbose": 0})
    model.stop_training = False
    callback.on_train_begin()
    rates, epochs = [], 0
    for epoch, value in enumerate(values):
        model.set_weights([np.full((2, 1), epoch, "float32"), np.zeros(1, "float32")])
        callback.on_epoch_end(epoch, {log: value})
        rates.append(float(model.optimizer.learning_rate.numpy()))
        epochs = epoch + 1
        if model.stop_training:
            break
    callback.on_train_end()
    return {
        "name": f"{class_name} {options}",
        "class": class_name,
        "options": options,
        "log": log,
        "values": values,
        "epochs": epochs,
        "rates": rates,
        "stopped": bool(model.stop_training),
        "weight": float(model.get_weights()[0][0, 0]),
        "wait": int(callback.wait),
        "best": None if callback.best is None else float(callback.best),
    }


def data():
    random = np.random.default_rng(5)
    x = random.standard_normal((12, 2)).astype("float32")
    y = (x @ np.array([[1.0], [2.0]]) + 0.1 * random.standard_normal((12, 1))).astype("float32")
    return x, y


def fits():
    step = lambda epoch, rate: rate * 0.5 if epoch % 2 else rate  # noqa: E731
    yield "learning rate scheduler", [("LearningRateScheduler", {"schedule": step})], {"epochs": 5}
    yield "plateau", [("ReduceLROnPlateau", {"patience": 1, "min_delta": 0.5, "factor": 0.5})], {"epochs": 8, "validation_split": 0.25}
    yield "early stopping", [("EarlyStopping", {"patience": 1, "min_delta": 0.1, "restore_best_weights": True})], {"epochs": 30, "validation_split": 0.25}
    yield "csv", [("CSVLogger", {})], {"epochs": 3}
    yield "csv with validation", [("CSVLogger", {"separator": ";"})], {"epochs": 3, "validation_split": 0.25}
    yield "csv with validation at times", [("CSVLogger", {})], {"epochs": 4, "validation_split": 0.25, "validation_freq": 2}
    yield "csv and scheduler", [("LearningRateScheduler", {"schedule": step}), ("CSVLogger", {})], {"epochs": 3}
    yield "initial epoch", [("LearningRateScheduler", {"schedule": step}), ("CSVLogger", {})], {"epochs": 5, "initial_epoch": 3}
    yield "validation at given epochs", [("CSVLogger", {})], {"epochs": 5, "validation_split": 0.25, "validation_freq": [1, 4]}


def fitted(name, callbacks, options):
    x, y = data()
    model = linear()
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log.csv"
        made = []
        for class_name, given in callbacks:
            given = {"filename": str(path), **given} if class_name == "CSVLogger" else given
            made.append(getattr(keras.callbacks, class_name)(**given))
        history = model.fit(x, y, batch_size=4, shuffle=False, verbose=0, callbacks=made, **options)
        csv = path.read_bytes().decode() if path.exists() else None
    return {
        "name": name,
        "callbacks": [{"class": kind, "options": {k: v for k, v in given.items() if not callable(v)}} for kind, given in callbacks],
        "options": options,
        "x": tensor(x),
        "y": tensor(y),
        "epoch": history.epoch,
        "history": {key: [number(value) for value in column] for key, column in history.history.items()},
        "csv": csv,
        "weights": [tensor(weight) for weight in model.get_weights()],
    }


def hooks():
    """The order in which hooks are called, with the keys of their logs."""
    x, y = data()
    answers = {}
    names = [name for name in dir(keras.callbacks.Callback) if name.startswith("on_")]
    for method in ("fit", "evaluate", "predict"):
        seen = []

        def watch(name):
            def hook(self, *arguments, **keywords):
                given = [*arguments, *keywords.values()]
                index = given[0] if given and isinstance(given[0], int) else None
                logs = next((item for item in given if isinstance(item, dict)), None)
                keys = None if logs is None or "outputs" in logs else sorted(logs)
                seen.append({"hook": name, "index": index, "keys": keys or []})

            return hook

        own = [name for name in names if name not in ("on_batch_begin", "on_batch_end")]
        Watch = type("Watch", (keras.callbacks.Callback,), {name: watch(name) for name in own})
        model = linear()
        model.compile("sgd", "mse", metrics=["mae"])
        if method == "fit":
            model.fit(x, y, batch_size=5, epochs=2, validation_split=0.25, verbose=0, callbacks=[Watch()])
        elif method == "evaluate":
            model.evaluate(x, y, batch_size=5, verbose=0, callbacks=[Watch()])
        else:
            model.predict(x, batch_size=5, verbose=0, callbacks=[Watch()])
        answers[method] = seen
    return answers


TERMINATED = [
    ("in the first epoch", 1e18, {}),
    ("in the second epoch", 1e3, {}),
    ("in the third epoch, with a second metric", 30.0, {"metrics": ["mae"]}),
    ("without a validation in that epoch", 1e3, {"validation_freq": 3}),
]


def terminated(name, rate, options):
    """TerminateOnNaN beside validation data: losses grow until one is infinite."""
    x, y = data()
    model = linear()
    given = dict(options)
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=given.pop("metrics", []))
    said, calls = io.StringIO(), []
    noted = ("on_epoch_begin", "on_epoch_end", "on_train_batch_begin", "on_train_end", "on_test_end")
    watch = keras.callbacks.Callback()
    for hook in noted:
        setattr(watch, hook, lambda *arguments, hook=hook, **keywords: calls.append(hook))
    with contextlib.redirect_stdout(said):
        history = model.fit(x, y, batch_size=3, epochs=8, shuffle=False, verbose=0, validation_data=(x, y), callbacks=[keras.callbacks.TerminateOnNaN(), watch], **given)
    return {
        "name": name,
        "rate": rate,
        "options": options,
        "x": tensor(x),
        "y": tensor(y),
        "said": said.getvalue(),
        "epoch": history.epoch,
        "history": {key: tensor(column) for key, column in history.history.items()},
        "calls": calls,
    }


AVERAGES = [
    ("only at the end", {"ema_momentum": 0.5}, None, 3),
    ("swap in validation", {"ema_momentum": 0.5}, {}, 3),
    ("swap on epoch", {"ema_momentum": 0.5}, {"swap_on_epoch": True}, 3),
    ("overwrite every 2", {"ema_momentum": 0.8, "ema_overwrite_frequency": 2}, {}, 3),
    ("overwrite every 2, no swap", {"ema_momentum": 0.8, "ema_overwrite_frequency": 2}, None, 2),
]


def averages(name, options, swap, epochs):
    x, y = data()
    model = linear()
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, **options), "mse")
    callbacks = [] if swap is None else [keras.callbacks.SwapEMAWeights(**swap)]
    history = model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, validation_data=(x, y), verbose=0, callbacks=callbacks)
    return {
        "name": name,
        "options": options,
        "swap": swap,
        "epochs": epochs,
        "x": tensor(x),
        "y": tensor(y),
        "history": {key: [number(value) for value in column] for key, column in history.history.items()},
        "weights": [tensor(weight) for weight in model.get_weights()],
        "averages": [tensor(np.array(item)) for item in model.optimizer._model_variables_moving_average],
    }


def records():
    """TFRecord framing, as TensorBoard's files have it."""
    import base64

    import tensorflow as tf

    made = []
    with tempfile.TemporaryDirectory() as folder:
        for payload in (b"", b"x", bytes(range(256)), "epoch_loss".encode() * 50):
            path = f"{folder}/record"
            with tf.io.TFRecordWriter(path) as writer:
                writer.write(payload)
            framed = pathlib.Path(path).read_bytes()
            made.append({"payload": base64.b64encode(payload).decode(), "framed": base64.b64encode(framed).decode()})
    event = tf.compat.v1.Event(
        wall_time=1234.5,
        step=300,
        summary=tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag="epoch_loss", simple_value=0.25)]),
    )
    return {"framing": made, "event": base64.b64encode(event.SerializeToString()).decode()}
