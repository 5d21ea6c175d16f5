"""Operations on arrays: products by index, sorting, picking, moving."""

import numpy as np
from keras import ops

from .ops import T
from .ops import record as record_cases

x, y, z = T(0), T(1), T(2)


def record():
    return record_cases([*einsums(), *products(), *sorting(), *indexing(), *moving(), *elementwise(), *reductions(), *mixed(), *blocks(), *likeness(), *padding(), *deviations()])


def einsums():
    def einsum(equation, *shapes):
        arguments = [equation, *(T(i) for i in range(len(shapes)))]
        return f"einsum {equation}", "einsum", arguments, list(shapes), lambda *t: ops.einsum(equation, *t)

    yield einsum("ij,jk->ik", (3, 4), (4, 5))
    yield einsum("ij,jk", (3, 4), (4, 5))
    yield einsum("ba,bc", (3, 4), (3, 5))
    yield einsum("bij,bjk->bik", (2, 3, 4), (2, 4, 5))
    yield einsum("bij,bkj->bki", (2, 3, 4), (2, 5, 4))
    yield einsum("abcd,de->abce", (2, 3, 2, 4), (4, 3))
    yield einsum("abcd,cde->abe", (2, 3, 2, 4), (2, 4, 3))
    yield einsum("...ij,...jk->...ik", (2, 3, 4, 2), (2, 3, 2, 5))
    yield einsum("...ij,jk->...ik", (2, 3, 4, 2), (2, 5))
    yield einsum("...x,xy->...y", (2, 3, 4), (4, 2))
    yield einsum("i...,i...->...", (3, 2, 4), (3, 2, 4))
    yield einsum("...,...->...", (2, 3), (3,))
    yield einsum("ii->i", (4, 4))
    yield einsum("ii", (4, 4))
    yield einsum("iij->ij", (3, 3, 2))
    yield einsum("i->", (5,))
    yield einsum("ij->ji", (2, 3))
    yield einsum("ijk->kj", (2, 3, 4))
    yield einsum("...ij->...ji", (2, 3, 4))
    yield einsum("i,j->ij", (3,), (4,))
    yield einsum("i,i->", (5,), (5,))
    yield einsum("i,i->i", (5,), (5,))
    yield einsum("ij,ij->i", (3, 4), (3, 4))
    yield einsum("ab,cd->acbd", (2, 3), (4, 2))
    yield einsum("ijk,ikl,lm->ijm", (2, 3, 4), (2, 4, 3), (3, 2))
    yield einsum("btnh,bsnh->bnts", (2, 3, 2, 4), (2, 5, 2, 4))
    yield einsum("ij,j->i", (3, 1), (1,))
    yield einsum("aij,ajk->ai", (1, 2, 3), (1, 3, 4))


def products():
    def binary(name, op, arguments, shapes, run):
        return name, op, arguments, shapes, run

    for axes in (0, 1, 2):
        right = {0: (2, 3), 1: (4, 5), 2: (3, 4)}[axes]
        yield binary(f"tensordot {axes}", "tensordot", [x, y, axes], [(2, 3, 4), right], lambda a, b, n=axes: ops.tensordot(a, b, axes=n))
    yield binary("tensordot lists", "tensordot", [x, y, [[0, 2], [2, 1]]], [(2, 3, 4), (5, 4, 2)], lambda a, b: ops.tensordot(a, b, axes=[[0, 2], [2, 1]]))
    for a, b in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((2, 3, 4), (4,)), ((2, 3, 4), (5, 4, 2)), ((), (2, 3))):
        yield binary(f"dot {a} {b}", "dot", [x, y], [a, b], ops.dot)
    yield binary("inner", "inner", [x, y], [(2, 3, 4), (5, 4)], ops.inner)
    yield binary("vdot", "vdot", [x, y], [(2, 3), (2, 3)], ops.vdot)
    yield binary("kron", "kron", [x, y], [(2, 3), (3, 2)], ops.kron)
    yield binary("kron vectors", "kron", [x, y], [(2,), (3,)], ops.kron)
    yield binary("cross 3", "cross", [x, y], [(4, 3), (4, 3)], ops.cross)
    yield binary("cross 2", "cross", [x, y], [(4, 2), (4, 2)], ops.cross)
    yield binary("cross 2 and 3", "cross", [x, y], [(4, 2), (4, 3)], ops.cross)
    yield binary("outer", "outer", [x, y], [(3,), (4,)], ops.outer)


def sorting():
    ties = np.array([[3, 1, 2, 1, 3], [0, 0, 0, 1, 0], [5, 4, 3, 2, 1]], "int32")
    for axis in (-1, 0, 1, None):
        yield f"sort axis {axis}", "sort", [x, axis], [(3, 5, 2)], lambda a, n=axis: ops.sort(a, axis=n)
        yield f"argsort axis {axis}", "argsort", [x, axis], [(3, 5, 2)], lambda a, n=axis: ops.argsort(a, axis=n)
    yield "sort int32", "sort", [x], [ties], ops.sort
    yield "argsort one", "argsort", [x], [(4, 1)], ops.argsort
    for k in (1, 2, 4):
        yield f"topK {k}", "topK", [x, k], [(3, 4)], lambda a, n=k: ops.top_k(a, n)
    yield "topK ties", "topK", [x, 3], [ties], lambda a: ops.top_k(a, 3)
    yield "topK rank 1", "topK", [x, 2], [(6,)], lambda a: ops.top_k(a, 2)
    predictions = np.array([[0.1, 0.5, 0.5, 0.2], [0.9, 0.1, 0.1, 0.1], [0.3, 0.3, 0.3, 0.3]], "float32")
    for k in (1, 2, 3):
        yield f"inTopK {k}", "inTopK", [x, y, k], [np.array([1, 2, 3], "int32"), predictions], lambda t, p, n=k: ops.in_top_k(t, p, n)
    for axis in (None, 0, -1, [0, 2]):
        for keepdims in (False, True):
            yield f"median axis {axis} keepdims {keepdims}", "median", [x, axis, {"keepdims": keepdims}], [(3, 4, 5)], lambda a, n=axis, k=keepdims: ops.median(a, axis=n, keepdims=k)
    for method in ("linear", "lower", "higher", "midpoint", "nearest"):
        yield f"quantile {method}", "quantile", [x, 0.3, 1, {"method": method}], [(3, 6, 2)], lambda a, m=method: ops.quantile(a, 0.3, axis=1, method=m)
    yield "quantile list", "quantile", [x, [0, 0.25, 0.6, 1], 0], [(5, 3)], lambda a: ops.quantile(a, [0, 0.25, 0.6, 1], axis=0)
    yield "quantile all, keepdims", "quantile", [x, [0.1, 0.9], None, {"keepdims": True}], [(5, 3)], lambda a: ops.quantile(a, [0.1, 0.9], keepdims=True)
    steps = np.array([-1.0, 0.0, 0.5, 0.5, 2.0], "float32")
    values = np.array([[-2, -1, 0.5], [0.7, 2, 3]], "float32")
    for side in ("left", "right"):
        yield f"searchSorted {side}", "searchSorted", [x, y, {"side": side}], [steps, values.reshape(-1)], lambda a, b, s=side: ops.searchsorted(a, b, side=s)
    yield "digitize", "digitize", [x, y], [values, steps], ops.digitize


def indexing():
    whole = lambda *rows: np.array(rows, "int32")
    yield "take axis 1", "take", [x, y, 1], [(2, 5, 3), whole([0, -1], [2, 2])], lambda a, i: ops.take(a, i, axis=1)
    yield "take flat", "take", [x, y], [(2, 5), whole(0, 9, -2)], lambda a, i: ops.take(a, i)
    for axis, shape, indices in ((1, (2, 5), whole([0, 4, -1], [2, 2, 2])), (0, (4, 3), whole([1, 0, 3])), (-1, (2, 3, 4), whole([[[0], [1], [2]], [[3], [-1], [0]]])[0])):
        yield f"takeAlongAxis {axis} {shape}", "takeAlongAxis", [x, y, axis], [shape, indices], lambda a, i, n=axis: ops.take_along_axis(a, i, axis=n)
    yield "scatter", "scatter", [x, y, [3, 4]], [whole([0, 1], [2, 3], [0, 1]), (3,)], lambda i, v: ops.scatter(i, v, (3, 4))
    yield "scatter rows", "scatter", [x, y, [4, 2, 3]], [whole([1], [3]), (2, 2, 3)], lambda i, v: ops.scatter(i, v, (4, 2, 3))
    yield "scatter nested", "scatter", [x, y, [5]], [whole([[0], [1]], [[1], [4]]), (2, 2)], lambda i, v: ops.scatter(i, v, (5,))
    yield "scatter int32", "scatter", [x, y, [5]], [whole([1], [1], [3]), whole(5, 6, 7)], lambda i, v: ops.scatter(i, v, (5,))
    yield "scatterUpdate", "scatterUpdate", [x, y, z], [(3, 4), whole([0, 1], [2, 3]), (2,)], ops.scatter_update
    yield "scatterUpdate rows", "scatterUpdate", [x, y, z], [(4, 3), whole([3], [0]), (2, 3)], ops.scatter_update
    yield "scatterUpdate int32", "scatterUpdate", [x, y, z], [whole(1, 2, 3, 4), whole([3], [1]), whole(9, 8)], ops.scatter_update
    for reduction in ("add", "max", "min"):
        yield f"scatterUpdate {reduction}", "scatterUpdate", [x, y, z, {"reduction": reduction}], [(4, 2), whole([1], [3], [1]), (3, 2)], lambda a, i, u, r=reduction: ops.scatter_update(a, i, u, reduction=r)
    yield "sliceUpdate", "sliceUpdate", [x, [1, 2], y], [(4, 5), (2, 3)], lambda a, u: ops.slice_update(a, (1, 2), u)
    yield "segmentSum", "segmentSum", [x, y, {"numSegments": 4}], [(5, 3), whole(0, 2, 2, 0, 3)], lambda a, s: ops.segment_sum(a, s, num_segments=4)
    yield "segmentSum rank 1", "segmentSum", [x, y, {"numSegments": 3}], [(4,), whole(1, 1, 0, 1)], lambda a, s: ops.segment_sum(a, s, num_segments=3)


def moving():
    for shift, axis in ((2, None), (-1, 0), (7, 1), ([1, -2], [0, 1])):
        yield f"roll {shift} {axis}", "roll", [x, shift, axis], [(3, 5)], lambda a, s=shift, n=axis: ops.roll(a, s, axis=n)
    # Two turns, and vstack of vectors, are not NumPy's on the TensorFlow backend.
    for k in (-1, 0, 1, 3, 5):
        yield f"rot90 {k}", "rot90", [x, k], [(2, 3, 2)], lambda a, n=k: ops.rot90(a, k=n)
    yield "rot90 axes", "rot90", [x, 1, [2, 0]], [(2, 3, 4)], lambda a: ops.rot90(a, k=1, axes=(2, 0))
    for k in (-2, -1, 0, 1, 3):
        yield f"tril {k}", "tril", [x, k], [(2, 3, 4)], lambda a, n=k: ops.tril(a, k=n)
        yield f"triu {k}", "triu", [x, k], [(3, 3)], lambda a, n=k: ops.triu(a, k=n)
        yield f"diag vector {k}", "diag", [x, k], [(3,)], lambda a, n=k: ops.diag(a, k=n)
        yield f"diagonal {k}", "diagonal", [x, k], [(4, 4)], lambda a, n=k: ops.diagonal(a, offset=n)
    yield "diag matrix", "diag", [x, 1], [(3, 4)], lambda a: ops.diag(a, k=1)
    yield "diagonal axes", "diagonal", [x, 0, 2, 0], [(3, 2, 4)], lambda a: ops.diagonal(a, 0, 2, 0)
    yield "diagflat", "diagflat", [x], [(2, 2)], ops.diagflat
    yield "trace", "trace", [x, 1], [(3, 4)], lambda a: ops.trace(a, offset=1)
    yield "trace batch", "trace", [x, 0, 1, 2], [(2, 3, 3)], lambda a: ops.trace(a, 0, 1, 2)
    for axis in (None, 0, 1):
        right = (2, 3) if axis != 1 else (2, 4)
        yield f"append {axis}", "append", [x, y, axis], [(2, 3), right], lambda a, b, n=axis: ops.append(a, b, axis=n)
        yield f"cumprod {axis}", "cumprod", [x, axis], [(3, 5)], lambda a, n=axis: ops.cumprod(a, axis=n)
        yield f"cumsum {axis}", "cumsum", [x, axis], [(3, 5)], lambda a, n=axis: ops.cumsum(a, axis=n)
    zeros = np.array([[1.5, 0, 2, 0, 3], [0.5, 2, 4, -1, 0]], "float32")
    yield "cumprod int32", "cumprod", [x, 1], [np.array([[1, 2, 3, 4]], "int32")], lambda a: ops.cumprod(a, axis=1)
    # TensorFlow's gradient divides by the elements: none where one is 0.
    yield "cumprod with zeros", "cumprod", [x, 1], [zeros], lambda a: np.asarray(ops.cumprod(a, axis=1))
    for n, axis in ((1, -1), (2, 0), (0, 0)):
        yield f"diff {n} {axis}", "diff", [x, n, axis], [(4, 5)], lambda a, m=n, d=axis: ops.diff(a, n=m, axis=d)
    for indexing in ("xy", "ij"):
        yield f"meshgrid {indexing}", "meshgrid", [[x, y], {"indexing": indexing}], [(3,), (4,)], lambda a, b, i=indexing: ops.meshgrid(a, b, indexing=i)
        yield f"meshgrid 3 {indexing}", "meshgrid", [[x, y, z], {"indexing": indexing}], [(2,), (3,), (2,)], lambda a, b, c, i=indexing: ops.meshgrid(a, b, c, indexing=i)
    for shape in ((3,), (2, 3), (2, 3, 2)):
        for name, run in (("hstack", ops.hstack), ("vstack", ops.vstack), ("dstack", ops.dstack)):
            if name == "vstack" and len(shape) == 1:
                continue
            yield f"{name} {shape}", name, [[x, y]], [shape, shape], lambda a, b, f=run: f([a, b])
    yield "tri", "tri", [3, 4, 1], [], lambda: ops.tri(3, 4, 1)
    yield "repeat list", "repeat", [x, [2, 0, 3], 1], [(2, 3)], lambda a: ops.repeat(a, [2, 0, 3], axis=1)
    yield "repeat", "repeat", [x, 2], [(2, 3)], lambda a: ops.repeat(a, 2)
    yield "tile", "tile", [x, [2, 1, 3]], [(2, 3)], lambda a: ops.tile(a, [2, 1, 3])
    yield "flip", "flip", [x, [0, 2]], [(2, 3, 4)], lambda a: ops.flip(a, axis=(0, 2))


def elementwise():
    inside = np.linspace(-1.4, 1.4, 12).reshape(3, 4).astype("float32")
    positive = np.exp(inside)
    for name in ("tan", "sinh", "cosh", "exp2", "deg2rad", "rad2deg"):
        yield name, name, [x], [inside], getattr(ops, name)
    for name in ("log2", "log10"):
        yield name, name, [x], [positive], getattr(ops, name)
    yield "hypot", "hypot", [x, y], [(3, 4), (4,)], ops.hypot
    yield "logaddexp", "logaddexp", [x, y], [(3, 4), (3, 1)], ops.logaddexp
    yield "divideNoNan", "divideNoNan", [x, y], [(3, 4), np.array([0.0, 1, -2, 0], "float32")], ops.divide_no_nan
    yield "nanToNum", "nanToNum", [x], [inside], ops.nan_to_num
    yield "select", "select", [[T(1), T(2)], [x, T(3)], 7], [(2, 3), np.array([[1, 0, 0], [0, 1, 0]], "int32"), np.array([[1, 1, 0], [0, 0, 1]], "int32"), (2, 3)], lambda a, c, d, b: ops.select([ops.cast(c, "bool"), ops.cast(d, "bool")], [a, b], 7)


def reductions():
    weights = np.array([0.2, 1.5, 0.7], "float32")
    yield "average", "average", [x, 1, {"weights": y}], [(4, 3), weights], lambda a, w: ops.average(a, axis=1, weights=w)
    yield "average full weights", "average", [x, 0, {"weights": y}], [(4, 3), np.abs(np.arange(12).reshape(4, 3)) + 1.0], lambda a, w: ops.average(a, axis=0, weights=w)
    yield "average plain", "average", [x], [(4, 3)], ops.average
    for axis in (None, 0, [0, 1]):
        yield f"ptp {axis}", "ptp", [x, axis], [(4, 3)], lambda a, n=axis: ops.ptp(a, axis=n)
        yield f"logsumexp {axis}", "logsumexp", [x, axis], [(4, 3)], lambda a, n=axis: ops.logsumexp(a, axis=n)
    for order in (None, 1, 2, 3, 0, float("inf"), float("-inf")):
        name = {float("inf"): "inf", float("-inf"): "-inf"}.get(order, order)
        written = {"inf": "Infinity", "-inf": "-Infinity"}.get(name, order)
        yield f"norm axis 1 ord {name}", "norm", [x, written, 1], [(4, 3)], lambda a, o=order: ops.norm(a, ord=o, axis=1)
    for order in (None, "fro", 1, -1, float("inf"), float("-inf")):
        name = {float("inf"): "inf", float("-inf"): "-inf"}.get(order, order)
        options = {"ord": {"inf": "Infinity", "-inf": "-Infinity"}.get(name, order), "axis": [0, 2]}
        yield f"norm matrix ord {name}", "norm", [x, options], [(4, 2, 3)], lambda a, o=order: ops.norm(a, ord=o, axis=(0, 2))
    yield "norm all", "norm", [x], [(4, 3)], ops.norm


def mixed():
    """Small integers, dtypes beside each other, stacks of matrices that broadcast, several axes at once."""
    pixels = np.array([[1, 200, 255], [0, 5, 7]], "uint8")
    whole = np.array([[1, -2, 3], [0, 5, 7]], "int32")
    yield "cosh uint8", "cosh", [x], [pixels], ops.cosh
    yield "sinh uint8", "sinh", [x], [pixels], ops.sinh
    yield "hypot uint8", "hypot", [x, y], [pixels, pixels], ops.hypot
    yield "hypot uint8 and floats", "hypot", [x, y], [pixels, (2, 3)], ops.hypot
    yield "logaddexp uint8", "logaddexp", [x, y], [pixels, pixels[::-1]], ops.logaddexp
    yield "clip uint8", "clip", [x, 1, 100], [pixels], lambda a: ops.clip(a, 1, 100)
    yield "clip int32", "clip", [x, -1, 4], [whole], lambda a: ops.clip(a, -1, 4)
    yield "concatenate floats and int32", "concatenate", [[x, y]], [(2, 3), whole], lambda a, b: ops.concatenate([a, b])
    yield "concatenate int32 and floats, last axis", "concatenate", [[y, x], -1], [(2, 3), whole], lambda a, b: ops.concatenate([b, a], axis=-1)
    yield "stack floats and int32", "stack", [[x, y], 1], [(2, 3), whole], lambda a, b: ops.stack([a, b], axis=1)
    for a, b in (((2, 1, 3, 4), (5, 4, 2)), ((3, 4, 2), (2, 1, 2, 5)), ((1, 3, 4), (5, 4, 2)), ((2, 3, 1, 2), (1, 1, 2, 4))):
        yield f"matmul {a} {b}", "matmul", [x, y], [a, b], ops.matmul
    for source, target in (([0, 1], [-1, 0]), ([2], [0]), ([-1, 0, 1], [0, 2, 1])):
        yield f"moveaxis {source} {target}", "moveaxis", [x, source, target], [(2, 3, 4)], lambda a, s=source, t=target: ops.moveaxis(a, s, t)


def blocks():
    for side, shape in ((2, (2, 3, 2, 12)), (3, (1, 2, 1, 9)), (2, (1, 1, 1, 4)), (4, (2, 1, 3, 16))):
        yield f"depthToSpace {side} {shape}", "depthToSpace", [x, side], [shape], lambda a, n=side: ops.depth_to_space(a, n)
    yield "depthToSpace int32", "depthToSpace", [x, 2], [np.arange(32).reshape(1, 2, 2, 8)], lambda a: ops.depth_to_space(a, 2)
    for side, shape in ((2, (2, 6, 4, 3)), (3, (1, 6, 3, 1)), (2, (1, 2, 2, 1)), (4, (2, 4, 8, 2))):
        yield f"spaceToDepth {side} {shape}", "spaceToDepth", [x, side], [shape], lambda a, n=side: ops.space_to_depth(a, n)
    yield "spaceToDepth int32", "spaceToDepth", [x, 2], [np.arange(32).reshape(1, 4, 4, 2)], lambda a: ops.space_to_depth(a, 2)


def likeness():
    for limit in (1.0, 255.0):
        yield f"psnr {limit}", "psnr", [x, y, limit], [(2, 4, 3, 2), (2, 4, 3, 2)], lambda a, b, m=limit: ops.psnr(a, b, m)


def padding():
    """Mirrors; each axis is given, as TensorFlow wants it."""
    widths = [
        ((3, 4), [[1, 2], [0, 3]]), ((3, 4), [[2, 2], [3, 3]]), ((3, 4), [[0, 0], [0, 1]]), ((5,), [[4, 4]]), ((5,), [[0, 0]]),
        ((2, 3, 4, 2), [[0, 0], [1, 2], [2, 1], [0, 0]]), ((1, 2), [[0, 0], [1, 1]]),
    ]  # fmt: skip
    for shape, width in widths:
        for mode in ("constant", "reflect", "symmetric"):
            yield f"pad {mode} {shape} {width}", "pad", [x, width, mode], [shape], lambda a, w=width, m=mode: ops.pad(a, w, mode=m)
    for shape, width in (((3, 4), [[3, 3], [4, 4]]), ((1,), [[1, 0]])):
        yield f"pad symmetric {shape} {width}", "pad", [x, width, {"mode": "symmetric"}], [shape], lambda a, w=width: ops.pad(a, w, mode="symmetric")
    whole = np.array([[1, -2, 3], [0, 5, 7]], "int32")
    yield "pad reflect int32", "pad", [x, [[1, 0], [2, 2]], "reflect"], [whole], lambda a: ops.pad(a, [[1, 0], [2, 2]], mode="reflect")
    pixels = np.array([[1, 200, 255], [0, 5, 7]], "uint8")
    yield "pad symmetric uint8", "pad", [x, [[2, 0], [0, 3]], "symmetric"], [pixels], lambda a: ops.pad(a, [[2, 0], [0, 3]], mode="symmetric")
    yield "pad value", "pad", [x, [[1, 0], [0, 2]], "constant", 2.5], [(2, 3)], lambda a: ops.pad(a, [[1, 0], [0, 2]], constant_values=2.5)


def deviations():
    """The gradient of a deviation of 0 is NaN."""
    for axis in (None, 0, 1):
        yield f"std {axis}", "std", [x, axis], [(3, 4)], lambda a, n=axis: ops.std(a, axis=n)
    yield "std of one", "std", [x, 1], [(3, 1)], lambda a: ops.std(a, axis=1)
    equal = np.array([[2.0, 2, 2], [1, 2, 4]], "float32")
    yield "std of equals", "std", [x, 1], [equal], lambda a: ops.std(a, axis=1)
