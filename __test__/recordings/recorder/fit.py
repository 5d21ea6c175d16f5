"""Log keys, averaged values, automatic names, the validation cut and the order of weights."""

import keras
import numpy as np

from .encoding import number, plain, tensor
from .weight_order import orders

NAMED = [
    "Input", "Dense", "Conv2D", "MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D",
    "Flatten", "Reshape", "Dropout", "Activation", "ReLU", "Softmax", "BatchNormalization", "ZeroPadding2D", "Rescaling",
    "Add", "Concatenate", "MaxPool2D", "AvgPool2D", "GlobalAvgPool2D", "GlobalMaxPool2D", "Convolution2D",
]  # fmt: skip
NEEDED = {
    "Input": {"shape": (4,)}, "Dense": {"units": 2}, "Conv2D": {"filters": 2, "kernel_size": 3}, "Dropout": {"rate": 0.5},
    "Convolution2D": {"filters": 2, "kernel_size": 3}, "AveragePooling2D": {"pool_size": 2}, "AvgPool2D": {"pool_size": 2},
    "Reshape": {"target_shape": (4,)}, "Activation": {"activation": "relu"}, "Rescaling": {"scale": 0.5},
}  # fmt: skip
METRICS = [
    "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "TopKCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy", "MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "Mean", "Sum",
    "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy",
]  # fmt: skip
LOSSES = ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
OPTIMIZERS = ["SGD", "RMSprop", "Adam", "AdamW"]


def record():
    return {
        "compile": [compiled(*entry) for entry in compilations()],
        "values": [averaged(*entry) for entry in averages()],
        "layerNames": [layer_names(class_name) for class_name in NAMED],
        "metricNames": metric_names(),
        "validationSplit": [cut(*entry) for entry in CUTS],
        "weightOrder": orders(),
    }


def random_targets(shapes, random):
    kinds = {(): lambda: random.integers(0, 3, 12), (1,): lambda: random.integers(0, 2, (12, 1)), (3,): lambda: np.eye(3)[random.integers(0, 3, 12)]}
    return {name: np.asarray(kinds[tuple(shape)](), "float32") for name, shape in shapes.items()}


def one_output(units=3, activation="softmax"):
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units, activation=activation, name="digit")(inputs))


def two_outputs():
    inputs = keras.Input((4,))
    digit = keras.layers.Dense(3, activation="softmax", name="digit")(inputs)
    even = keras.layers.Dense(1, activation="sigmoid", name="even")(inputs)
    return keras.Model(inputs, [digit, even])


def two_outputs_by_name():
    inputs = keras.Input((4,))
    digit = keras.layers.Dense(3, activation="softmax", name="dense_digit")(inputs)
    even = keras.layers.Dense(1, activation="sigmoid", name="dense_even")(inputs)
    return keras.Model(inputs, {"digit": digit, "even": even})


def compilations():
    sparse, both = {"digit": []}, {"digit": [], "even": [1]}
    crossentropies = ["sparse_categorical_crossentropy", "binary_crossentropy"]
    by_name = {"digit": "sparse_categorical_crossentropy", "even": "binary_crossentropy"}
    one, two = "Dense 3 softmax named digit", "outputs: Dense 3 softmax named digit, Dense 1 sigmoid named even"
    yield "no metrics", one, one_output, {"loss": crossentropies[0]}, sparse
    yield "accuracy", one, one_output, {"loss": crossentropies[0], "metrics": ["accuracy"]}, sparse
    yield "acc", one, one_output, {"loss": crossentropies[0], "metrics": ["acc"]}, sparse
    yield "accuracy and acc", one, one_output, {"loss": crossentropies[0], "metrics": ["accuracy", "acc"]}, sparse
    yield "accuracy, no validation", one, one_output, {"loss": crossentropies[0], "metrics": ["accuracy"]}, sparse, False
    yield "accuracy, one-hot", one, one_output, {"loss": "categorical_crossentropy", "metrics": ["accuracy", "mse"]}, {"digit": [3]}
    yield "accuracy, binary", "Dense 1 sigmoid named digit", lambda: one_output(1, "sigmoid"), {"loss": "binary_crossentropy", "metrics": ["accuracy"]}, {"digit": [1]}
    yield "several names", one, one_output, {"loss": "mse", "metrics": ["mae", "mean_absolute_error", "categorical_accuracy"]}, {"digit": [3]}
    yield "metric object", one, one_output, {"loss": crossentropies[0], "metrics": [keras.metrics.SparseCategoricalAccuracy()]}, sparse
    yield "metric object with name", one, one_output, {"loss": crossentropies[0], "metrics": [keras.metrics.SparseCategoricalAccuracy(name="hits")]}, sparse
    yield "loss object", one, one_output, {"loss": keras.losses.SparseCategoricalCrossentropy(), "metrics": ["accuracy"]}, sparse
    yield "weighted metrics", one, one_output, {"loss": crossentropies[0], "metrics": ["accuracy"], "weighted_metrics": ["accuracy"]}, sparse
    yield "two outputs", two, two_outputs, {"loss": crossentropies}, both
    yield "two outputs, one loss for both", two, two_outputs, {"loss": "mse"}, {"digit": [3], "even": [1]}
    yield "two outputs, losses by name", two, two_outputs, {"loss": by_name}, both
    yield "two outputs, accuracy for each", two, two_outputs, {"loss": by_name, "metrics": {"digit": ["accuracy"], "even": ["accuracy"]}}, both
    yield "two outputs, lists of metrics", two, two_outputs, {"loss": crossentropies, "metrics": [["accuracy"], ["mae", "accuracy"]]}, both
    yield "two outputs, metrics for one", two, two_outputs, {"loss": by_name, "metrics": {"even": ["accuracy"]}}, both
    yield "two outputs, weights of losses", two, two_outputs, {"loss": by_name, "loss_weights": {"digit": 1.0, "even": 0.5}, "metrics": {"digit": "accuracy"}}, both
    yield "two outputs, dictionary", "outputs {digit, even} of layers dense_digit and dense_even", two_outputs_by_name, {"loss": by_name, "metrics": {"digit": ["accuracy"], "even": ["accuracy"]}}, both


def compiled(name, description, build, options, shapes, validation=True):
    keras.utils.clear_session()
    keras.utils.set_random_seed(8)
    random = np.random.default_rng(8)
    model = build()
    recorded = plain(options)
    model.compile("sgd", **options)
    x = random.standard_normal((12, 4)).astype("float32")
    named = random_targets(shapes, random)
    y = list(named.values())[0] if len(named) == 1 else list(named.values())
    if isinstance(model.output, dict):
        y = named
    seen = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(list(logs)))
    split = 0.25 if validation else 0.0
    history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_split=split, callbacks=[watch]).history
    answer = model.evaluate(x, y, verbose=0)
    outputs = model.output.items() if isinstance(model.output, dict) else zip(model.output_names, model.outputs)
    return {
        "name": name,
        "description": description,
        "outputs": [{"name": key, "shape": list(item.shape)} for key, item in outputs],
        "options": recorded,
        "yTrue": shapes,
        "validation": validation,
        "history": list(history),
        "batchLogs": seen[0],
        "metricsNames": list(model.metrics_names),
        "evaluate": list(model.evaluate(x, y, verbose=0, return_dict=True)),
        "evaluateCount": int(np.size(answer)),
    }


def averages():
    options = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    weighted = {**options, "weighted_metrics": ["accuracy"]}
    weights = np.random.default_rng(9).uniform(0, 2, 11).astype("float32")
    yield "last batch smaller", options, {}
    yield "sample weights", weighted, {"sample_weight": weights}
    yield "class weights", weighted, {"class_weight": {0: 0.5, 1: 1.0, 2: 3.0}}
    yield "validation split", options, {"validation_split": 0.3}
    yield "validation split, sample weights", weighted, {"validation_split": 0.3, "sample_weight": weights}
    yield "squared error", {"loss": "mse", "metrics": ["mae"]}, {}
    yield "sum of losses", {"loss": keras.losses.MeanSquaredError(reduction="sum"), "metrics": []}, {}


def averaged(name, options, arguments):
    keras.utils.clear_session()
    random = np.random.default_rng(10)
    model = one_output()
    values = [random.standard_normal(weight.shape).astype("float32") for weight in model.weights]
    model.set_weights(values)
    recorded = plain(options)
    model.compile(keras.optimizers.SGD(0.0), **options)
    x = random.standard_normal((11, 4)).astype("float32")
    y = random.integers(0, 3, 11).astype("int32")
    if "mse" in str(options["loss"]) or not isinstance(options["loss"], str):
        y = np.eye(3, dtype="float32")[y]
    history = model.fit(x, y, batch_size=4, epochs=1, verbose=0, shuffle=False, **arguments).history
    weight, classes = arguments.get("sample_weight"), arguments.get("class_weight")
    return {
        "name": name,
        "description": "Dense 3 softmax named digit; SGD with learning rate 0, so only averaging shows",
        "options": recorded,
        "weights": [tensor(value) for value in values],
        "x": tensor(x),
        "y": tensor(y),
        "sampleWeight": None if weight is None else tensor(weight),
        "batchSize": 4,
        "classWeight": None if classes is None else {str(key): value for key, value in classes.items()},
        "validationSplit": arguments.get("validation_split", 0.0),
        "history": {key: [number(value) for value in column] for key, column in history.items()},
    }


def layer_names(class_name):
    keras.utils.clear_session()
    options = NEEDED.get(class_name, {})
    made = [getattr(keras.layers, class_name)(**options) for _ in range(3)]
    return {"class": class_name, "options": plain(options), "names": [item.name for item in made]}


def metric_names():
    keras.utils.clear_session()
    groups = [("metrics", METRICS), ("losses", LOSSES), ("optimizers", OPTIMIZERS)]
    return [
        {"kind": kind, "class": class_name, "name": getattr(getattr(keras, kind), class_name)().name}
        for kind, names in groups
        for class_name in names
    ]


CUTS = [(10, 0.2), (10, 0.25), (11, 0.2), (7, 0.3), (60000, 0.2), (60000, 0.1), (1000, 0.33), (3, 0.5), (100, 0.29), (100, 0.07), (5, 0.75)]


def cut(samples, split):
    """Counts what each part of the cut really holds."""
    x = np.arange(samples, dtype="float32")[:, None]
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    (train,), (validation,) = train_validation_split((x,), validation_split=split)
    return {
        "samples": samples,
        "split": split,
        "train": len(train),
        "validation": len(validation),
        "firstOfValidation": int(validation[0, 0]),
    }
