"""Layers that normalize."""

import keras
import numpy as np

from .layer_run import run, spec


def record():
    entries = [*layer(), *rms(), *group(), *unit(), *batch(), *spectral()]
    return {"cases": [run(index, *entry[:4], **entry[4]) for index, entry in enumerate(entries)]}


def entry(name, class_name, options, inputs, **more):
    return name, class_name, options, inputs, more


def layer():
    def norm(name, shape, **options):
        return entry(f"layer normalization {name}", "LayerNormalization", options, [shape])

    yield norm("rank 2", (3, 5))
    yield norm("images", (2, 3, 4, 3))
    yield norm("axis 1", (2, 3, 4, 2), axis=1)
    yield norm("axis -2", (2, 3, 4), axis=-2)
    yield norm("axes 1, 2, 3", (2, 3, 2, 4), axis=[1, 2, 3])
    yield norm("axes -1, -2", (2, 3, 4), axis=[-1, -2])
    yield norm("axes 2, 1", (2, 3, 4, 2), axis=(2, 1))
    yield norm("axes 1, -1, square", (2, 3, 2, 3), axis=[1, -1])
    yield norm("no center", (2, 4, 3), center=False)
    yield norm("no scale", (2, 4, 3), scale=False)
    yield norm("neither", (2, 4, 3), center=False, scale=False)
    yield norm("epsilon", (2, 6), epsilon=1e-6)
    yield norm("batch 1, size 1", (1, 1))
    yield norm("rms scaling", (2, 3, 5), rms_scaling=True)
    yield norm("rms scaling, axis 1, no scale", (2, 3, 5), rms_scaling=True, axis=1, scale=False)
    yield norm("rms scaling, no center", (3, 5), rms_scaling=True, center=False)
    yield entry(
        "layer normalization mask", "LayerNormalization", {}, [(2, 3, 4)], masks=[[[True, False, True], [True, True, False]]]
    )
    yield norm(
        "options", (2, 4), beta_initializer="ones", gamma_initializer="zeros",
        beta_regularizer="l2", gamma_regularizer=keras.regularizers.L1(0.02),
    )  # fmt: skip


def rms():
    def norm(name, shape, **options):
        return entry(f"rms normalization {name}", "RMSNormalization", options, [shape])

    yield norm("rank 2", (3, 5))
    yield norm("images", (2, 3, 4, 3))
    yield norm("axes 1, 2", (2, 3, 4), axis=[1, 2])
    yield norm("axes -1, -2", (2, 3, 4), axis=[-1, -2])
    yield norm("axis 1, square", (2, 3, 3), axis=1)
    yield norm("epsilon", (2, 6), epsilon=0.1)
    yield norm("size 1", (1, 2, 1))


def group():
    def norm(name, shape, **options):
        return entry(f"group normalization {name}", "GroupNormalization", options, [shape])

    yield norm("images", (2, 3, 4, 6), groups=3)
    yield norm("one group", (2, 3, 4, 4), groups=1)
    yield norm("instance", (2, 3, 4, 3), groups=-1)
    yield norm("as many as channels", (2, 5, 4), groups=4)
    yield norm("32 groups", (1, 2, 2, 32))
    yield norm("rank 2", (3, 8), groups=2)
    yield norm("rank 5", (2, 2, 3, 2, 4), groups=2)
    yield norm("axis 1", (2, 6, 3, 2), groups=2, axis=1)
    yield norm("axis 2", (2, 3, 4, 2), groups=2, axis=2)
    yield norm("axis -2", (2, 3, 4, 2), groups=4, axis=-2)
    yield norm("no center", (2, 3, 4), groups=2, center=False)
    yield norm("no scale", (2, 3, 4), groups=2, scale=False)
    yield norm("neither, epsilon", (2, 3, 4), groups=2, center=False, scale=False, epsilon=0.1)
    yield norm("batch 1, size 1", (1, 1, 1, 2), groups=1)
    far = 30 + np.random.default_rng(3).standard_normal((2, 4, 4, 4))
    yield entry("group normalization off zero", "GroupNormalization", {"groups": 2}, [far])


def unit():
    def norm(name, shape, **options):
        return entry(f"unit normalization {name}", "UnitNormalization", options, [shape])

    yield norm("rank 2", (3, 5))
    yield norm("axis 1", (2, 3, 4), axis=1)
    yield norm("axes 1, 2", (2, 3, 4, 2), axis=[1, 2])
    yield norm("axes -1, 0", (2, 3, 4), axis=(-1, 0))
    yield norm("one value", (3, 1))


def batch():
    mask = [[True, True, False, True], [False, True, True, True], [True, False, False, False]]
    for training in (True, False):
        label = "training" if training else "inference"

        def norm(name, shape, masks=None, training=training, label=label, **options):
            return entry(
                f"batch normalization {name}, {label}", "BatchNormalization", options, [shape],
                training=training, masks=masks,
            )  # fmt: skip

        yield norm("mask", (3, 4, 2), masks=[mask])
        yield norm("mask, axis 1", (3, 4, 2), masks=[mask], axis=1)
        yield norm("axis 1", (2, 3, 4, 2), axis=1)
        yield norm("axis -2, rank 3", (2, 3, 4), axis=-2)
        yield norm("rank 5", (2, 2, 3, 2, 3))
        yield norm("renorm", (3, 2, 2, 3), renorm=True)
        yield norm("renorm, momenta", (4, 3), renorm=True, renorm_momentum=0.8, momentum=0.9, epsilon=1e-2)
        yield norm("renorm, clipped", (4, 3, 2), renorm=True, renorm_clipping={"rmin": 0.9, "rmax": 1.1, "dmax": 0.2})
        yield norm("renorm, no scale", (4, 3), renorm=True, scale=False)
        yield norm("renorm, no center", (4, 3), renorm=True, center=False, renorm_clipping={"rmax": 1.0})
        yield norm("renorm, neither, axis 1", (4, 3, 2), renorm=True, center=False, scale=False, axis=1)
        yield norm("synchronized", (4, 2), synchronized=True)
    yield entry("batch normalization renorm, frozen", "BatchNormalization", {"renorm": True, "trainable": False}, [(3, 2)], training=True)


def spectral():
    def norm(name, inner, item, training, **options):
        label = "training" if training else "inference"
        options = {"layer": inner, **options}
        return entry(f"spectral normalization {name}, {label}", "SpectralNormalization", options, [item], training=training)

    conv = spec("Conv2D", filters=3, kernel_size=2, strides=2, activation="tanh")
    for training in (True, False):
        yield norm("dense", spec("Dense", units=3), (4, 5), training)
        yield norm("conv", conv, (2, 5, 4, 2), training, power_iterations=3)
    yield norm("dense no bias, one unit", spec("Dense", units=1, use_bias=False), (2, 4), True, power_iterations=2)
    yield norm("embedding", spec("Embedding", input_dim=5, output_dim=3), np.array([[0.0, 1, 4], [2, 2, 3]]), True)
