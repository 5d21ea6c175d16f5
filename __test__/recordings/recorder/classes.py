"""Which classes of Keras the recordings hold: the compiler reads it, so that none of Fovea's is forgotten."""

import inspect
import json

import keras

MODULES = [
    "layers", "losses", "metrics", "optimizers.schedules", "optimizers", "callbacks",
    "initializers", "regularizers", "constraints", "activations",
]  # fmt: skip

# What entries hold besides themselves: parts of a model, or names alone.
NOT_ITSELF = {"config", "options", "layers", "model", "layerNames", "metricNames", "weightOrder"}


def index(folder):
    """By module and class, in the order of the alphabet, the topics; aliases of Keras count as their class."""
    found = {module: {} for module in MODULES}
    for path in sorted(folder.glob("*.json")):
        if path.stem in ("classes", "surface"):
            continue
        for name in sorted(set(named(json.loads(path.read_text(encoding="utf-8"))))):
            module = module_of(name, path.stem)
            for other in aliases(module, name):
                found[module].setdefault(other, []).append(path.stem)
    return {module: dict(sorted(names.items())) for module, names in found.items()}


def named(value):
    """The classes (of activations, the functions) that entries anywhere in a recording are about."""
    if isinstance(value, list):
        for item in value:
            yield from named(item)
    elif isinstance(value, dict):
        yield from (value[key] for key in ("class", "function") if isinstance(value.get(key), str))
        for key, item in value.items():
            if key not in NOT_ITSELF:
                yield from named(item)


def namespace(module):
    found = keras
    for name in module.split("."):
        found = getattr(found, name)
    return vars(found)


def module_of(name, topic):
    """The module that has the name; of several the one that the topic begins with."""
    having = [module for module in MODULES if name in namespace(module)]
    meant = [module for module in having if topic.startswith(module)] or having
    assert len(meant) == 1, f"{topic}: {name} may be of any of {having}"
    return meant[0]


def aliases(module, name):
    value = namespace(module)[name]
    if inspect.isfunction(value):
        return [name]
    return [other for other, same in namespace(module).items() if same is value and other[0].isupper()]
