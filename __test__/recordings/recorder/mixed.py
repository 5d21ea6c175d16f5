"""A network under the policy mixed_bfloat16: every layer alone and all together."""

import keras
import numpy as np
import tensorflow as tf

from .encoding import tensor

BATCH = 6
CLASSES = 5
SIDE = 12


def network(policy):
    """Convolutions with and without bias, pooling, normalisation, a shortcut and a float32 softmax."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)
    try:
        layers = keras.layers
        image = keras.Input([SIDE, SIDE, 3], dtype="uint8")
        x = layers.Rescaling(1 / 255)(image)
        x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        shortcut = x
        x = layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.DepthwiseConv2D(3, padding="same")(x)
        x = layers.LayerNormalization()(x)
        x = layers.Add()([x, shortcut])
        x = layers.AveragePooling2D(3, strides=2, padding="same")(x)
        x = layers.Dropout(0.5)(x)
        x = layers.GlobalAveragePooling2D()(x)
        x = layers.Dense(16, activation="gelu")(x)
        x = layers.Dense(CLASSES)(x)
        x = layers.Softmax(dtype="float32")(x)
        return keras.Model(image, x)
    finally:
        keras.config.set_dtype_policy("float32")


def weights(model):
    """Numbers around those that layers begin with, so that no two channels do the same."""
    random = np.random.default_rng(11)
    values = []
    for variable in model.weights:
        noise = random.normal(size=variable.shape) * 0.3
        around = {"gamma": 1, "moving_variance": 1}.get(variable.name, 0)
        values.append((around + (np.abs(noise) if around else noise)).astype("float32"))
    return values


def gradients(model, pixels, labels):
    """The loss in inference, where nothing is random, and its gradients."""
    loss = keras.losses.SparseCategoricalCrossentropy()
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    return value, tape.gradient(value, [v.value for v in model.trainable_variables])


def rounded(value):
    return tf.cast(tf.cast(value, "bfloat16"), "float32")


def exact(layer, inputs):
    """What the layer gives of the same numbers where nothing is rounded but its weights."""
    twin = type(layer).from_config(layer.get_config() | {"dtype": "float32"})
    twin.build([tuple(x.shape) for x in inputs] if len(inputs) > 1 else tuple(inputs[0].shape))
    twin.set_weights([rounded(v.value) if layer.autocast and v._autocast else v.value for v in layer.weights])
    floats = [tf.cast(x, "float32") for x in inputs]
    return twin(floats if len(floats) > 1 else floats[0], training=False)


def record():
    random = np.random.default_rng(12)
    pixels = random.integers(0, 256, (BATCH, SIDE, SIDE, 3)).astype("uint8")
    labels = random.integers(0, CLASSES, BATCH).astype("int32")
    runs = {}
    for policy in ["float32", "mixed_bfloat16"]:
        model = network(policy)
        if policy == "float32":
            values = weights(model)
        model.set_weights(values)
        loss, grads = gradients(model, pixels, labels)
        runs[policy] = {"loss": float(loss), "gradients": [tensor(np.array(g, "float32")) for g in grads]}
    inner = keras.Model(model.input, [layer.output for layer in model.layers])
    outputs = inner(pixels, training=False)
    trained = model.get_layer("batch_normalization")
    between = outputs[model.layers.index(trained) - 1]

    def inputs(index):
        before = outputs[index - 1]
        if isinstance(model.layers[index], keras.layers.Add):
            return [before, outputs[model.layers.index(model.get_layer("max_pooling2d"))]]
        return [before]

    return {
        "pixels": tensor(pixels.astype("int32")),
        "labels": tensor(labels),
        "weights": [tensor(value) for value in values],
        "layers": [
            {
                "name": layer.name,
                "dtype": layer.get_config()["dtype"],
                "computeDtype": layer.compute_dtype,
                "variableDtype": layer.variable_dtype,
                "weights": [v.dtype for v in layer.weights],
                "outputDtype": keras.backend.standardize_dtype(output.dtype),
                "output": tensor(np.array(tf.cast(output, "float32"))),
                "exact": tensor(np.array(exact(layer, inputs(index)) if index > 0 else output, "float32")),
            }
            for index, (layer, output) in enumerate(zip(model.layers, outputs, strict=True))
        ],
        "normalizedInTraining": tensor(np.array(tf.cast(trained(between, training=True), "float32"))),
        "statistics": [tensor(np.array(v)) for v in trained.non_trainable_variables],
        "float32": runs["float32"],
        "mixed": runs["mixed_bfloat16"],
    }
