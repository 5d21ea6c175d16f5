"""Says which of PyTorch's devices is the GPU that Fovea uses, and which peers run on it: one line of JSON."""

import argparse
import json

import torch

EVERYWHERE = ["torch", "torch-channels-last", "torch-compiled"]
CUDA = [*EVERYWHERE, "torch-graphs", "torch-graphs-tf32"]


def find(card, backend):
    if torch.backends.mps.is_available() and backend == "metal":
        return {"device": "mps", "peers": EVERYWHERE}
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    for i, name in enumerate(names):
        # Vulkan's driver may add its own name to that of the card.
        if name.lower() in card.lower() or card.lower() in name.lower():
            return {"device": f"cuda:{i}", "peers": CUDA}
    if names:
        return {"absent": f"No peers: PyTorch sees {', '.join(names)}, but not {card}."}
    return {"absent": f"No peers: PyTorch {torch.__version__} finds neither CUDA nor MPS here."}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", required=True)
    parser.add_argument("--backend", required=True)
    options = parser.parse_args()
    print(json.dumps(find(options.card, options.backend)))
