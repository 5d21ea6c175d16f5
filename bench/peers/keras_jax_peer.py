"""Keras on JAX: the stateless training step, jitted, with its state donated so that updates happen in place."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax  # noqa: E402
import keras  # noqa: E402
from keras_networks import build, learned, targets  # noqa: E402


class Peer:
    def __init__(self, options, images, labels):
        model, optimizer, loss_of = build(options.net, options.image)
        optimizer.build(model.trainable_variables)
        self.x = [jax.device_put(batch) for batch in images]
        self.y = [jax.device_put(batch) for batch in targets(options.net, labels)]
        self.version = f"keras {keras.__version__}, jax {jax.__version__}"
        self.params = learned(model)
        self.position = 0
        # Copies: a donated buffer is gone, and the model must keep its own.
        groups = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
        self.state = tuple([variable.value.copy() for variable in group] for group in groups)

        def loss_and_state(trainable, non_trainable, x, y):
            prediction, non_trainable = model.stateless_call(trainable, non_trainable, x, training=True)
            return loss_of(y, prediction), non_trainable

        def step(state, x, y):
            trainable, non_trainable, slots = state
            (loss, non_trainable), gradients = jax.value_and_grad(loss_and_state, has_aux=True)(trainable, non_trainable, x, y)
            trainable, slots = optimizer.stateless_apply(slots, gradients, trainable)
            return loss, (trainable, non_trainable, slots)

        self.step = jax.jit(step, donate_argnums=0)

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.x)
            self.position += 1
            loss, self.state = self.step(self.state, self.x[slot], self.y[slot])
        # Dispatch is asynchronous: without waiting for the state the last update would go unmeasured.
        jax.block_until_ready(self.state)
        return float(loss)
