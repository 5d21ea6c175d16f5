"""What the progress bar writes, with a stubbed clock."""

import contextlib
import io

import keras
import numpy as np
from keras.src.utils import progbar as module

from .encoding import number

START = 1000.0


class Clock:
    """Stands for the `time` module: moves on by `tick` seconds with each reading."""

    def __init__(self, tick=0.0):
        self.now, self.tick = START, tick

    def time(self):
        self.now += self.tick
        return self.now


@contextlib.contextmanager
def stubbed(clock, interactive, updates=None):
    """Progbar with this clock and display; `updates` collects the arguments of each update()."""
    real_time, real_init, real_update = module.time, module.Progbar.__init__, module.Progbar.update

    def init(bar, *arguments, **options):
        real_init(bar, *arguments, **options)
        bar._dynamic_display = interactive

    def update(bar, current, values=None, finalize=None):
        if updates is not None:
            pairs = [[key, number(value)] for key, value in values or []]
            updates.append({"current": current, "values": pairs, "finalize": finalize})
        return real_update(bar, current, values, finalize)

    module.time, module.Progbar.__init__, module.Progbar.update = clock, init, update
    try:
        yield
    finally:
        module.time, module.Progbar.__init__, module.Progbar.update = real_time, real_init, real_update


def record():
    return {
        "progbar": [bar(*entry) for entry in bars()],
        "fit": [run(*entry) for entry in runs()],
        "numbers": [{"value": value, "text": shown(value)} for value in NUMBERS],
        "durations": [{"secondsPerUnit": value, "text": module.Progbar(1)._format_time(value, "step")} for value in DURATIONS],
    }


NUMBERS = [
    0.0, 1.0, 0.5, 0.1234567, 2.302585, 0.99995, 0.99994, 9.99996, 123.456789, 12345.678, 1234567.8, 0.001, 0.00100001,
    0.0010001, 0.00099999, 0.00012345678, 1e-7, 1.5e-38, -0.5, -0.0005, -12.25, 1e10, 0.00005, 0.12345, 2.5e-4,
]  # fmt: skip
DURATIONS = [
    0.0, 1e-7, 4e-7, 6e-7, 1e-6, 1.5e-6, 2.5e-6, 0.0004567, 0.0009994, 0.0009996, 0.001, 0.0015, 0.0025, 0.0454, 0.0456,
    0.5, 0.9994, 0.9996, 1.0, 1.5, 2.5, 59.6, 75.0, 4000.0,
]  # fmt: skip


def shown(value):
    """The text of one value at the end of a line."""
    out = io.StringIO()
    with stubbed(Clock(), False), contextlib.redirect_stdout(out):
        module.Progbar(1, verbose=1).update(1, [("v", value)])
    return out.getvalue().split("- v: ")[1].rstrip("\n")


def bar(name, target, calls, verbose=1, interactive=True, unit="step", stateful=(), width=20):
    clock, recorded = Clock(), []
    with stubbed(clock, interactive):
        kind = {"stateless_metrics": []} if stateful is None else {"stateful_metrics": list(stateful)}
        progress = module.Progbar(target, width=width, verbose=verbose, unit_name=unit, **kind)
        for at, current, values, *rest in calls:
            clock.now = START + at
            finalize = rest[0] if rest else None
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                given = [(key, np.array(value, "float32") if isinstance(value, list) else value) for key, value in values]
                progress.update(current, given, finalize=finalize)
            recorded.append(
                {
                    "at": clock.now,
                    "current": current,
                    "values": [list(pair) for pair in values],
                    "finalize": finalize,
                    "output": out.getvalue(),
                }
            )
    return {
        "name": name,
        "target": target,
        "width": width,
        "verbose": verbose,
        "unitName": unit,
        "stateful": None if stateful is None else list(stateful),
        "interactive": interactive,
        "created": START,
        "calls": recorded,
    }


def bars():
    vectors = [
        (0.5, 1, [("f1", [0.5, 0.25, 0.0]), ("loss", 2.5)]),
        (1.0, 2, [("f1", [0.75, 0.25, 0.125]), ("loss", 1.5)]),
        (1.5, 3, [("f1", [[1.0, 2.0], [4.0, 5.0]]), ("loss", 1.25), ("val_f1", [-0.5, -0.25, 0.0])], True),
    ]
    yield "vectors, averaged", 3, vectors
    yield "vectors, as they are", 3, vectors, 1, True, "step", None
    yield "vectors in lines", 3, vectors, 2, False, "step", None
    training = [
        (2.0, 1, [("accuracy", 0.125), ("loss", 2.5)]),
        (2.045, 2, [("accuracy", 0.25), ("loss", 2.25)]),
        (2.1, 3, [("accuracy", 0.5), ("loss", 1.5)]),
        (2.2, 7, [("accuracy", 0.75), ("loss", 0.0005)]),
        (2.3, 12, [("accuracy", 0.9375), ("loss", 0.25)]),
    ]
    ending = [*training, (2.31, 12, [("accuracy", 0.9), ("loss", 0.3), ("val_accuracy", 0.8), ("val_loss", 0.4)], True)]
    for interactive in (True, False):
        where = "interactive" if interactive else "not interactive"
        for verbose in (0, 1, 2):
            yield f"training, verbose {verbose}, {where}", 12, ending, verbose, interactive, "step", None
        yield f"averages, {where}", 12, training, 1, interactive
        yield f"one stateful value, {where}", 12, training, 1, interactive, "step", ["loss"]
        yield f"unknown target, {where}", None, training, 1, interactive
        yield f"no values, {where}", 3, [(0.1, 1, []), (0.2, 2, []), (0.3, 3, [])], 1, interactive
        yield f"finalize withheld, {where}", 2, [(0.1, 1, [("a", 1.0)], False), (0.2, 2, [("a", 2.0)], False), (0.3, 2, [("a", 3.0)], True)], 1, interactive, "step", None
    long = [(1.0, 1, []), (31.0, 10, []), (500.0, 99, []), (900.0, 100, []), (3000.0, 500, []), (7000.0, 1000, [])]
    yield "minutes and hours", 1000, [(100.0 * at, current, values) for at, current, values in long]
    yield "seconds and minutes", 1000, long
    yield "microseconds", 100000, [(0.06, 100, []), (0.2, 50000, []), (0.5, 100000, [])]
    yield "one step", 1, [(0.5, 1, [("loss", 1.0)])]
    yield "nine steps", 9, [(0.1 * step, step, [("loss", 1.0 / step)]) for step in range(1, 10)]
    yield "line becomes shorter", 3, [(0.1, 1, [("loss", 1e-5)]), (0.2, 2, [("loss", 0.5)]), (300.0, 3, [("loss", 0.5)])], 1, True, "step", None
    yield "samples, wide", 50, [(0.1, 16, [("loss", 0.5)]), (0.3, 32, [("loss", 0.25)]), (0.5, 50, [("loss", 0.125)])], 1, True, "sample", (), 30
    yield "keys in order of arrival", 4, [(0.1, 1, [("z", 1.0), ("a", 2.0)]), (0.2, 2, [("m", 3.0), ("a", 4.0)]), (0.3, 4, [("a", 5.0)])], 1, True, "step", None
    yield "negative values, verbose 2", 2, [(0.1, 2, [("score", -0.5), ("loss", 0.5)])], 2, True, "step", None
    yield "negative values, verbose 1", 2, [(0.1, 2, [("score", -0.5), ("loss", 0.5)])], 1, True, "step", None


def runs():
    for verbose in (0, 1, 2):
        yield f"fit, verbose {verbose}", "fit", verbose, True, 2, True, 0.0
        yield f"evaluate, verbose {verbose}", "evaluate", verbose, True, 1, False, 0.0
        yield f"predict, verbose {verbose}", "predict", verbose, True, 1, False, 0.0
    yield "fit, one epoch", "fit", 1, True, 1, False, 0.0
    yield "fit, every step drawn", "fit", 1, True, 2, True, 0.1
    yield "fit, not interactive", "fit", 1, False, 2, True, 0.1
    yield "evaluate, every step drawn", "evaluate", 1, True, 1, False, 0.1
    yield "predict, every step drawn", "predict", 1, True, 1, False, 0.1


def run(name, method, verbose, interactive, epochs, validation, tick):
    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    random = np.random.default_rng(4)
    x, y = random.standard_normal((20, 6)).astype("float32"), random.integers(0, 3, 20)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    # Traced beforehand, so that no warning of the backend can join the recorded text.
    {"fit": lambda: model.train_on_batch(x, y), "evaluate": lambda: model.test_on_batch(x, y), "predict": lambda: model.predict_on_batch(x)}[method]()
    out, updates, logs = io.StringIO(), [], []
    with stubbed(Clock(tick), interactive, updates), contextlib.redirect_stdout(out):
        if method == "fit":
            held = (x[:8], y[:8]) if validation else None
            history = model.fit(x, y, batch_size=4, epochs=epochs, verbose=verbose, validation_data=held).history
            logs = [{key: number(values[epoch]) for key, values in history.items()} for epoch in range(epochs)]
        elif method == "evaluate":
            model.evaluate(x, y, batch_size=4, verbose=verbose)
        else:
            model.predict(x, batch_size=4, verbose=verbose)
    return {
        "name": name,
        "description": "Dense 3 on 20 samples, batch 4, metrics ['accuracy']; the clock starts at 1000 and moves by tick seconds with each reading (one when a bar is made, one in each update)",
        "method": method,
        "verbose": verbose,
        "interactive": interactive,
        "epochs": epochs,
        "steps": 5,
        "validation": validation,
        "tick": tick,
        "updates": updates,
        "output": out.getvalue(),
        "logs": logs,
    }
