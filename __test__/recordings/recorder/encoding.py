"""How arrays, numbers and Keras configs are written to JSON (see README.md)."""

import base64
import json

import numpy as np


def tensor(value):
    """An array as `{shape, dtype, data}`: integers and booleans become int32, everything else float32."""
    array = np.asarray(value)
    dtype = "int32" if array.dtype.kind in "iub" else "float32"
    array = np.ascontiguousarray(array, dtype="<i4" if dtype == "int32" else "<f4")
    shape = list(np.shape(value))
    return {"shape": shape, "dtype": dtype, "data": base64.b64encode(array.tobytes()).decode("ascii")}


def number(value):
    """A float32 as the shortest decimal that restores it."""
    return float(str(np.float32(value)))


def plain(value):
    """A config or an options object with nothing in it but JSON types."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "get_config"):
        import keras

        return plain(keras.saving.serialize_keras_object(value))
    return value


def write(path, fields):
    """Compact JSON with one line per case, so that a change shows as changed cases."""
    lines = []
    for key, value in fields.items():
        head = f"{json.dumps(key)}:"
        if isinstance(value, list):
            items = ",\n".join(dump(item) for item in value)
            lines.append(f"{head}[\n{items}\n]")
        else:
            lines.append(head + dump(value))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
