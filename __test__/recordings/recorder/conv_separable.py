"""Separable convolutions of sequences and images."""

from .conv_depthwise import family
from .spatial_run import record as cases


def record():
    return cases(family("SeparableConv"))
