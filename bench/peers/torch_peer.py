"""PyTorch: eager, eager with channels-last tensors, and compiled by TorchInductor."""

import torch
from torch import nn
from torch.nn import functional as F


class Peer:
    def __init__(self, options, images, labels):
        torch.set_num_threads(options.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(0)
        # Inductor lays tensors out itself, and the channels-last start suits it too.
        channels_last = options.peer != "torch"
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.model = (mnist() if options.net == "mnist" else notebook()).to(memory_format=layout)
        self.images = [torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous(memory_format=layout) for batch in images]
        if options.net == "mnist":
            self.targets = [torch.from_numpy(batch) for batch in labels]
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, eps=1e-7, fused=True)
            loss_of = F.cross_entropy
        else:
            self.targets = [F.one_hot(torch.from_numpy(batch), 10).float() for batch in labels]
            self.optimizer = torch.optim.RMSprop(self.model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7, foreach=True)
            # The model's softmax and the logarithm of the loss in one stable function, as Keras folds them too.
            loss_of = F.cross_entropy
        self.version = f"torch {torch.__version__}"
        self.params = sum(parameter.numel() for parameter in self.model.parameters())
        self.position = 0

        def forward(x, y):
            return loss_of(self.model(x), y)

        self.forward = torch.compile(forward) if options.peer == "torch-compiled" else forward

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.images)
            self.position += 1
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.forward(self.images[slot], self.targets[slot])
            loss.backward()
            self.optimizer.step()
        return loss.item()


def mnist():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 10),
    )  # fmt: skip


def notebook():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
