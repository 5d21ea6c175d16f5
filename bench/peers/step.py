"""One peer, one network, one process: trains n steps per line of input. README.md describes the protocol."""

import argparse
import importlib
import json
import os
import resource
import sys
import time

PEERS = {
    "torch": "torch_peer",
    "torch-channels-last": "torch_peer",
    "torch-compiled": "torch_peer",
    "torch-graphs": "torch_peer",
    "torch-graphs-tf32": "torch_peer",
    "keras-tensorflow": "keras_tensorflow_peer",
    "keras-jax": "keras_jax_peer",
}
BATCHES = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--net", choices=["mnist", "notebook"], required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", default="cpu", help="cpu; of PyTorch also cuda:0 or mps")
    options = parser.parse_args()
    if options.device != "cpu" and PEERS[options.peer] != "torch_peer":
        parser.error(f"{options.peer} runs on the CPU only")
    say = own_stdout()
    limit_threads(options.threads, options.device)

    import numpy as np

    random = np.random.default_rng(0)
    images = random.random((BATCHES, options.batch, 28, 28, 1), dtype=np.float32)
    labels = random.integers(0, 10, (BATCHES, options.batch))
    peer = importlib.import_module(PEERS[options.peer]).Peer(options, images, labels)
    # Tracing, compiling and the choice of kernels happen in the first steps: not what is compared.
    peer.run(3)
    say({"ready": True, "peer": options.peer, "version": peer.version, "params": peer.params})
    for line in sys.stdin:
        if not line.strip():
            continue
        steps = int(json.loads(line)["steps"])
        start = time.perf_counter()
        loss = peer.run(steps)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        turn = {"seconds": seconds, "loss": loss, "peakRssMB": round(peak, 1)}
        if options.device != "cpu":
            turn["deviceMB"] = round(peer.device_bytes() / 2**20, 1)
        say(turn)


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
