"""PyTorch: eager, eager with channels-last tensors, compiled by TorchInductor, and so with CUDA graphs."""

import torch
from torch import nn
from torch.nn import functional as F

# What torch.compile is told; peers that are not here run eagerly.
COMPILED = {
    "torch-compiled": {},
    "torch-graphs": {"mode": "reduce-overhead"},
    "torch-graphs-tf32": {"mode": "reduce-overhead"},
}


class Peer:
    def __init__(self, options, images, labels):
        torch.set_num_threads(options.threads)
        torch.set_flush_denormal(True)
        torch.manual_seed(0)
        self.device = torch.device(options.device)
        if self.device.type == "cuda":
            prepare_cuda(self.device, tf32=options.peer.endswith("tf32"))
        # Inductor lays tensors out itself, and the channels-last start suits it too.
        channels_last = options.peer != "torch"
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.model = (mnist() if options.net == "mnist" else notebook()).to(self.device, memory_format=layout)
        self.images = [self.put(batch).permute(0, 3, 1, 2).contiguous(memory_format=layout) for batch in images]
        if options.net == "mnist":
            self.targets = [self.put(batch) for batch in labels]
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, eps=1e-7, fused=True)
            loss_of = F.cross_entropy
        else:
            self.targets = [F.one_hot(self.put(batch), 10).float() for batch in labels]
            self.optimizer = torch.optim.RMSprop(self.model.parameters(), lr=1e-3, alpha=0.9, eps=1e-7, foreach=True)
            # The model's softmax and the logarithm of the loss in one stable function, as Keras folds them too.
            loss_of = F.cross_entropy
        self.version = version(self.device)
        self.params = sum(parameter.numel() for parameter in self.model.parameters())
        self.position = 0

        def forward(x, y):
            return loss_of(self.model(x), y)

        self.forward = torch.compile(forward, **COMPILED[options.peer]) if options.peer in COMPILED else forward

    def put(self, batch):
        return torch.from_numpy(batch).to(self.device)

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.images)
            self.position += 1
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.forward(self.images[slot], self.targets[slot])
            loss.backward()
            self.optimizer.step()
        self.wait()
        return loss.item()

    def wait(self):
        """GPUs are asked, not waited for: without this the last update would go unmeasured."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()

    def device_bytes(self):
        """What is held of the GPU's memory."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_reserved(self.device)
        return torch.mps.driver_allocated_memory()


def prepare_cuda(device, tf32):
    torch.cuda.set_device(device)
    # The shapes never change: cuDNN may try all its kernels.
    torch.backends.cudnn.benchmark = True
    # By default convolutions take factors of ten bits where the card can; Fovea computes in float32.
    # Said in the older of two ways: TorchInductor asks in that one, and PyTorch throws if they are mixed.
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


def version(device):
    torch_version = f"torch {torch.__version__}"
    if device.type != "cuda":
        return torch_version
    runtime = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
    return f"{torch_version}, {runtime}, cuDNN {torch.backends.cudnn.version()}"


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
