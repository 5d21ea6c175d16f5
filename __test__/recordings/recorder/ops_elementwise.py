"""Operations on single elements, and products of whole numbers, with the dtypes they have."""

import numpy as np
import tensorflow as tf
from keras import ops

from .ops import T, case

x, y = T(0), T(1)

WHOLE = ("int32", "int64", "uint32", "uint8", "int8")


def record():
    everything = [*functions(), *edges(), *tests(), *bits(), *wholes(), *products(), *extremes(), *kept()]
    return {"cases": [typed(index, *entry) for index, entry in enumerate(everything)]}


def typed(index, name, op, arguments, inputs, run, dtypes=None):
    """A case whose inputs are cast to `dtypes` before the call, with the dtypes of what comes out."""
    found = []

    def call(*sources):
        result = run(*(source if dtypes is None else tf.cast(source, dtype) for source, dtype in zip(sources, dtypes or sources)))
        found.append(result.dtype.name)
        # Recordings know int32 and float32.
        return result if result.dtype.is_floating else tf.cast(result, "int32")

    recorded = case(index, name, op, arguments, inputs, call)
    return recorded | {"inputDTypes": dtypes, "outputDTypes": found}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def functions():
    """Values and gradients inside the domains."""
    random = np.random.default_rng(5)
    domains = {
        "tan": (-4, 4), "sinh": (-5, 5), "cosh": (-5, 5), "arcsin": (-0.95, 0.95), "arccos": (-0.95, 0.95), "arctan": (-6, 6),
        "arcsinh": (-8, 8), "arccosh": (1.05, 9), "arctanh": (-0.95, 0.95), "log2": (0.01, 40), "log10": (0.01, 4000), "exp2": (-9, 9),
        "trunc": (-3, 3), "erfc": (-3, 5), "erfinv": (-0.98, 0.98), "cbrt": (-9, 9), "sinc": (-4, 4), "fabs": (-3, 3),
    }  # fmt: skip
    for name, (low, high) in domains.items():
        for shape in ((3, 7), (1, 1), (2, 1, 5)):
            yield f"{name} {shape}", name, [x], [random.uniform(low, high, shape)], getattr(ops, name)
        counts = np.array([1, 2, 3, 5]) if low > 0 else np.array([-1, 0, 1])
        # TensorFlow has no error functions of whole numbers; of the others some are infinite.
        if name not in ("erfc", "erfinv", "arctanh", "arcsin", "arccos", "arccosh"):
            yield f"{name} int32", name, [x], [counts], getattr(ops, name)
    for name in ("arctan2", "hypot", "logaddexp", "logaddexp2", "fmax", "fmin", "heaviside"):
        for left, right in (((3, 5), (3, 5)), ((4, 1), (3,)), ((1,), (2, 2))):
            inputs = [random.uniform(-3, 3, left), random.uniform(-3, 3, right)]
            yield f"{name} {left} {right}", name, [x, y], inputs, getattr(ops, name)
    for left, right in (((3, 5), (3, 5)), ((4, 1), (3,))):
        yield f"fmod {left} {right}", "fmod", [x, y], [random.uniform(-9, 9, left), random.uniform(0.6, 3, right) * random.choice([-1, 1], right)], ops.fmod
    yield "fmod int32", "fmod", [x, y], [np.array([7, -7, 7, -7, 6]), np.array([3, 3, -3, -3, 2])], ops.fmod
    yield "ldexp", "ldexp", [x, y], [(3, 4), np.array([-3, 0, 2, 9])], ops.ldexp
    yield "arctan2 int32", "arctan2", [x, y], [np.array([1, 0, -1, 2]), np.array([2, -1, 0, -3])], ops.arctan2


def edges():
    """Zeros of both signs, infinities and NaN; values alone, since gradients are not finite there."""
    special = np.array([0.0, -0.0, 1, -1, 2, -2, np.inf, -np.inf, np.nan, 1e-30, 1e30, -1e30], "float32")
    names = ("arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "log2", "log10", "trunc", "erfc", "erfinv")
    for name in names:
        yield f"{name} special", name, [x], [special], lambda a, f=getattr(ops, name): tf.stop_gradient(f(a))
    few = np.array([0.0, -0.0, 2, -3, np.inf, -np.inf, np.nan], "float32")
    # Not nextafter, which on the TensorFlow backend is the next float64, rounded.
    for name in ("arctan2", "fmax", "fmin"):
        yield f"{name} special", name, [x, y], [few.reshape(-1, 1), few], lambda a, b, f=getattr(ops, name): tf.stop_gradient(f(a, b))


def tests():
    special = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan], "float32")
    for name, ours in (("isinf", "isInf"), ("isposinf", "isPosInf"), ("isneginf", "isNegInf"), ("signbit", "signbit"), ("isnan", "isNan"), ("isfinite", "isFinite")):
        yield f"{name}", ours, [x], [special], getattr(ops, name)
        yield f"{name} int32", ours, [x], [np.array([-1, 0, 1])], getattr(ops, name)


def bits():
    left = np.array([[0, 1, 2, 3, 5], [7, 64, 100, 126, 127]])
    right = np.array([3, 1, 6, 0, 2])
    for dtype in WHOLE:
        pair = [dtype, dtype]
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
            yield f"{name} {dtype}", camel(name), [x, y], [left, right], getattr(ops, name), pair
        for name in ("left_shift", "right_shift", "bitwise_left_shift", "bitwise_right_shift"):
            yield f"{name} {dtype}", camel(name), [x, y], [left, right], getattr(ops, name), pair
            yield f"{name} {dtype} number", camel(name), [x, 2], [left], lambda a, f=getattr(ops, name): f(a, 2), [dtype]
        for name in ("bitwise_not", "bitwise_invert"):
            yield f"{name} {dtype}", camel(name), [x], [left], getattr(ops, name), [dtype]
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "right_shift"):
        yield f"{name} negative", camel(name), [x, y], [-left, right], getattr(ops, name)
    yield "bitwise_and mixed", "bitwiseAnd", [x, y], [left, right], ops.bitwise_and, ["uint8", "int32"]


def wholes():
    left = np.array([[12, 18, 7, 0, 100], [0, 1, 64, 27, 35]])
    right = np.array([8, 27, 1, 0, 75])
    for dtype in WHOLE:
        yield f"gcd {dtype}", "gcd", [x, y], [left, right], ops.gcd, [dtype, dtype]
    for dtype in ("int32", "int64"):
        yield f"lcm {dtype}", "lcm", [x, y], [left, right], ops.lcm, [dtype, dtype]
        yield f"gcd {dtype} negative", "gcd", [x, y], [-left, right], ops.gcd, [dtype, dtype]
        yield f"lcm {dtype} negative", "lcm", [x, y], [-left, right], ops.lcm, [dtype, dtype]
    yield "trunc int32", "trunc", [x], [left], ops.trunc
    yield "trunc uint8", "trunc", [x], [left], ops.trunc, ["uint8"]


def products():
    # Nothing that is int16 in Keras, a dtype that Fovea does not have.
    random = np.random.default_rng(9)

    def whole(*shape, low=-4, high=5):
        return random.integers(low, high, shape)

    shapes = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((1, 1), (1, 5)), ((2, 3, 4), (4, 2)), ((2, 3, 4), (2, 4, 1)), ((2, 1, 3, 4), (5, 4, 2))]
    for dtypes in (["int32", "int32"], ["int8", "int8"], ["int64", "int32"], ["int32", "float32"], ["int8", "int32"]):
        for a, b in shapes:
            yield f"matmul {a} {b} {dtypes}", "matmul", [x, y], [whole(*a), whole(*b)], ops.matmul, dtypes
    for dtypes in (["uint8", "uint8"], ["bool", "bool"], ["bool", "int32"], ["uint8", "float32"]):
        for a, b in shapes[3:6]:
            yield f"matmul {a} {b} {dtypes}", "matmul", [x, y], [whole(*a, low=0), whole(*b, low=0)], ops.matmul, dtypes
    for dtypes in (["int32", "int32"], ["int8", "int8"], ["uint8", "int32"], ["int32", "float32"]):
        low = 0 if "uint8" in dtypes else -4
        for equation, a, b in (("ij,jk->ik", (2, 3), (3, 4)), ("bij,bkj->bki", (2, 3, 4), (2, 2, 4)), ("ij,ij->", (2, 3), (2, 3)), ("i,j->ij", (2,), (3,)), ("ii,ij->j", (3, 3), (3, 2)), ("...ij,jk->...ik", (2, 1, 3), (3, 2))):
            yield f"einsum {equation} {dtypes}", "einsum", [equation, x, y], [whole(*a, low=low), whole(*b, low=low)], lambda p, q, e=equation: ops.einsum(e, p, q), dtypes
        for name, a, b in (("dot", (3,), (3,)), ("dot", (2, 3), (3, 2)), ("dot", (2, 2, 3), (4, 3, 2)), ("inner", (2, 3), (4, 3)), ("vdot", (2, 3), (2, 3)), ("outer", (3,), (2,)), ("kron", (2, 2), (1, 3)), ("cross", (2, 3), (2, 3))):
            if name == "vdot" and "int8" in dtypes:
                continue
            yield f"{name} {a} {b} {dtypes}", name, [x, y], [whole(*a, low=low), whole(*b, low=low)], getattr(ops, name), dtypes
        yield f"tensordot {dtypes}", "tensordot", [x, y, 2], [whole(2, 3, 4, low=low), whole(3, 4, 2, low=low)], lambda p, q: ops.tensordot(p, q, axes=2), dtypes


def extremes():
    """Where they overflow, vanish, and are exact; values alone, since gradients are not finite there."""
    far = np.array([0.0, -0.0, 3, -88, 100, -100, 1e8, -1e8, 2e38, 1e-30, np.inf, -np.inf, np.nan], "float32")
    # Of two infinities it is NaN in Keras, and infinite by IEEE 754.
    yield "hypot special", "hypot", [x, y], [far.reshape(-1, 1), far[np.isfinite(far)]], lambda a, b: tf.stop_gradient(ops.hypot(a, b))
    yield "hypot of zeros", "hypot", [x, y], [np.array([0.0, 0.0, 3.0]), np.array([0.0, -2.0, 0.0])], ops.hypot
    yield "exp2 special", "exp2", [x], [far], lambda a: tf.stop_gradient(ops.exp2(a))
    yield "exp2 whole", "exp2", [x], [np.arange(-126, 128).astype("float32")], lambda a: tf.stop_gradient(ops.exp2(a))


def kept():
    """Operations that leave whole numbers whole."""
    signed, unsigned = np.array([-100, -7, -1, 0, 1, 3, 6, 100]), np.array([0, 1, 2, 3, 6, 7, 100, 200])
    for dtype in WHOLE:
        left = unsigned if dtype.startswith("u") else signed
        for name in ("relu", "relu6"):
            yield f"{name} {dtype}", name, [x], [left], getattr(ops, name), [dtype]
        yield f"cumsum {dtype}", "cumsum", [x, 0], [left], lambda a: ops.cumsum(a, axis=0), [dtype]
        yield f"square {dtype}", "square", [x], [left], ops.square, [dtype]
        # TensorFlow's own powers and roundings of uint32 are not there.
        if dtype != "uint32":
            yield f"round {dtype}", "round", [x], [left], ops.round, [dtype]
            yield f"power {dtype}", "power", [x, y], [left, np.array([1, 3, 7, 0, 9, 5, 2, 4])], ops.power, [dtype, dtype]
            yield f"power {dtype} float32", "power", [x, y], [np.abs(left), np.array([1, 3, 1, 0, 9, 5, 2, 2])], ops.power, [dtype, "float32"]
    yield "cumsum bool", "cumsum", [x, 0], [signed], lambda a: ops.cumsum(a, axis=0), ["bool"]
    for dtype in ("int32", "int64"):
        for exponent in (0, 1, 2, 5, 0.5):
            yield f"power {dtype} number {exponent}", "power", [x, exponent], [np.abs(signed)], lambda a, e=exponent: ops.power(a, e), [dtype]
        yield f"power number {dtype}", "power", [3, x], [np.array([0, 1, 4, 9])], lambda a: ops.power(3, a), [dtype]
    yield "power int32 int64", "power", [x, y], [signed, np.array([1, 3, 7, 0, 9, 5, 2, 4])], ops.power, ["int32", "int64"]
    yield "power uint8 int32", "power", [x, y], [unsigned, np.array([1, 3, 7, 0, 9, 5, 2, 4])], ops.power, ["uint8", "int32"]
    yield "exp2 int8", "exp2", [x], [np.array([-3, 0, 9])], ops.exp2, ["int8"]
    yield "norm int32 ord 3", "norm", [x, 3], [np.array([1, 2, 2000])], lambda a: ops.norm(a, ord=3), ["int32"]
