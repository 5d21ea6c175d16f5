"""The two networks in Keras, for whichever backend is chosen, compiled as users compile them."""

import keras
from keras import layers


def build(net):
    keras.utils.set_random_seed(0)
    if net == "mnist":
        inputs = keras.Input((28, 28, 1))
        x = layers.Conv2D(32, 5, activation="relu")(inputs)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Conv2D(64, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
        model = keras.Model(inputs, layers.Dense(10)(layers.Dropout(0.5)(x)))
        return model, keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return model, keras.optimizers.RMSprop(1e-3), keras.losses.CategoricalCrossentropy()


def targets(net, labels):
    return labels.astype("int32") if net == "mnist" else keras.utils.to_categorical(labels, 10).astype("float32")
