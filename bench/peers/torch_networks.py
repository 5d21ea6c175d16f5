"""The networks in PyTorch, each ending in logits; the deep ones are in torch_deep.py."""

import torch
from networks import EXPRESSIONS, FACTS
from torch import nn
from torch_deep import inception_v3, mobilenet_v2, relu, resnet50


def build(net, image):
    classes = FACTS[net]["classes"]
    if net in EXPRESSIONS:
        return expressions(image, classes, EXPRESSIONS[net])
    return NETWORKS[net](image, classes)


def mnist(image, classes):
    body = [
        nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
    ]  # fmt: skip
    return nn.Sequential(*body, nn.Linear(width(body, image), 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, classes))


def notebook(image, classes):
    body = [
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(),
        nn.Flatten(),
    ]  # fmt: skip
    return nn.Sequential(*body, nn.Linear(width(body, image), 64), nn.ReLU(), nn.Linear(64, classes))


def expressions(image, classes, description):
    body, channels = [], image[-1]
    for kind, size in description:
        if kind == "max":
            body.append(nn.MaxPool2d(size, 2))
        elif kind == "mean":
            body.append(nn.AvgPool2d(size, 2))
        else:
            body += [nn.Conv2d(channels, kind, size), relu()]
            channels = kind
    body.append(nn.Flatten())
    hidden = lambda inputs: [nn.Linear(inputs, 1024), relu(), nn.Dropout(0.2)]  # noqa: E731
    return nn.Sequential(*body, *hidden(width(body, image)), *hidden(1024), nn.Linear(1024, classes))


def alexnet(image, classes):
    body = [
        nn.Conv2d(3, 96, 11), relu(), nn.MaxPool2d(2), nn.Dropout(0.2),
        nn.Conv2d(96, 256, 5, padding=2), relu(), nn.MaxPool2d(2),
        nn.Conv2d(256, 384, 3, padding=1), relu(),
        nn.Conv2d(384, 384, 3, padding=1), relu(),
        nn.Conv2d(384, 256, 3, padding=1), relu(), nn.MaxPool2d(2), nn.Dropout(0.2),
        nn.Conv2d(256, 1024, 3, padding=1), relu(), nn.MaxPool2d(2), nn.Dropout(0.2),
        nn.Flatten(),
    ]  # fmt: skip
    return nn.Sequential(*body, nn.Linear(width(body, image), 4096), relu(), nn.Linear(4096, classes))


def vgg_body():
    layers, channels = [], 3
    for filters, convolutions in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(convolutions):
            layers += [nn.Conv2d(channels, filters, 3, padding=1), relu()]
            channels = filters
        layers.append(nn.MaxPool2d(2))
    return layers


def vgg16(image, classes):
    body = [*vgg_body(), nn.Flatten()]
    hidden = lambda inputs: [nn.Linear(inputs, 4096), relu()]  # noqa: E731
    return nn.Sequential(*body, *hidden(width(body, image)), *hidden(4096), nn.Linear(4096, classes))


def vgg16_body(image, classes):
    return nn.Sequential(*vgg_body(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


def width(layers, image):
    """How many numbers come out of layers for one image."""
    height, columns, channels = image
    with torch.no_grad():
        return nn.Sequential(*layers).eval()(torch.zeros(1, channels, height, columns)).numel()


NETWORKS = {
    "mnist": mnist, "notebook": notebook, "alexnet": alexnet, "vgg16": vgg16, "vgg16-body": vgg16_body,
    "resnet50": resnet50, "inceptionv3": inception_v3, "mobilenetv2": mobilenet_v2,
}  # fmt: skip
