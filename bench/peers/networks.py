"""What is to be known of each network besides its layers: ../networks.json, which Fovea's side reads, too."""

import json
import pathlib

FACTS = json.loads((pathlib.Path(__file__).parent.parent / "networks.json").read_text(encoding="utf-8"))

# The convolutions and poolings of expression nets, as in examples/expressions/networks.ts: (filters, window), or ("max", window).
EXPRESSIONS = {
    "expressions": [
        (64, 5), ("max", 5),
        (64, 3), (64, 3), ("mean", 3),
        (128, 3), (128, 3), ("mean", 3),
    ],
    "expressions-net3": [(64, 3), (128, 3), ("mean", 3)],
}  # fmt: skip
