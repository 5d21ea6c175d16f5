"""Layers that crop, pad, repeat and reshape."""

from .layer_run import run


def record():
    entries = [*cropping(), *padding(), *sampling(), *order(), *masked()]
    cases = [(*entry[:4], entry[4] if len(entry) > 4 else {}) for entry in entries]
    return {"cases": [run(index, *case, **more) for index, (*case, more) in enumerate(cases)]}


def cropping():
    yield "crop 1d", "Cropping1D", {}, [(2, 5, 3)]
    yield "crop 1d 2", "Cropping1D", {"cropping": 2}, [(1, 5, 2)]
    yield "crop 1d one end", "Cropping1D", {"cropping": (3, 0)}, [(2, 4, 1)]
    yield "crop 1d other end", "Cropping1D", {"cropping": [0, 2]}, [(2, 4, 3)]
    yield "crop 2d", "Cropping2D", {}, [(2, 3, 4, 2)]
    yield "crop 2d 1", "Cropping2D", {"cropping": 1}, [(2, 3, 4, 2)]
    yield "crop 2d (1, 2)", "Cropping2D", {"cropping": (1, 2)}, [(1, 3, 6, 2)]
    yield "crop 2d asymmetric", "Cropping2D", {"cropping": ((0, 2), (3, 0))}, [(2, 5, 4, 1)]
    yield "crop 2d mixed", "Cropping2D", {"cropping": (1, (0, 1))}, [(2, 5, 4, 1)]
    yield "crop 3d", "Cropping3D", {}, [(1, 3, 4, 5, 2)]
    yield "crop 3d 2", "Cropping3D", {"cropping": 2}, [(1, 5, 5, 6, 1)]
    yield "crop 3d (1, 0, 2)", "Cropping3D", {"cropping": (1, 0, 2)}, [(2, 3, 1, 5, 2)]
    yield "crop 3d asymmetric", "Cropping3D", {"cropping": ((0, 1), (2, 0), (0, 0))}, [(2, 3, 4, 2, 1)]


def padding():
    yield "pad 1d", "ZeroPadding1D", {}, [(2, 3, 4)]
    yield "pad 1d 2", "ZeroPadding1D", {"padding": 2}, [(1, 1, 2)]
    yield "pad 1d asymmetric", "ZeroPadding1D", {"padding": (0, 3)}, [(2, 3, 1)]
    yield "pad 2d mixed", "ZeroPadding2D", {"padding": (2, (0, 1))}, [(2, 3, 4, 2)]
    yield "pad 2d 0", "ZeroPadding2D", {"padding": 0}, [(2, 3, 1, 2)]
    yield "pad 3d", "ZeroPadding3D", {}, [(1, 2, 3, 2, 2)]
    yield "pad 3d 2", "ZeroPadding3D", {"padding": 2}, [(1, 1, 2, 1, 1)]
    yield "pad 3d (1, 0, 2)", "ZeroPadding3D", {"padding": (1, 0, 2)}, [(2, 2, 1, 3, 2)]
    yield "pad 3d asymmetric", "ZeroPadding3D", {"padding": ((0, 1), (2, 0), (1, 3))}, [(1, 2, 2, 2, 1)]


def sampling():
    yield "up 1d", "UpSampling1D", {}, [(2, 3, 2)]
    yield "up 1d 3", "UpSampling1D", {"size": 3}, [(1, 4, 1)]
    yield "up 1d 1", "UpSampling1D", {"size": 1}, [(2, 3, 2)]
    yield "up 2d", "UpSampling2D", {}, [(2, 3, 4, 2)]
    yield "up 2d 3", "UpSampling2D", {"size": 3}, [(1, 2, 1, 3)]
    yield "up 2d (1, 4)", "UpSampling2D", {"size": (1, 4)}, [(2, 3, 2, 1)]
    yield "up 2d (3, 2)", "UpSampling2D", {"size": [3, 2]}, [(2, 1, 5, 2)]
    for kind in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield f"up 2d {kind}", "UpSampling2D", {"interpolation": kind}, [(2, 3, 4, 2)]
        yield f"up 2d {kind} (3, 2)", "UpSampling2D", {"size": (3, 2), "interpolation": kind}, [(1, 4, 1, 1)]
    yield "up 3d", "UpSampling3D", {}, [(1, 2, 3, 2, 2)]
    yield "up 3d 3", "UpSampling3D", {"size": 3}, [(1, 1, 2, 1, 1)]
    yield "up 3d (1, 2, 3)", "UpSampling3D", {"size": (1, 2, 3)}, [(2, 2, 1, 2, 1)]


def order():
    yield "permute two", "Permute", {"dims": (2, 1)}, [(2, 3, 4)]
    yield "permute one", "Permute", {"dims": (1,)}, [(2, 3)]
    yield "permute three", "Permute", {"dims": (3, 1, 2)}, [(2, 3, 1, 4)]
    yield "permute four", "Permute", {"dims": [4, 2, 3, 1]}, [(1, 2, 3, 2, 4)]
    yield "repeat vector", "RepeatVector", {"n": 3}, [(2, 4)]
    yield "repeat vector once", "RepeatVector", {"n": 1}, [(1, 5)]
    yield "repeat vector of one", "RepeatVector", {"n": 4}, [(3, 1)]
    yield "reshape to one value", "Reshape", {"target_shape": (1, 1, 1)}, [(3, 1)]
    yield "reshape -1 in the middle", "Reshape", {"target_shape": (2, -1, 3)}, [(2, 4, 6)]
    yield "reshape rank 1", "Reshape", {"target_shape": (1, 1)}, [(3,)]
    yield "flatten rank 5", "Flatten", {}, [(2, 1, 3, 2, 2)]
    yield "flatten one value", "Flatten", {}, [(1, 1, 1, 1)]


def masked():
    """Layers that lose the mask, even where they change nothing."""
    nothing = {"UpSampling1D": {"size": 1}, "ZeroPadding1D": {"padding": 0}, "Cropping1D": {"cropping": 0}, "Permute": {"dims": (1, 2)}, "Reshape": {"target_shape": (3, 2)}}
    for name, options in nothing.items():
        yield f"{name} of nothing, mask", name, options, [(2, 3, 2)], {"masks": [[[1, 1, 0], [1, 0, 0]]]}
