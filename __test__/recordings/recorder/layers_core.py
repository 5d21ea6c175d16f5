"""Activation layers, embeddings, masks, wrappers, and what is still in inference of the random layers."""

import keras
import numpy as np

from .layer_run import run, spec

MASK = [[True, False, True], [True, True, False]]
SPREAD = np.random.default_rng(11).uniform(-4, 4, (3, 4, 2))


def record():
    entries = [*activation(), *core(), *einsum(), *constraints(), *wrappers(), *still(), *masks()]
    return {"cases": [run(index, *entry[:4], **(entry[4] if len(entry) > 4 else {})) for index, entry in enumerate(entries)]}


def activation():
    yield "elu", "ELU", {}, [SPREAD]
    yield "elu alpha", "ELU", {"alpha": 0.4}, [SPREAD]
    yield "elu alpha 0", "ELU", {"alpha": 0.0}, [SPREAD]
    yield "leaky relu", "LeakyReLU", {}, [SPREAD]
    yield "leaky relu 0.01", "LeakyReLU", {"negative_slope": 0.01}, [SPREAD]
    yield "leaky relu 0", "LeakyReLU", {"negative_slope": 0}, [SPREAD]
    yield "prelu", "PReLU", {}, [(3, 4)]
    yield "prelu images", "PReLU", {}, [(2, 3, 2, 2)]
    yield "prelu shared", "PReLU", {"shared_axes": [1, 2]}, [(2, 3, 4, 2)]
    yield "prelu shared 1", "PReLU", {"shared_axes": 1}, [(2, 3, 4)]
    yield "prelu shared last", "PReLU", {"shared_axes": [3]}, [(1, 2, 3, 2)]
    yield "prelu shared -1", "PReLU", {"shared_axes": [-1]}, [(2, 3, 4, 2)]
    yield "prelu options", "PReLU", {
        "alpha_initializer": "ones", "alpha_regularizer": "l2", "alpha_constraint": keras.constraints.MaxNorm(1.5), "shared_axes": [1, 2, 3],
    }, [(1, 2, 2, 3)]  # fmt: skip
    yield "softmax axes 1, 3", "Softmax", {"axis": (1, 3)}, [(2, 3, 2, 2)]
    yield "softmax one axis in a list", "Softmax", {"axis": [1]}, [(2, 3, 2)]
    yield "softmax mask", "Softmax", {}, [(2, 3)], {"masks": [MASK]}
    yield "softmax mask, axis 1", "Softmax", {"axis": 1}, [(2, 3)], {"masks": [MASK]}
    yield "softmax mask, two axes", "Softmax", {"axis": [1, 2]}, [(2, 2, 3)], {"masks": [[MASK, MASK[::-1]]]}
    yield "softmax mask hides a row", "Softmax", {}, [(2, 3)], {"masks": [[[False] * 3, [True] * 3]]}


def core():
    numbers = np.array([[0, 3, 1], [4, 0, 0]])
    yield "embedding", "Embedding", {"input_dim": 5, "output_dim": 3}, [numbers]
    yield "embedding mask", "Embedding", {"input_dim": 5, "output_dim": 2, "mask_zero": True}, [numbers]
    yield "embedding rank 1", "Embedding", {"input_dim": 6, "output_dim": 1}, [np.array([5, 5, 0])]
    yield "embedding rank 3", "Embedding", {"input_dim": 2, "output_dim": 4, "mask_zero": True}, [np.array([[[0, 1], [1, 1]]])]
    yield "embedding of floats", "Embedding", {"input_dim": 5, "output_dim": 3}, [numbers.astype("float32")]
    yield "embedding options", "Embedding", {
        "input_dim": 3, "output_dim": 2, "embeddings_initializer": "ones", "embeddings_regularizer": keras.regularizers.L2(0.1),
        "embeddings_constraint": "non_neg",
    }, [np.array([[2, 1]])]  # fmt: skip
    yield "identity", "Identity", {}, [(2, 3, 4)]
    yield "identity mask", "Identity", {}, [(2, 3, 4)], {"masks": [MASK]}
    steps = np.array([[[0, 0], [1, 0], [2, 3]], [[0, 5], [0, 0], [0, 0]]], "float32")
    yield "masking", "Masking", {}, [steps]
    yield "masking 2", "Masking", {"mask_value": 2.0}, [np.where(steps == 0, 2.0, steps)]
    yield "masking rank 2", "Masking", {}, [np.array([[0.0, 0.0], [1.0, 0.0]])]
    yield "masking images", "Masking", {"mask_value": -1.0}, [np.where(SPREAD < 0, -1.0, SPREAD)]
    yield "activity regularization", "ActivityRegularization", {"l1": 0.1, "l2": 0.3}, [(3, 4)]
    yield "activity regularization l2", "ActivityRegularization", {"l2": 0.5}, [(2, 2, 3)]
    yield "activity regularization nothing", "ActivityRegularization", {}, [(1, 2)]
    yield "dense activity regularizer", "Dense", {"units": 2, "activity_regularizer": "l2", "kernel_regularizer": "l2"}, [(3, 2)]


def einsum():
    def dense(name, equation, output_shape, shape, **options):
        return f"einsum dense {name}", "EinsumDense", {"equation": equation, "output_shape": output_shape, **options}, [shape]

    yield dense("as dense", "ab,bc->ac", 4, (3, 5), bias_axes="c", activation="relu")
    yield dense("no bias", "abc,cd->abd", (None, 4), (2, 3, 5))
    yield dense("bias", "abc,cd->abd", (None, 4), (2, 3, 5), bias_axes="d")
    yield dense("bias of two axes", "abc,cd->abd", (3, 4), (2, 3, 5), bias_axes="bd")
    yield dense("bias of the first axis", "abc,cd->abd", (3, 4), (2, 3, 5), bias_axes="b")
    yield dense("ellipsis in front", "...x,xy->...y", 4, (2, 3, 5), bias_axes="y")
    yield dense("ellipsis of three", "...x,xy->...y", [2], (2, 1, 3, 4))
    yield dense("ellipsis behind", "abc...,cd->abd...", (3, 2), (2, 3, 4, 2, 1), bias_axes="d")
    yield dense("ellipsis behind, bias of two", "ab...,bc->ac...", 3, (2, 4, 5), bias_axes="c")
    yield dense("heads", "abc,cde->abde", (None, 2, 3), (2, 4, 5), bias_axes="de", activation="tanh")
    yield dense("heads back", "abde,dec->abc", (None, 5), (2, 4, 2, 3), bias_axes="c")
    yield dense("kernel over a kept axis", "abc,bcd->abd", (3, 2), (2, 3, 4), bias_axes="d")
    yield dense("order changed", "abc,dc->adb", (2, 3), (2, 3, 4), bias_axes="d")
    yield dense("size 1", "abc,cd->abd", (None, 1), (1, 1, 1), bias_axes="d")
    yield dense(
        "options", "ab,bc->ac", 2, (2, 3), bias_axes="c", kernel_initializer="he_normal", bias_initializer="ones",
        kernel_regularizer="l2", bias_regularizer="l2", kernel_constraint="max_norm", bias_constraint="non_neg",
    )  # fmt: skip


def constraints():
    yield "dense constraints", "Dense", {
        "units": 3, "kernel_constraint": keras.constraints.MinMaxNorm(0.5, 1.0, rate=0.5), "bias_constraint": "unit_norm",
    }, [(2, 4)]  # fmt: skip
    yield "layer normalization constraints", "LayerNormalization", {"gamma_constraint": "non_neg", "beta_constraint": "max_norm"}, [(2, 4)]


def wrappers():
    def time(name, inner, shape, **more):
        return f"time distributed {name}", "TimeDistributed", {"layer": inner}, [shape], more

    yield time("dense", spec("Dense", units=3), (2, 4, 5))
    yield time("dense one step", spec("Dense", units=2, activation="tanh"), (3, 1, 2))
    yield time("conv", spec("Conv2D", filters=2, kernel_size=3, strides=2, padding="same"), (2, 3, 5, 4, 1))
    yield time("pool", spec("MaxPooling2D", pool_size=2), (1, 2, 5, 4, 2))
    yield time("flatten", spec("Flatten"), (2, 2, 3, 2))
    yield time("batch normalization, training", spec("BatchNormalization", momentum=0.8), (3, 2, 4), training=True)
    yield time("batch normalization, inference", spec("BatchNormalization"), (3, 2, 4), training=False)
    yield time("dropout inference", spec("Dropout", rate=0.5), (2, 3, 4), training=False)
    yield time("mask", spec("Dense", units=2), (2, 3, 4), masks=[MASK])
    yield time("softmax with mask", spec("Softmax"), (2, 3, 4), masks=[np.random.default_rng(4).random((2, 3, 4)) > 0.3])
    yield time("twice", spec("TimeDistributed", layer=spec("Dense", units=2), name="inner"), (2, 2, 3, 4))
    yield time("batch normalization with mask", spec("BatchNormalization"), (3, 2, 4, 2), training=True, masks=[np.random.default_rng(5).random((3, 2, 4)) > 0.3])

    layers = [
        spec("InputLayer", batch_shape=(None, 4, 3, 1), name="frame"),
        spec("Conv2D", filters=2, kernel_size=2, name="conv"),
        spec("Flatten", name="flat"),
        spec("Dense", units=3, name="dense"),
    ]
    yield time("model", spec("Sequential", layers=layers, name="inner"), (2, 3, 4, 3, 1))


def still():
    for kind in ("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"):
        shape = (2, *range(2, 2 + int(kind[-2])), 3)
        yield f"{kind} inference", kind, {"rate": 0.5}, [shape], {"training": False}
        yield f"{kind} rate 0", kind, {"rate": 0.0}, [shape], {"training": True}
    yield "Dropout rate 1", "Dropout", {"rate": 1.0}, [(2, 3)], {"training": True}
    yield "Dropout options", "Dropout", {"rate": 0.25, "noise_shape": (None, 1, 3), "seed": 7}, [(2, 4, 3)], {"training": False}
    yield "GaussianDropout inference", "GaussianDropout", {"rate": 0.3}, [(2, 3)], {"training": False}
    yield "GaussianDropout rate 0", "GaussianDropout", {"rate": 0.0, "seed": 1}, [(2, 3)], {"training": True}
    yield "GaussianNoise inference", "GaussianNoise", {"stddev": 0.3}, [(2, 3)]
    yield "GaussianNoise 0", "GaussianNoise", {"stddev": 0.0}, [(2, 3)], {"training": True}
    yield "AlphaDropout inference", "AlphaDropout", {"rate": 0.3}, [(2, 3)]
    yield "AlphaDropout rate 0", "AlphaDropout", {"rate": 0.0, "noise_shape": (2, 1)}, [(2, 3)], {"training": True}


def masks():
    """Which layers hand a mask on, and which lose it."""
    on = [
        ("Activation", {"activation": "tanh"}), ("ReLU", {}), ("ELU", {}), ("LeakyReLU", {}), ("PReLU", {}),
        ("Dense", {"units": 2}), ("Dropout", {"rate": 0.5}), ("SpatialDropout1D", {"rate": 0.5}),
        ("GaussianDropout", {"rate": 0.5}), ("GaussianNoise", {"stddev": 0.5}), ("AlphaDropout", {"rate": 0.5}),
        ("ActivityRegularization", {"l1": 0.1}), ("BatchNormalization", {}), ("UnitNormalization", {}),
        ("GroupNormalization", {"groups": 2}), ("RMSNormalization", {}), ("Flatten", {}), ("Reshape", {"target_shape": (4, 3)}),
        ("Permute", {"dims": (2, 1)}), ("Cropping1D", {}), ("ZeroPadding1D", {}), ("UpSampling1D", {}), ("Rescaling", {"scale": 2.0}),
    ]  # fmt: skip
    for kind, options in on:
        yield f"mask through {kind}", kind, options, [(2, 3, 4)], {"training": False, "masks": [MASK]}
    yield "masking of what is masked", "Masking", {}, [np.abs(SPREAD[:2, :3])], {"masks": [MASK]}
