"""onnxruntime: predictions of PyTorch's network, exported in float32, with all of its graph's optimisations."""

import pathlib
import tempfile

import onnxruntime
import torch
from torch_networks import build
from torch_peer import probabilities


class Peer:
    def __init__(self, options, images, labels):
        torch.manual_seed(0)
        model = build(options.net, options.image).eval()
        self.params = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
        self.x = [torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous() for batch in images]
        self.session = session(probabilities(options.net, model), self.x[0], options.threads)
        self.x = [batch.numpy() for batch in self.x]
        self.version = f"onnxruntime {onnxruntime.__version__}"
        self.position = 0

    def run(self, steps):
        for _ in range(steps):
            slot = self.position % len(self.x)
            self.position += 1
            (result,) = self.session.run(None, {"image": self.x[slot]})
        return float(result.flat[-1])


def session(model, example, threads):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder) / "network.onnx")
        # Weights lie in a file of their own: an ONNX file holds 2 GB at most.
        torch.onnx.export(model, (example,), file, input_names=["image"], dynamo=True, external_data=True, optimize=True)
        return onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
