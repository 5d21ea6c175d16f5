"""One peer, one network, one process: n steps per line of input. README.md describes the protocol."""

import argparse
import importlib
import json
import os
import resource
import sys
import time

from networks import FACTS

PEERS = {
    "torch": "torch_peer",
    "torch-channels-last": "torch_peer",
    "torch-compiled": "torch_peer",
    "torch-graphs": "torch_peer",
    "torch-graphs-tf32": "torch_peer",
    "keras-tensorflow": "keras_tensorflow_peer",
    "keras-jax": "keras_jax_peer",
    "onnxruntime": "onnxruntime_peer",
}
# What a peer does in its steps; all that are not here do both.
TASKS = {"keras-jax": ["train"], "onnxruntime": ["predict"]}
BATCHES = {"train": 8, "predict": 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--net", choices=FACTS, required=True)
    parser.add_argument("--task", choices=BATCHES, default="train")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, help="of each step; the network's own if left out")
    parser.add_argument("--image", type=sides, help="like 224x224x3; the network's own if left out")
    parser.add_argument("--warm", type=int, default=3, help="steps before the process is ready")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: mixed; of PyTorch")
    parser.add_argument("--device", default="cpu", help="cpu; of PyTorch also cuda:0 or mps")
    options = parser.parse_args()
    if options.device != "cpu" and PEERS[options.peer] != "torch_peer":
        parser.error(f"{options.peer} runs on the CPU only")
    if options.precision != "float32" and PEERS[options.peer] != "torch_peer":
        parser.error(f"{options.peer} computes in float32 only")
    if options.task not in TASKS.get(options.peer, BATCHES):
        parser.error(f"{options.peer} does not {options.task}")
    facts = FACTS[options.net]
    options.batch = options.batch or facts["batch"]
    options.image = options.image or facts["image"]
    say = own_stdout()
    limit_threads(options.threads, options.device)

    import numpy as np

    random = np.random.default_rng(0)
    batches = BATCHES[options.task]
    images = random.random((batches, options.batch, *options.image), dtype=np.float32)
    labels = random.integers(0, facts["classes"], (batches, options.batch))
    peer = importlib.import_module(PEERS[options.peer]).Peer(options, images, labels)
    # Tracing, compiling and the choice of kernels happen in the first steps: not what is compared.
    peer.run(options.warm)
    say({"ready": True, "peer": options.peer, "version": peer.version, "params": peer.params})
    for line in sys.stdin:
        if not line.strip():
            continue
        steps = int(json.loads(line)["steps"])
        start = time.perf_counter()
        value = peer.run(steps)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        turn = {"seconds": seconds, "value": value, "peakRssMB": round(peak, 1)}
        if options.device != "cpu":
            turn["deviceMB"] = round(peer.device_bytes() / 2**20, 1)
        say(turn)


def sides(text):
    return [int(side) for side in text.split("x")]


def own_stdout():
    """Keeps stdout for the protocol: what frameworks print goes to stderr."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return lambda message: print(json.dumps(message), file=out, flush=True)


def limit_threads(threads, device):
    """Before any framework is imported: each reads its own variable once."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[name] = str(threads)
    if device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["NPROC"] = str(threads)  # XLA's pool


if __name__ == "__main__":
    main()
