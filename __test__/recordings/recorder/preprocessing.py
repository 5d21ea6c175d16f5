"""Preprocessing layers: what they do to data, for draws that are given."""

import inspect

import keras
import numpy as np
import tensorflow as tf

from .encoding import plain, tensor

RGB = (3, 5, 6, 3)


def record():
    return {"cases": [case(index, *entry) for index, entry in enumerate(cases())], "crops": list(crops())}


def case(index, name, class_name, options, inputs, draws=None, labels=None):
    """`draws` is the transformation that the layer is given; None: the layer is called as it is."""
    keras.utils.clear_session()
    random = np.random.default_rng(3000 + index)
    values = [value(random, item) for item in inputs]
    layer = getattr(keras.layers, class_name)(**options)
    given = draws(random) if callable(draws) else draws
    if given is None:
        training = {"training": True} if "training" in inspect.signature(layer.call).parameters else {}
        weights = {"count_weights": values[1]} if len(values) > 1 else {}
        output = layer(values[0], **weights, **training)
    else:
        output = layer.transform_images(tf.constant(values[0]), constants(given), training=True)
    row = None if labels is None else random.random((values[0].shape[0], labels)).astype("float32")
    after = None if row is None else layer.transform_labels(tf.constant(row), constants(given))
    unknown = (None, *values[0].shape[1:])
    return {
        "name": name,
        "class": class_name,
        "options": plain(options),
        "config": plain(layer.get_config()),
        "autoName": layer.name,
        "inputs": [tensor(item) for item in values],
        "bytes": values[0].dtype == np.uint8,
        "transformation": encoded(given),
        "output": tensor(output),
        "outputShape": plain(layer.compute_output_shape(unknown)),
        "labels": None if row is None else tensor(row),
        "labelsAfter": None if after is None else tensor(after),
    }


def constants(value):
    return keras.tree.map_structure(lambda item: item if item is None or isinstance(item, int) else tf.constant(item), value)


def encoded(value):
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encoded(item) for item in value]
    array = np.asarray(value)
    return {**tensor(array), "bool": array.dtype == bool}


def value(random, item):
    """A shape means pixels from 0 to 255; an array is taken as it is."""
    if isinstance(item, tuple):
        return (random.random(item) * 255).astype("float32")
    return np.asarray(item)


def cases():
    return [*affine(), *colours(), *patches(), *sizes(), *numbers(), *adapting(), *tiles()]


def column(*numbers):
    return np.array(numbers, "float32").reshape(-1, 1, 1, 1)


def row(*numbers):
    return np.array(numbers, "float32")


def affine():
    flips = {"flips": np.array([True, False, True]).reshape(3, 1, 1, 1)}
    for mode in ("horizontal", "vertical", "horizontal_and_vertical"):
        yield f"RandomFlip {mode}", "RandomFlip", {"mode": mode}, [RGB], flips
    for fill in ("reflect", "wrap", "constant", "nearest"):
        for interpolation in ("bilinear", "nearest"):
            given = {"fill_mode": fill, "interpolation": interpolation, "fill_value": 7.0}
            turn = {"rotation_matrix": rotation((20.0, -75.0, 133.0), 5, 6)}
            yield f"RandomRotation {fill} {interpolation}", "RandomRotation", {"factor": 0.3, **given}, [RGB], turn
            shift = {"translations": np.array([[1.3, -2.2], [0.0, 4.5], [-7.0, 0.25]], "float32")}
            yield f"RandomTranslation {fill} {interpolation}", "RandomTranslation", {"height_factor": 0.5, "width_factor": (-0.2, 0.7), **given}, [RGB], shift
            zoom = {"height_zoom": np.array([[0.7], [1.0], [1.6]], "float32"), "width_zoom": np.array([[1.4], [0.5], [1.1]], "float32")}
            yield f"RandomZoom {fill} {interpolation}", "RandomZoom", {"height_factor": (-0.3, 0.5), "width_factor": 0.4, **given}, [RGB], zoom
            shear = {"shear_factor": np.array([[0.4, -0.1], [0.0, 0.6], [-0.7, 0.2]], "float32")}
            yield f"RandomShear {fill} {interpolation}", "RandomShear", {"x_factor": (0.1, 0.3), "y_factor": (0, 0.2), **given}, [RGB], shear
    yield "RandomRotation batch 1, one row", "RandomRotation", {"factor": (0.1, 0.2)}, [(1, 1, 7, 1)], {"rotation_matrix": rotation((30.0,), 1, 7)}
    corners = np.array([[[0, 0], [5, 0], [0, 4], [5, 4]]] * 3, "float32")
    for interpolation in ("bilinear", "nearest"):
        yield f"RandomPerspective {interpolation}", "RandomPerspective", {"interpolation": interpolation, "fill_value": 3.0}, [RGB], lambda random: {
            "apply_perspective": np.array([True, False, True]),
            "start_points": corners,
            "end_points": (corners * (1 + random.uniform(-0.2, 0.2, corners.shape))).astype("float32"),
        }


def rotation(angles, height, width):
    layer = keras.layers.RandomRotation(0.1)
    n = len(angles)
    zeros = tf.zeros([n])
    return np.array(
        layer._compute_affine_matrix(
            center_x=0.5, center_y=0.5, angle=tf.constant(angles), translate_x=zeros, translate_y=zeros,
            scale=tf.ones([n]), shear_x=zeros, shear_y=zeros, height=height, width=width,
        )
    )  # fmt: skip


def colours():
    unit = np.random.default_rng(9).random(RGB).astype("float32")
    for name, pixels, options in (("bytes", RGB, {}), ("0 to 1", unit, {"value_range": (0, 1)})):
        scale = 255 if name == "bytes" else 1
        yield f"RandomContrast {name}", "RandomContrast", {"factor": 0.4, **options}, [pixels], {"contrast_factor": column(0.5, 1.0, 2.2)}
        yield f"RandomBrightness {name}", "RandomBrightness", {"factor": (-0.1, 0.6), **options}, [pixels], {"rgb_delta": column(-0.4, 0.1, 0.6) * np.float32(scale)}
        yield f"RandomHue {name}", "RandomHue", {"factor": 0.5, **options}, [pixels], {"factor": row(0.4, -0.3, 0.05)}
        yield f"RandomSaturation {name}", "RandomSaturation", {"factor": (0.2, 0.8), **options}, [pixels], {"factor": row(0.3, 1.0, 2.5)}
        yield f"RandomSharpness {name}", "RandomSharpness", {"factor": 0.6, **options}, [pixels], {"factor": row(0.0, 0.5, 0.9)}
        yield f"RandomColorDegeneration {name}", "RandomColorDegeneration", {"factor": 0.6, **options}, [pixels], {"factor": column(0.0, 0.5, 0.9)}
        yield f"Solarization {name}", "Solarization", {"addition_factor": (0.1, 0.5), "threshold_factor": 0.5, **options}, [pixels], {"additions": column(0, 30, 200), "thresholds": column(128, 10, 250)}
        yield f"RandomPosterization {name}", "RandomPosterization", {"factor": (2, 6), **options}, [pixels], {"shift_factor": np.array([0, 3, 7], "uint8")}
        yield f"RandomInvert {name}", "RandomInvert", {**options}, [pixels], {"apply_inversion": np.array([True, False, True])}
        yield f"AutoContrast {name}", "AutoContrast", {**options}, [pixels], None
        yield f"Equalization {name}", "Equalization", {**options}, [pixels], None
        for size, sigma in ((3, (0.9, 0.4)), ((5, 5), (0.3, 1.0))):
            yield f"RandomGaussianBlur {size} {name}", "RandomGaussianBlur", {"kernel_size": size, "sigma": (0.1, 0.9), **options}, [pixels], {"should_apply_blur": np.array([True, False, True]), "blur_factor": row(*sigma)}
    flat = np.full((2, 3, 3, 2), 9, "float32")
    yield "AutoContrast of one value", "AutoContrast", {}, [flat], None
    yield "Equalization of one value", "Equalization", {}, [flat], None
    yield "Equalization 16 bins", "Equalization", {"bins": 16}, [RGB], None
    yield "RandomGrayscale", "RandomGrayscale", {"factor": 0.7}, [RGB], np.array([True, False, True]).reshape(3, 1, 1, 1)
    yield "RandomColorJitter without factors", "RandomColorJitter", {}, [RGB], None
    names = keras.layers.RandAugment._AUGMENT_LAYERS
    for pair in ([0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 10]):
        yield f"RandAugment {names[pair[0]]} {names[pair[1]]}", "RandAugment", {}, [RGB], lambda random, p=pair: {"layer_idxes": np.array(p, "int32"), "transforms": augmentations()}


def augmentations():
    return {
        "random_shear": {"shear_factor": np.array([[0.4, -0.1], [0.0, 0.6], [-0.7, 0.2]], "float32")},
        "random_translation": {"translations": np.array([[1.3, -2.2], [0.0, 4.5], [-7.0, 0.25]], "float32")},
        "random_rotation": {"rotation_matrix": rotation((20.0, -75.0, 133.0), 5, 6)},
        "random_brightness": {"rgb_delta": column(-40, 3, 60)},
        "random_color_degeneration": {"factor": column(0.1, 0.4, 0.9)},
        "random_contrast": {"contrast_factor": column(0.5, 1.1, 2.2)},
        "random_sharpness": {"factor": row(0.1, 0.4, 0.9)},
        "random_posterization": {"shift_factor": np.array([1, 4, 6], "uint8")},
        "solarization": {"additions": column(0, 30, 90), "thresholds": column(128, 10, 200)},
        "auto_contrast": None,
        "equalization": None,
    }  # fmt: skip


def patches():
    masks = np.zeros((3, 5, 6, 3), bool)
    masks[0, 1:3, 2:5] = masks[1, 0:2, 0:1] = masks[2, 4:, :] = True
    order = np.array([2, 0, 1], "int32")
    yield "RandomErasing", "RandomErasing", {"scale": (0.1, 0.3), "fill_value": 5}, [RGB], lambda random: {"batch_masks": masks, "apply_erasing": np.array([True, False, True]), "fill_value": (random.random(RGB) * 255).astype("float32")}
    yield "MixUp", "MixUp", {"alpha": 0.4}, [RGB], {"mix_weight": row(0.2, 0.9, 0.5), "permutation_order": order}, 4
    yield "CutMix", "CutMix", {"factor": 0.8}, [RGB], {"batch_masks": masks, "permutation_order": order, "mix_weight": column(0.2, 0.9, 0.5)}, 4


def sizes():
    pixels = np.random.default_rng(8).integers(0, 256, (2, 6, 7, 3)).astype("uint8")
    for interpolation in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
        yield f"Resizing {interpolation}", "Resizing", {"height": 4, "width": 9, "interpolation": interpolation}, [RGB], None
        yield f"Resizing {interpolation} antialias", "Resizing", {"height": 3, "width": 2, "interpolation": interpolation, "antialias": True}, [RGB], None
    yield "Resizing bytes", "Resizing", {"height": 4, "width": 9}, [pixels], None
    yield "Resizing crop", "Resizing", {"height": 4, "width": 3, "crop_to_aspect_ratio": True}, [(1, 5, 9, 2)], None
    yield "Resizing pad", "Resizing", {"height": 4, "width": 3, "pad_to_aspect_ratio": True, "fill_value": 2.0}, [(1, 5, 9, 2)], None
    for height, width in ((3, 4), (5, 6), (2, 1), (7, 4), (4, 9), (8, 8)):
        yield f"CenterCrop {height} {width}", "CenterCrop", {"height": height, "width": width}, [RGB], None
        if height < 5 and width < 6:
            yield f"RandomCrop {height} {width}", "RandomCrop", {"height": height, "width": width, "seed": 3}, [RGB], (1, 1)
        else:
            yield f"RandomCrop {height} {width}", "RandomCrop", {"height": height, "width": width, "seed": 3}, [RGB], None
    yield "RandomCrop bytes of one size", "RandomCrop", {"height": 6, "width": 7, "seed": 3}, [pixels], None


def numbers():
    yield "Rescaling", "Rescaling", {"scale": 0.1, "offset": -1.5}, [RGB], None
    tokens = np.array([[0, 2, 2], [4, 1, 0]], "int32")
    for mode in ("one_hot", "multi_hot", "count"):
        yield f"CategoryEncoding {mode}", "CategoryEncoding", {"num_tokens": 5, "output_mode": mode}, [tokens], None
        yield f"CategoryEncoding {mode} column", "CategoryEncoding", {"num_tokens": 3, "output_mode": mode}, [np.array([[0], [2]], "int32")], None
    yield "CategoryEncoding weights", "CategoryEncoding", {"num_tokens": 5, "output_mode": "count"}, [tokens, np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], "float32")], None


def adapting():
    yield "Normalization scalars", "Normalization", {"axis": None, "mean": 3.0, "variance": 2.0}, [(4, 3)], None
    yield "Normalization last axis", "Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 1.0]}, [(4, 3)], None
    yield "Normalization invert", "Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 1.0], "invert": True}, [(4, 3)], None
    yield "Normalization two axes", "Normalization", {"axis": (1, -1), "mean": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "variance": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]}, [(2, 3, 4, 2)], None
    yield "Normalization one of two axes given", "Normalization", {"axis": (1, -1), "mean": [1.0, 2.0], "variance": [3.0, 4.0]}, [(2, 3, 4, 2)], None


def tiles():
    unit = np.random.default_rng(10).random((2, 9, 12, 2)).astype("float32")
    pixels = np.random.default_rng(11).integers(0, 256, (1, 16, 24, 1)).astype("uint8")
    dark = (np.random.default_rng(12).random((2, 12, 10, 3)) ** 3 * 90).astype("float32")
    clahe = "ContrastLimitedAdaptiveHistogramEqualization"
    yield f"{clahe}", clahe, {}, [(2, 16, 16, 3)], None
    yield f"{clahe} bytes", clahe, {}, [pixels], None
    yield f"{clahe} 0 to 1", clahe, {"value_range": (0, 1), "tile_grid_size": (3, 4)}, [unit], None
    for size in ((1, 1), (2, 3), (5, 4), (12, 10)):
        yield f"{clahe} dark {size}", clahe, {"tile_grid_size": size}, [dark], None
    for limit in (0.0, 1.0, 40.0):
        yield f"{clahe} clip limit {limit}", clahe, {"clip_limit": limit, "tile_grid_size": (2, 2)}, [dark], None
    yield f"{clahe} of one value", clahe, {"tile_grid_size": (2, 2)}, [np.full((1, 4, 4, 1), 9, "float32")], None


def crops():
    """The dtype that RandomCrop gives, called on its own and in a model."""
    for dtype in ("uint8", "int32", "float32"):
        images = np.ones((2, 5, 6, 3), dtype)
        for height, width in ((3, 4), (5, 6)):
            for training in (False, True):
                output = keras.layers.RandomCrop(height, width)(images, training=training)
                yield crop(dtype, height, width, training, False, output)
            inputs = keras.Input((5, 6, 3), dtype=dtype)
            model = keras.Model(inputs, keras.layers.RandomCrop(height, width)(inputs))
            yield crop(dtype, height, width, False, True, tf.constant(model.predict(images, verbose=0)))


def crop(dtype, height, width, training, predicted, output):
    return {
        "name": f"RandomCrop {height} {width} of {dtype}, " + ("predict" if predicted else f"training {training}"),
        "options": {"height": height, "width": width},
        "shape": [2, 5, 6, 3],
        "dtype": dtype,
        "training": training,
        "predicted": predicted,
        "outputDType": output.dtype.name,
        "outputShape": list(output.shape),
    }
