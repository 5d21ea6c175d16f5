"""Operations on images."""

import numpy as np
from keras import ops

from .ops import T
from .ops import record as record_cases

x, y, z = T(0), T(1), T(2)
image = ops.image


def record():
    return record_cases([*resizing(), *warping(), *colours(), *borders(), *filters(), *likeness()])


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def options(given):
    return {camel(key): value for key, value in given.items()}


def resizing():
    def resize(shape, size, name="", **given):
        label = f"resize {shape} to {size} {name} {' '.join(f'{k} {v}' for k, v in given.items())}"
        return label, "resize", [x, list(size), options(given)], [shape], lambda a: image.resize(a, size, **given)

    for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        for antialias in (False, True):
            yield resize((2, 7, 5, 2), (4, 9), interpolation=interpolation, antialias=antialias)
            yield resize((1, 5, 6, 1), (10, 12), interpolation=interpolation, antialias=antialias)
        yield resize((1, 9, 11, 3), (3, 4), interpolation=interpolation, antialias=True)
        yield resize((1, 1, 1, 2), (3, 2), interpolation=interpolation)
        yield resize((2, 4, 3, 1), (4, 3), interpolation=interpolation)
        yield resize((6, 4, 2), (3, 8), interpolation=interpolation)
        yield resize((1, 8, 1, 1), (5, 3), interpolation=interpolation)
        yield resize((1, 13, 17, 1), (1, 1), interpolation=interpolation)
    for key in ("crop_to_aspect_ratio", "pad_to_aspect_ratio"):
        for shape, size in (((1, 6, 9, 2), (4, 4)), ((1, 9, 6, 2), (3, 8)), ((7, 5, 1), (6, 3)), ((1, 5, 5, 1), (2, 3))):
            yield resize(shape, size, **{key: True})
    yield resize((1, 4, 8, 1), (5, 5), pad_to_aspect_ratio=True, fill_value=0.5)
    pixels = np.random.default_rng(5).integers(0, 256, (1, 5, 6, 3)).astype("uint8")
    for interpolation in ("nearest", "bilinear", "bicubic"):
        yield resize(pixels, (7, 4), interpolation=interpolation)[0].split("[")[0] + f"uint8 {interpolation}", "resize", [x, [7, 4], {"interpolation": interpolation}], [pixels], lambda a, i=interpolation: image.resize(a, (7, 4), interpolation=i)


def warping():
    # TensorFlow's gradient of a warp is another warp, by the inverse: no gradient to compare with.
    turn = [0.8, -0.5, 1.3, 0.5, 0.8, -0.7, 0.0, 0.0]
    shift = [1.0, 0.0, -2.3, 0.0, 1.0, 1.6, 0.0, 0.0]
    grow = [2.5, 0.0, -4.0, 0.0, 2.2, -3.0, 0.0, 0.0]
    tilt = [1.0, 0.1, 0.2, -0.1, 0.9, 0.3, 0.02, -0.03]
    for mode in ("constant", "nearest", "wrap", "reflect"):
        for interpolation in ("nearest", "bilinear"):
            for name, matrix in (("turn", turn), ("shift", shift), ("grow", grow), ("tilt", tilt)):
                given = {"interpolation": interpolation, "fill_mode": mode}
                yield f"affineTransform {name} {mode} {interpolation}", "affineTransform", [x, y, options(given)], [(1, 5, 6, 2), np.array(matrix, "float32")], lambda a, t, g=given: np.asarray(image.affine_transform(a, t, **g))
    each = np.array([turn, shift, tilt], "float32")
    yield "affineTransform one for each", "affineTransform", [x, y], [(3, 4, 5, 2), each], lambda a, t: np.asarray(image.affine_transform(a, t))
    yield "affineTransform one image, fill value", "affineTransform", [x, y, {"fillValue": 1.5}], [(5, 4, 1), np.array(shift, "float32")], lambda a, t: np.asarray(image.affine_transform(a, t, fill_value=1.5))
    yield "affineTransform one pixel", "affineTransform", [x, y, {"fillMode": "reflect"}], [(1, 1, 3, 1), np.array(turn, "float32")], lambda a, t: np.asarray(image.affine_transform(a, t, fill_mode="reflect"))
    start = np.array([[0, 0], [5, 0], [0, 4], [5, 4]], "float32")
    end = np.array([[0.5, 0.3], [4.2, -0.4], [-0.6, 4.5], [5.5, 3.2]], "float32")
    for interpolation in ("nearest", "bilinear"):
        yield f"perspectiveTransform {interpolation}", "perspectiveTransform", [x, y, z, {"interpolation": interpolation}], [(1, 5, 6, 2), start, end], lambda a, s, e, i=interpolation: np.asarray(image.perspective_transform(a, s, e, interpolation=i))
    yield "perspectiveTransform each", "perspectiveTransform", [x, y, z, {"fillValue": 0.5}], [(2, 5, 6, 1), np.stack([start, end]), np.stack([end, start + 0.5])], lambda a, s, e: np.asarray(image.perspective_transform(a, s, e, fill_value=0.5))


def colours():
    random = np.random.default_rng(6)
    rgb = random.random((2, 3, 4, 3)).astype("float32")
    rgb[0, 0, 0] = rgb[0, 0, 1] = 0.5
    rgb[0, 1, 0] = 0
    yield "rgbToGrayscale", "rgbToGrayscale", [x], [(2, 3, 4, 3)], image.rgb_to_grayscale
    yield "rgbToGrayscale one channel", "rgbToGrayscale", [x], [(3, 4, 1)], image.rgb_to_grayscale
    yield "rgbToGrayscale uint8", "rgbToGrayscale", [x], [(rgb * 255).astype("uint8")], image.rgb_to_grayscale
    yield "rgbToHsv", "rgbToHsv", [x], [rgb], lambda a: np.asarray(image.rgb_to_hsv(a))
    yield "rgbToHsv, one pixel each", "rgbToHsv", [x], [random.random((5, 1, 1, 3)).astype("float32")], image.rgb_to_hsv
    yield "hsvToRgb", "hsvToRgb", [x], [rgb], lambda a: np.asarray(image.hsv_to_rgb(a))


def borders():
    for given in ({"top_padding": 1, "left_padding": 2, "bottom_padding": 0, "right_padding": 3}, {"top_padding": 2, "target_height": 8, "right_padding": 1, "target_width": 7}):
        yield f"padImages {given}", "padImages", [x, options(given)], [(2, 4, 5, 1)], lambda a, g=given: image.pad_images(a, **g)
    for given in ({"top_cropping": 1, "left_cropping": 2, "bottom_cropping": 0, "right_cropping": 1}, {"bottom_cropping": 2, "target_height": 3, "left_cropping": 0, "target_width": 5}):
        yield f"cropImages {given}", "cropImages", [x, options(given)], [(6, 5, 2)], lambda a, g=given: image.crop_images(a, **g)


def filters():
    for size, sigma in (((3, 3), (1.0, 1.0)), ((5, 5), (0.7, 1.6)), ((3, 5), (0.8, 1.2)), ((1, 3), (1.0, 2.0))):
        yield f"gaussianBlur {size} {sigma}", "gaussianBlur", [x, list(size), list(sigma)], [(2, 6, 5, 3)], lambda a, k=size, s=sigma: image.gaussian_blur(a, k, s)
    yield "gaussianBlur one image", "gaussianBlur", [x], [(4, 4, 2)], lambda a: image.gaussian_blur(a)
    for size, given in ((2, {}), ((3, 2), {"strides": 1}), ((2, 3), {"strides": 2, "padding": "same"}), (2, {"strides": 1, "dilation_rate": 2})):
        written = list(size) if isinstance(size, tuple) else size
        yield f"extractPatches {size} {given}", "extractPatches", [x, written, options(given)], [(2, 5, 6, 2)], lambda a, s=size, g=given: image.extract_patches(a, s, **g)


def likeness():
    for shape in ((2, 5, 6, 3), (1, 2, 2, 1), (1, 3, 7, 2)):
        yield f"sobelEdges {shape}", "sobelEdges", [x], [shape], image.sobel_edges
    random = np.random.default_rng(12)
    pair = [random.random((2, 12, 13, 3)).astype("float32"), random.random((2, 12, 13, 3)).astype("float32")]
    yield "ssim", "ssim", [x, y], pair, image.ssim
    for given in ({"max_val": 2.0, "filter_size": 5, "filter_sigma": 0.8}, {"filter_size": 3, "k1": 0.1, "k2": 0.2}, {"filter_size": 1}):
        yield f"ssim {given}", "ssim", [x, y, options(given)], pair, lambda a, b, g=given: image.ssim(a, b, **g)
    yield "ssim one image", "ssim", [x, y, {"filterSize": 3}], [(4, 6, 2), (4, 6, 2)], lambda a, b: image.ssim(a, b, filter_size=3)
