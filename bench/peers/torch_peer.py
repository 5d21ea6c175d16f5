"""PyTorch: eager, eager with channels-last tensors, compiled by TorchInductor, and so with CUDA graphs."""

import torch
from networks import FACTS
from torch.nn import functional as F
from torch_networks import build

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
        self.model = build(options.net, options.image).to(self.device, memory_format=layout)
        self.images = [self.put(batch).permute(0, 3, 1, 2).contiguous(memory_format=layout) for batch in images]
        self.targets = [self.put(batch) for batch in labels]
        learned = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.version = version(self.device)
        self.params = sum(parameter.numel() for parameter in learned)
        self.position = 0
        self.mixed = options.precision == "bfloat16"
        self.step = self.train if options.task == "train" else self.predict
        forward = self.trained(FACTS[options.net], learned) if options.task == "train" else self.predicted(options.net)
        self.forward = torch.compile(forward, **COMPILED[options.peer]) if options.peer in COMPILED else forward

    def trained(self, facts, learned):
        """From a batch to its loss. The model's softmax and the logarithm of the loss are one stable function."""
        rate = facts["rate"]
        if facts["optimizer"] == "adam":
            self.optimizer = torch.optim.Adam(learned, lr=rate, eps=1e-7, fused=True)
        else:
            self.optimizer = torch.optim.RMSprop(learned, lr=rate, alpha=0.9, eps=1e-7, foreach=True)
        if facts["oneHot"]:
            self.targets = [F.one_hot(batch, facts["classes"]).float() for batch in self.targets]

        def loss(x, y):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
                logits = self.model(x)
            return F.cross_entropy(logits.float(), y)

        return loss

    def predicted(self, net):
        """From a batch to what the other sides predict."""
        return probabilities(net, self.model.eval())

    def put(self, batch):
        return torch.from_numpy(batch).to(self.device)

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.images)
            self.position += 1
            result = self.step(slot)
        self.wait()
        return result.flatten()[-1].item()

    def train(self, slot):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(self.images[slot], self.targets[slot])
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def predict(self, slot):
        with torch.no_grad():
            return self.forward(self.images[slot])

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


def probabilities(net, model):
    """The others' networks end in a softmax; that of mnist does nowhere."""
    return model if net == "mnist" else torch.nn.Sequential(model, torch.nn.Softmax(dim=1))


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

