"""What Keras offers: the public classes and functions of its modules, their parameters and the configs they default to."""

import ast
import importlib
import inspect
import pkgutil
import textwrap

import keras
from keras.src.models.functional import Functional

from .encoding import plain

# The modules that docs/keras.md compares name by name.
MODULES = [
    "models", "layers", "activations", "losses", "metrics", "optimizers", "optimizers.schedules", "callbacks",
    "initializers", "regularizers", "constraints", "ops", "ops.image", "random", "utils", "preprocessing.image", "applications",
]  # fmt: skip

# Modules whose names are all names of another one.
REPEATED = {"ops.nn": "ops", "ops.numpy": "ops", "ops.linalg": "ops"}

# The classes that people call the methods of, or subclass.
BASES = [
    "layers.Layer", "models.Model", "models.Sequential", "losses.Loss", "metrics.Metric", "optimizers.Optimizer",
    "optimizers.schedules.LearningRateSchedule", "callbacks.Callback", "initializers.Initializer",
    "regularizers.Regularizer", "constraints.Constraint",
]  # fmt: skip

# What a required parameter gets, so that the config shows the defaults of all others.
NEEDED = {
    "units": 3, "filters": 4, "kernel_size": 3, "pool_size": 2, "output_size": 2, "rate": 0.5, "stddev": 0.5,
    "dims": [2, 1], "n": 3, "target_shape": [6], "axes": 1, "activation": "relu", "input_dim": 5, "output_dim": 3,
    "equation": "ab,bc->ac", "output_shape": 4, "height": 4, "width": 5, "scale": 0.5, "factor": 0.5, "seed": 1,
    "height_factor": 0.2, "width_factor": 0.2, "layers": [], "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "boundaries": [5],
    "values": [0.1, 0.01], "first_decay_steps": 10, "num_classes": 3, "target_class_ids": [0], "recall": 0.5,
    "precision": 0.5, "sensitivity": 0.5, "specificity": 0.5, "num_tokens": 4, "num_heads": 2, "bin_boundaries": [1.0],
}  # fmt: skip


def record():
    modules = {path: names(path) for path in MODULES}
    for path, other in REPEATED.items():
        missing = set(public(module(path))) - set(modules[other])
        assert not missing, f"{path} has what {other} has not: {missing}"
    return {
        "modules": modules,
        "members": {path: members(attribute(path)) for path in BASES},
        "elsewhere": elsewhere(),
    }


def module(path):
    return importlib.import_module(f"keras.{path}")


def attribute(path):
    head, _, name = path.rpartition(".")
    return getattr(module(head), name)


def public(namespace):
    return {
        name: value
        for name, value in sorted(vars(namespace).items())
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def names(path):
    """Every name of a module; one that is another's object is its alias."""
    entries, first = {}, {}
    for name, value in sorted(public(module(path)).items(), key=lambda item: (rank(*item), item[0])):
        if id(value) in first:
            entries[name] = {"alias": first[id(value)]}
            continue
        first[id(value)] = name
        kind = "class" if inspect.isclass(value) else "function" if callable(value) else "value"
        entries[name] = {"kind": kind}
        if kind != "value":
            entries[name]["parameters"] = parameters(value)
        if kind == "class" and (config := default_config(value)) is not None:
            entries[name] |= config
    return dict(sorted(entries.items()))


def rank(name, value):
    """An object's own name comes before its aliases."""
    return getattr(value, "__name__", name) != name


def parameters(value):
    """In order, with defaults; those that `**kwargs` hands to the classes above come last."""
    if value is keras.Model:
        value = Functional
    classes = value.__mro__ if inspect.isclass(value) else [None]
    found, given = {}, set()
    for cls in classes:
        function = value if cls is None else vars(cls).get("__init__")
        if function is None or not inspect.isfunction(inspect.unwrap(function)):
            continue
        rest = False
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                rest |= parameter.kind is parameter.VAR_KEYWORD
                continue
            entry = described(parameter, cls is not classes[0])
            if parameter.name == "self" or parameter.name in given or (cls is not classes[0] and "default" not in entry):
                continue
            found.setdefault(parameter.name, entry)
        if not rest:
            break
        given |= handed_on(function)
        if cls is keras.layers.Layer:
            found["input_shape"] = {"name": "input_shape", "default": None, "keyword": True}
    return list(found.values())


def handed_on(function):
    """What a constructor itself gives to the class above, so that nobody else can."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"]
    return {keyword.arg for call in calls for keyword in call.keywords}


def described(parameter, inherited):
    entry = {"name": parameter.name}
    if parameter.default is not parameter.empty:
        try:
            entry["default"] = jsonable(parameter.default)
        except TypeError:
            entry["default"] = str(parameter.default)
    if inherited or parameter.kind is parameter.KEYWORD_ONLY:
        entry["keyword"] = True
    return entry


def jsonable(value):
    """JSON types alone; a number that JSON has not is a string."""
    value = plain(value)
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"not JSON: {value!r}")


def default_config(cls):
    """The config of an instance with nothing but what it needs, and what that was."""
    needed = [p["name"] for p in parameters(cls) if "default" not in p]
    if any(name not in NEEDED for name in needed):
        return None
    options = {name: NEEDED[name] for name in needed}
    try:
        keras.utils.clear_session()
        instance = cls(**options)
        if hasattr(instance, "get_config"):
            config = jsonable(instance.get_config())
            # Some draw a seed where none is given.
            return {"options": options, "config": config | ({"seed": options.get("seed")} if "seed" in config else {})}
        return {"options": options, "config": fields(instance)} if isinstance(instance, keras.callbacks.Callback) else None
    except (NotImplementedError, TypeError, ValueError, ImportError, AttributeError):
        return None


def fields(callback):
    """A callback has no config: what it keeps of its parameters."""
    kept = {}
    for name in (parameter["name"] for parameter in parameters(type(callback))):
        try:
            kept[name] = jsonable(getattr(callback, name))
        except (AttributeError, TypeError):
            continue
    return kept


def members(cls):
    """The public methods and properties that Keras's own classes give a class."""
    found = {}
    for owner in reversed(cls.__mro__):
        if not owner.__module__.startswith("keras.src"):
            continue
        for name, value in vars(owner).items():
            if name.startswith("_") or inspect.isclass(value):
                continue
            function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
            if not callable(function):
                found[name] = {"kind": "property"}
                continue
            list_of = parameters(inspect.unwrap(function))
            found[name] = {"kind": "method", "parameters": [p for p in list_of if p["name"] != "cls"]}
    return dict(sorted(found.items()))


def elsewhere():
    """The names of what is not compared name by name: top-level names, and whole modules."""
    compared = {path.split(".")[0] for path in MODULES}
    seen = {id(value) for path in MODULES for value in public(module(path)).values()}
    top = {name: value for name, value in public(keras).items() if id(value) not in seen}
    packages = {}
    for found in pkgutil.iter_modules(keras.__path__):
        if found.name not in {*compared, "src"} and not found.name.startswith("_"):
            packages[found.name] = sorted(contents(f"keras.{found.name}"))
    for path in sorted(compared):
        for found in pkgutil.iter_modules(module(path).__path__):
            inner = f"{path}.{found.name}"
            if inner not in {*MODULES, *REPEATED}:
                packages[inner] = sorted(contents(f"keras.{inner}"))
    return {"names": sorted(top), "modules": dict(sorted(packages.items()))}


def contents(path):
    namespace = importlib.import_module(path)
    inner = [found.name for found in pkgutil.iter_modules(getattr(namespace, "__path__", []))]
    return [*public(namespace), *inner]
