"""Keras on TensorFlow: a whole training step, or a prediction, as one tf.function, called on tensors already in memory."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras_networks import build, learned, targets  # noqa: E402


class Peer:
    def __init__(self, options, images, labels):
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(options.threads)
        model, optimizer, loss_of = build(options.net, options.image)
        self.x = [tf.constant(batch) for batch in images]
        self.y = [tf.constant(batch) for batch in targets(options.net, labels)]
        self.version = f"keras {keras.__version__}, tensorflow {tf.__version__}"
        self.params = learned(model)
        self.position = 0
        variables = [variable.value for variable in model.trainable_variables]

        @tf.function
        def train(x, y):
            with tf.GradientTape() as tape:
                loss = loss_of(y, model(x, training=True))
            optimizer.apply(tape.gradient(loss, variables), model.trainable_variables)
            return loss

        @tf.function
        def predict(x, y):
            return model(x, training=False)

        if options.task == "train":
            optimizer.build(model.trainable_variables)
        self.step = train if options.task == "train" else predict

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.x)
            self.position += 1
            result = self.step(self.x[slot], self.y[slot])
        return float(result.numpy().flat[-1])
