"""Which hooks steps_per_execution calls, with which logs, and that it changes no number."""

import keras

from .callbacks import data, linear
from .encoding import number, plain, tensor

METHODS = ["fit", "evaluate", "predict"]


def record():
    return {"cases": [case(*entry) for entry in cases()]}


def cases():
    for method in METHODS:
        for size in (1, 2, 3, 4, 9):
            yield f"{method}, {size} steps at once", method, size, False, {}
        yield f"{method} eagerly, 2 steps at once", method, 2, True, {}
    yield "validation, 2 steps at once", "fit", 2, False, {"validation_split": 0.25}
    yield "epochs of 2 steps, 2 at once", "fit", 2, False, {"steps_per_epoch": 2, "epochs": 2}
    yield "evaluate 2 of the steps, 2 at once", "evaluate", 2, False, {"steps": 2}
    yield "predict 2 of the steps, 2 at once", "predict", 2, False, {"steps": 2}


class Watch(keras.callbacks.Callback):
    """Notes each call of a batch hook: its name, its index, and what the logs hold."""

    def __init__(self):
        super().__init__()
        self.calls = []
        for method in ("train", "test", "predict"):
            for end in ("begin", "end"):
                setattr(self, f"on_{method}_batch_{end}", self.noting(f"on_{method}_batch_{end}"))

    def noting(self, hook):
        def note(index, logs=None):
            known = {} if logs is None or "outputs" in logs else logs
            self.calls.append({"hook": hook, "index": index, "logs": {key: number(value) for key, value in known.items()}})

        return note


def case(name, method, size, eager, options):
    x, y = data()
    model = linear()
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"], steps_per_execution=size, run_eagerly=eager)
    watch = Watch()
    given = {"batch_size": 3 if "validation_split" not in options else 2, "verbose": 0, "callbacks": [watch], **options}
    history, output = {}, None
    if method == "fit":
        history = model.fit(x, y, shuffle=False, **given).history
    elif method == "evaluate":
        model.evaluate(x, y, **given)
    else:
        output = model.predict(x, **given)
    return {
        "name": name,
        "method": method,
        "stepsPerExecution": size,
        "eager": eager,
        "options": plain({key: value for key, value in given.items() if key not in ("verbose", "callbacks")}),
        "x": tensor(x),
        "y": tensor(y),
        "calls": watch.calls,
        "iterations": int(model.optimizer.iterations.numpy()),
        "history": {key: [number(value) for value in column] for key, column in history.items()},
        "output": None if output is None else tensor(output),
        "weights": [tensor(weight) for weight in model.get_weights()],
    }
