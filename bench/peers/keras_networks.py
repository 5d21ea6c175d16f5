"""The networks in Keras, for whichever backend is chosen, with what trains them."""

import math

import keras
from keras import layers
from networks import EXPRESSIONS, FACTS

READY = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "inceptionv3": keras.applications.InceptionV3,
    "mobilenetv2": keras.applications.MobileNetV2,
}


def build(net, image):
    """A model with its optimizer and loss."""
    keras.utils.set_random_seed(0)
    facts = FACTS[net]
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}[facts["optimizer"]](facts["rate"])
    if facts["oneHot"]:
        loss = keras.losses.CategoricalCrossentropy()
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=net == "mnist")
    return model_of(net, tuple(image), facts["classes"]), optimizer, loss


def model_of(net, image, classes):
    if net in READY:
        return READY[net](weights=None, input_shape=image, classes=classes)
    if net == "vgg16-body":
        body = keras.applications.VGG16(weights=None, include_top=False, pooling="avg", input_shape=image)
        return keras.Sequential([body, layers.Dense(classes, activation="softmax")])
    if net in EXPRESSIONS:
        return keras.Sequential([keras.Input(image), *expressions(EXPRESSIONS[net], classes)])
    return keras.Sequential([keras.Input(image), *{"mnist": mnist, "notebook": notebook, "alexnet": alexnet}[net](classes)])


def conv(filters, size, padding="valid"):
    return layers.Conv2D(filters, size, padding=padding, activation="relu")


def mnist(classes):
    return [
        conv(32, 5), layers.MaxPooling2D(2),
        conv(64, 3), layers.MaxPooling2D(2),
        layers.Flatten(), layers.Dense(1024, activation="relu"), layers.Dropout(0.5), layers.Dense(classes),
    ]  # fmt: skip


def notebook(classes):
    return [
        conv(32, 3), layers.MaxPooling2D(2),
        conv(64, 3), layers.MaxPooling2D(2),
        conv(64, 3),
        layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(classes, activation="softmax"),
    ]  # fmt: skip


def expressions(body, classes):
    pools = {"max": layers.MaxPooling2D, "mean": layers.AveragePooling2D}
    parts = [pools[kind](size, 2) if kind in pools else conv(kind, size) for kind, size in body]
    hidden = [layer for _ in range(2) for layer in (layers.Dense(1024, activation="relu"), layers.Dropout(0.2))]
    return [*parts, layers.Flatten(), *hidden, layers.Dense(classes, activation="softmax")]


def alexnet(classes):
    return [
        conv(96, 11), layers.MaxPooling2D(2), layers.Dropout(0.2),
        conv(256, 5, "same"), layers.MaxPooling2D(2),
        conv(384, 3, "same"), conv(384, 3, "same"), conv(256, 3, "same"), layers.MaxPooling2D(2), layers.Dropout(0.2),
        conv(1024, 3, "same"), layers.MaxPooling2D(2), layers.Dropout(0.2),
        layers.Flatten(), layers.Dense(4096, activation="relu"), layers.Dense(classes, activation="softmax"),
    ]  # fmt: skip


def targets(net, labels):
    """Labels as the loss wants them."""
    facts = FACTS[net]
    return keras.utils.to_categorical(labels, facts["classes"]).astype("float32") if facts["oneHot"] else labels.astype("int32")


def learned(model):
    """How many numbers training changes by gradients: statistics of batch normalization are none."""
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)
