"""ResNet-50, Inception v3 and MobileNetV2 in PyTorch as keras.applications has them: paddings, biases, epsilons, momenta."""

import torch
from torch import nn
from torch.nn import functional as F


class Join(nn.Module):
    """Branches beside each other, their channels one after the other's."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Sum(nn.Module):
    """A branch and a shortcut, added."""

    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x):
        return self.shortcut(x) + self.branch(x)


class PadForStride2(nn.Module):
    """Zeros before a 3×3 window with stride 2, as TensorFlow's "same" has them: an even side has none at its start."""

    def forward(self, x):
        height, width = x.shape[2:]
        return F.pad(x, (width % 2, 1, height % 2, 1))


def relu():
    """In place, as torchvision has it: nothing else needs what was there before."""
    return nn.ReLU(inplace=True)


def classifier(features, classes):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, classes)]


def resnet50(image, classes):
    def conv(inputs, filters, size, stride=1, padding=0):
        return [nn.Conv2d(inputs, filters, size, stride, padding), nn.BatchNorm2d(filters, eps=1.001e-5, momentum=0.01)]

    def block(inputs, filters, stride, first):
        branch = [*conv(inputs, filters, 1, stride), relu(), *conv(filters, filters, 3, 1, 1), relu(), *conv(filters, 4 * filters, 1)]
        shortcut = nn.Sequential(*conv(inputs, 4 * filters, 1, stride)) if first else nn.Identity()
        return [Sum(nn.Sequential(*branch), shortcut), relu()]

    layers = [*conv(3, 64, 7, 2, 3), relu(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for filters, blocks, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for index in range(blocks):
            layers += block(inputs, filters, stride if index == 0 else 1, index == 0)
            inputs = 4 * filters
    return nn.Sequential(*layers, *classifier(inputs, classes))


def inception_v3(image, classes):
    def conv(inputs, filters, height, width, stride=1, valid=False):
        padding = 0 if valid else (height // 2, width // 2)
        normalize = nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01)
        normalize.weight.requires_grad_(False)  # Keras's has no scale.
        return nn.Sequential(nn.Conv2d(inputs, filters, (height, width), stride, padding, bias=False), normalize, relu())

    def chain(inputs, *convs):
        layers = []
        for filters, height, width, *rest in convs:
            layers.append(conv(inputs, filters, height, width, *rest))
            inputs = filters
        return nn.Sequential(*layers)

    def mean(inputs, filters):
        return nn.Sequential(nn.AvgPool2d(3, 1, 1, count_include_pad=False), conv(inputs, filters, 1, 1))

    def wide(inputs, pooled):
        three = chain(inputs, (64, 1, 1), (96, 3, 3), (96, 3, 3))
        return Join(conv(inputs, 64, 1, 1), chain(inputs, (48, 1, 1), (64, 5, 5)), three, mean(inputs, pooled))

    def middle(n):
        seven = chain(768, (n, 1, 1), (n, 1, 7), (192, 7, 1))
        twice = chain(768, (n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7))
        return Join(conv(768, 192, 1, 1), seven, twice, mean(768, 192))

    def deep(inputs):
        both = lambda n: Join(conv(n, 384, 1, 3), conv(n, 384, 3, 1))  # noqa: E731
        three = nn.Sequential(conv(inputs, 384, 1, 1), both(384))
        twice = nn.Sequential(*chain(inputs, (448, 1, 1), (384, 3, 3)), both(384))
        return Join(conv(inputs, 320, 1, 1), three, twice, mean(inputs, 192))

    largest = lambda: nn.MaxPool2d(3, 2)  # noqa: E731
    halving = (2, True)
    stem = [
        conv(3, 32, 3, 3, *halving), conv(32, 32, 3, 3, 1, True), conv(32, 64, 3, 3), largest(),
        conv(64, 80, 1, 1, 1, True), conv(80, 192, 3, 3, 1, True), largest(),
    ]  # fmt: skip
    to_middle = Join(conv(288, 384, 3, 3, *halving), chain(288, (64, 1, 1), (96, 3, 3), (96, 3, 3, *halving)), largest())
    to_deep = Join(
        chain(768, (192, 1, 1), (320, 3, 3, *halving)),
        chain(768, (192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, *halving)),
        largest(),
    )
    return nn.Sequential(
        *stem, wide(192, 32), wide(256, 64), wide(288, 64),
        to_middle, middle(128), middle(160), middle(160), middle(192),
        to_deep, deep(1280), deep(2048),
        *classifier(2048, classes),
    )  # fmt: skip


def mobilenet_v2(image, classes):
    def normalize(filters):
        return nn.BatchNorm2d(filters, eps=1e-3, momentum=0.001)

    def pointwise(inputs, filters):
        return [nn.Conv2d(inputs, filters, 1, bias=False), normalize(filters)]

    def block(inputs, filters, stride, expansion):
        wide = expansion * inputs
        layers = [*pointwise(inputs, wide), nn.ReLU6(inplace=True)] if expansion > 1 else []
        layers += [PadForStride2()] if stride == 2 else []
        layers += [nn.Conv2d(wide, wide, 3, stride, 2 - stride, groups=wide, bias=False), normalize(wide), nn.ReLU6(inplace=True)]
        branch = nn.Sequential(*layers, *pointwise(wide, filters))
        return Sum(branch, nn.Identity()) if stride == 1 and inputs == filters else branch

    layers = [PadForStride2(), nn.Conv2d(3, 32, 3, 2, bias=False), normalize(32), nn.ReLU6(inplace=True)]
    inputs = 32
    for filters, blocks, stride in [(16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]:
        for index in range(blocks):
            layers.append(block(inputs, filters, stride if index == 0 else 1, 1 if inputs == 32 and filters == 16 else 6))
            inputs = filters
    return nn.Sequential(*layers, *pointwise(inputs, 1280), nn.ReLU6(inplace=True), *classifier(1280, classes))
