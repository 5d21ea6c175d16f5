//! The layers of well-known networks that differ in kind; batches are small enough for one core.

use std::fmt;

use fovea_kernels::conv::{ConvShape, PooledShape};
use fovea_kernels::pool::PoolShape;

/// A convolution of square images.
pub struct Conv {
    pub batch: usize,
    pub side: usize,
    pub channels: [usize; 2],
    pub kernel: [usize; 2],
    pub stride: usize,
    /// Whether the image is padded so that a stride of 1 keeps its size.
    pub same: bool,
    pub depthwise: bool,
    /// Whether max pooling in windows of 2 × 2 follows.
    pub pooled: bool,
}

impl Conv {
    /// With the max pooling behind it, if there is one that gradients can pass by.
    pub fn pooled(&self) -> Option<PooledShape> {
        let conv @ ConvShape { n, oh: h, ow: w, co: c, .. } = self.shape();
        let pool = PoolShape { n, h, w, c, kh: 2, kw: 2, oh: h / 2, ow: w / 2, stride: [2, 2], pad: [0, 0] };
        PooledShape::new(conv, pool).filter(|_| self.pooled)
    }

    pub fn shape(&self) -> ConvShape {
        let [kh, kw] = self.kernel;
        let pads = self.kernel.map(|size| if self.same { size - 1 } else { 0 });
        let [oh, ow] = [0, 1].map(|axis| (self.side + pads[axis] - self.kernel[axis]) / self.stride + 1);
        ConvShape {
            n: self.batch,
            h: self.side,
            w: self.side,
            c: self.channels[0],
            kh,
            kw,
            co: self.channels[1],
            oh,
            ow,
            stride: [self.stride; 2],
            dilation: [1, 1],
            pad: pads.map(|pad| pad / 2),
            groups: if self.depthwise { self.channels[0] } else { 1 },
        }
    }
}

impl fmt::Display for Conv {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Conv { batch, side, channels: [c, co], kernel: [kh, kw], stride, .. } = self;
        let kind = if self.depthwise { "depthwise" } else { "conv" };
        write!(f, "{kind} {batch}x{side}x{side}x{c} {kh}x{kw}/{stride} to {co}")
    }
}

pub struct Dense {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
}

pub struct Net {
    pub name: &'static str,
    pub convolutions: &'static [Conv],
    pub dense: &'static [Dense],
}

/// Padded so that a stride of 1 keeps the size.
const fn same(batch: usize, side: usize, channels: [usize; 2], kernel: [usize; 2], stride: usize) -> Conv {
    Conv { batch, side, channels, kernel, stride, same: true, depthwise: false, pooled: false }
}

/// Without padding.
const fn valid(batch: usize, side: usize, channels: [usize; 2], kernel: [usize; 2], stride: usize) -> Conv {
    Conv { batch, side, channels, kernel, stride, same: false, depthwise: false, pooled: false }
}

/// Before max pooling.
const fn pooled(conv: Conv) -> Conv {
    Conv { pooled: true, ..conv }
}

const fn depthwise(batch: usize, side: usize, channels: usize, stride: usize) -> Conv {
    let channels = [channels, channels];
    Conv { batch, side, channels, kernel: [3, 3], stride, same: true, depthwise: true, pooled: false }
}

const fn dense(batch: usize, inputs: usize, outputs: usize) -> Dense {
    Dense { batch, inputs, outputs }
}

pub const NETS: &[Net] = &[
    Net {
        name: "mnist",
        convolutions: &[
            pooled(valid(64, 28, [1, 32], [5, 5], 1)),
            pooled(valid(64, 12, [32, 64], [3, 3], 1)),
        ],
        dense: &[dense(64, 1600, 1024), dense(64, 1024, 10)],
    },
    Net {
        name: "notebook",
        convolutions: &[
            pooled(valid(64, 28, [1, 32], [3, 3], 1)),
            pooled(valid(64, 13, [32, 64], [3, 3], 1)),
            valid(64, 5, [64, 64], [3, 3], 1),
        ],
        dense: &[dense(64, 576, 64), dense(64, 64, 10)],
    },
    // As in many a tutorial on CIFAR's photographs.
    Net {
        name: "photographs",
        convolutions: &[
            pooled(same(64, 32, [32, 32], [3, 3], 1)),
            pooled(same(64, 16, [64, 64], [3, 3], 1)),
            pooled(same(64, 8, [128, 128], [3, 3], 1)),
            pooled(same(64, 8, [256, 256], [3, 3], 1)),
            pooled(same(64, 8, [512, 512], [3, 3], 1)),
        ],
        dense: &[],
    },
    Net {
        name: "expression",
        convolutions: &[
            valid(16, 48, [1, 64], [5, 5], 1),
            valid(16, 20, [64, 64], [3, 3], 1),
            valid(16, 7, [64, 128], [3, 3], 1),
        ],
        dense: &[dense(64, 56448, 1024), dense(64, 1024, 1024)],
    },
    Net {
        name: "alexnet",
        convolutions: &[
            valid(1, 150, [3, 96], [11, 11], 1),
            same(1, 70, [96, 256], [5, 5], 1),
            same(1, 35, [256, 384], [3, 3], 1),
        ],
        dense: &[],
    },
    Net {
        name: "vgg16",
        convolutions: &[
            same(1, 224, [3, 64], [3, 3], 1),
            same(1, 224, [64, 64], [3, 3], 1),
            same(1, 112, [128, 128], [3, 3], 1),
            same(1, 56, [256, 256], [3, 3], 1),
            same(1, 28, [512, 512], [3, 3], 1),
            same(8, 14, [512, 512], [3, 3], 1),
        ],
        dense: &[],
    },
    Net {
        name: "resnet50",
        convolutions: &[
            same(1, 224, [3, 64], [7, 7], 2),
            same(4, 56, [64, 64], [1, 1], 1),
            same(4, 56, [64, 64], [3, 3], 1),
            same(4, 56, [64, 256], [1, 1], 1),
            same(4, 56, [256, 128], [1, 1], 2),
            same(8, 28, [512, 1024], [1, 1], 2),
            same(8, 14, [1024, 256], [1, 1], 1),
            same(8, 14, [1024, 2048], [1, 1], 2),
            same(8, 14, [256, 256], [3, 3], 1),
            same(8, 7, [512, 512], [3, 3], 1),
            same(8, 7, [512, 2048], [1, 1], 1),
        ],
        dense: &[],
    },
    Net {
        name: "inception",
        convolutions: &[
            valid(1, 299, [3, 32], [3, 3], 2),
            valid(1, 149, [32, 32], [3, 3], 1),
            same(2, 35, [64, 96], [3, 3], 1),
            same(4, 35, [288, 48], [1, 1], 1),
            same(4, 35, [48, 64], [5, 5], 1),
            valid(2, 35, [288, 384], [3, 3], 2),
            same(4, 17, [128, 128], [1, 7], 1),
            same(4, 17, [128, 128], [7, 1], 1),
            same(4, 17, [192, 192], [7, 1], 1),
            valid(8, 17, [192, 320], [3, 3], 2),
            same(8, 8, [1280, 320], [1, 1], 1),
            same(8, 8, [384, 384], [1, 3], 1),
        ],
        dense: &[],
    },
    Net {
        name: "mobilenet",
        convolutions: &[
            same(1, 224, [3, 32], [3, 3], 2),
            depthwise(1, 112, 32, 1),
            same(1, 112, [16, 96], [1, 1], 1),
            depthwise(1, 112, 96, 2),
            same(4, 56, [144, 24], [1, 1], 1),
            depthwise(4, 28, 192, 1),
            depthwise(4, 28, 192, 2),
            depthwise(8, 14, 576, 1),
            same(8, 14, [576, 96], [1, 1], 1),
            depthwise(8, 7, 960, 1),
            same(8, 7, [160, 960], [1, 1], 1),
        ],
        dense: &[],
    },
];
