#!/usr/bin/env bash
# Makes bench/peers/.venv with the frameworks that the benchmarks compare with; README.md says what it costs.
set -euo pipefail
cd "$(dirname "$0")"

python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null || { echo "setup.sh: $python is missing (set PYTHON to a Python 3.11)" >&2; exit 1; }
command -v g++ >/dev/null || echo "setup.sh: no g++, so the peer torch-compiled will not run" >&2

[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/pip install --quiet --requirement requirements.txt
.venv/bin/python -c '
from importlib.metadata import version
import torch, tensorflow, keras, jax, onnxruntime
print(*(f"{name} {version(name)}" for name in ("torch", "tensorflow-cpu", "keras", "jax", "onnxruntime")), sep="\n")
' 2>/dev/null
