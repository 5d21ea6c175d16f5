//! Convolution, forward and both gradients, on NHWC activations and HWIO kernels.

mod choose;
mod direct;
mod parts;
mod pooled;
mod split;
mod winograd;

use crate::converted::Converted;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::{Float, Floats, Routine, Sizes};
use std::fmt;

pub use choose::{Choice, Precision, WinnersAlone};
pub use pooled::PooledShape;
pub use winograd::{Axis, Form, LineForm};

/// What an operation of a depthwise convolution with stride 1 takes beside one of a dense one.
const DEPTHWISE: f64 = 4.0;

/// How a convolution, or a gradient of one, is computed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Algorithm {
    /// Every product of the sum.
    Direct,
    /// Winograd's tiles, for stride 1 and kernels of 3 × 3 or 5 × 5 taps, or of 3 or 7 in a row or column.
    Winograd(Form),
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Algorithm::Direct => f.write_str("direct"),
            Algorithm::Winograd(form) => form.fmt(f),
        }
    }
}

/// `y = epilogue(conv(x, w))`; inputs: x, w. Weights that `last` are the same in many runs.
pub fn forward(
    isa: Isa,
    algorithm: Algorithm,
    shape: &ConvShape,
    epilogue: Epilogue,
    floats: Floats,
    last: bool,
) -> Box<dyn Routine> {
    let alone = algorithm == Algorithm::Direct && floats == Floats::F32 && !epilogue.reads();
    assert!(alone || !epilogue.moments, "a direct sum of f32 that no tensor joins finds its moments");
    let Lengths { x, w, y } = shape.lengths();
    let native = shape.native(algorithm, shape.c, floats);
    let routine: Box<dyn Routine> = match algorithm {
        Algorithm::Direct => Box::new(direct::Forward::new(isa, shape, epilogue, native, last)),
        Algorithm::Winograd(form) => {
            Box::new(winograd::Correlation::forward(isa, form, shape, epilogue, native))
        }
    };
    Converted::around(isa, routine, native, floats, [x, w], y)
}

/// The gradient for the input and what follows it; inputs: the output's gradient, w.
pub fn input_grad(
    isa: Isa,
    algorithm: Algorithm,
    shape: &ConvShape,
    epilogue: Epilogue,
    floats: Floats,
) -> Box<dyn Routine> {
    let Lengths { x, w, y } = shape.lengths();
    let native = shape.native(algorithm, shape.co, floats);
    let routine: Box<dyn Routine> = match algorithm {
        Algorithm::Direct => Box::new(direct::InputGrad::new(isa, shape, epilogue, native)),
        Algorithm::Winograd(form) => {
            Box::new(winograd::Correlation::input_grad(isa, form, shape, epilogue, native))
        }
    };
    Converted::around(isa, routine, native, floats, [y, w], x)
}

/// The gradient for the kernel; inputs: x, the output's gradient.
pub fn kernel_grad(isa: Isa, algorithm: Algorithm, shape: &ConvShape, floats: Floats) -> Box<dyn Routine> {
    let Lengths { x, w, y } = shape.lengths();
    let native = match algorithm {
        Algorithm::Direct if shape.is_depthwise() => Floats::F32,
        Algorithm::Direct => Floats { output: Float::F32, ..floats },
        Algorithm::Winograd(_) => floats,
    };
    let routine: Box<dyn Routine> = match algorithm {
        Algorithm::Direct if shape.is_depthwise() => Box::new(direct::DepthwiseKernelGrad::new(isa, shape)),
        Algorithm::Direct => Box::new(direct::KernelGrad::new(isa, shape, native.inputs)),
        Algorithm::Winograd(form) => Box::new(winograd::KernelGrad::new(isa, form, shape, native)),
    };
    Converted::around(isa, routine, native, floats, [x, y], w)
}

/// The gradient for the input of a convolution that max pooling follows, and what follows it; inputs: the gradient of
/// the pooled values, w. All are f32, and `winners` says whose gradients they are.
pub fn pooled_input_grad(isa: Isa, shape: &PooledShape, epilogue: Epilogue) -> Box<dyn Routine> {
    Box::new(pooled::InputGrad::new(isa, shape, epilogue))
}

/// The gradient for the kernel of such a convolution; inputs: x, the gradient of the pooled values.
pub fn pooled_kernel_grad(isa: Isa, shape: &PooledShape) -> Box<dyn Routine> {
    Box::new(pooled::KernelGrad::new(isa, shape))
}

/// Elements of input, kernel and output.
struct Lengths {
    x: usize,
    w: usize,
    y: usize,
}

/// The sizes of a two-dimensional convolution. Activations are `[n, h, w, c]`, the kernel is
/// `[kh, kw, c / groups, co]`, the output is `[n, oh, ow, co]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConvShape {
    /// Images.
    pub n: usize,
    /// Input height.
    pub h: usize,
    /// Input width.
    pub w: usize,
    /// Input channels, a multiple of `groups`.
    pub c: usize,
    /// Kernel height.
    pub kh: usize,
    /// Kernel width.
    pub kw: usize,
    /// Output channels, a multiple of `groups`.
    pub co: usize,
    /// Output height.
    pub oh: usize,
    /// Output width.
    pub ow: usize,
    /// Input pixels between neighbouring outputs, vertical and horizontal, at least 1.
    pub stride: [usize; 2],
    /// Input pixels between neighbouring taps, at least 1.
    pub dilation: [usize; 2],
    /// Padding above and left; below and right it follows from the output's size.
    pub pad: [usize; 2],
    /// Groups of channels that see only each other, at least 1.
    pub groups: usize,
}

/// Input, kernel and output, then what is not plain about the window.
impl fmt::Display for ConvShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConvShape { n, h, w, c, kh, kw, co, oh, ow, stride, dilation, pad, groups } = *self;
        let depth = c / groups.max(1);
        write!(f, "[{n}, {h}, {w}, {c}] by [{kh}, {kw}, {depth}, {co}] to [{n}, {oh}, {ow}, {co}]")?;
        for (name, pair, plain) in [("stride", stride, 1), ("dilation", dilation, 1), ("padding", pad, 0)] {
            if pair != [plain; 2] {
                write!(f, ", {name} {pair:?}")?;
            }
        }
        if groups == 1 { Ok(()) } else { write!(f, ", {groups} groups") }
    }
}

impl Sizes for ConvShape {
    fn work(&self) -> f64 {
        let [down, across] = [
            (self.h, self.oh, self.kh, self.stride[0], self.dilation[0], self.pad[0]),
            (self.w, self.ow, self.kw, self.stride[1], self.dilation[1], self.pad[1]),
        ]
        .map(|(side, outputs, taps, stride, dilation, pad)| {
            let inside = |tap: usize| {
                let at = |output: usize| output * stride + tap * dilation;
                (0..outputs).filter(|&output| (pad..pad + side).contains(&at(output))).count()
            };
            (0..taps).map(inside).sum::<usize>() as f64
        });
        2.0 * self.n as f64 * down * across * (self.c / self.groups * self.co) as f64
    }
}

#[cfg(test)]
impl ConvShape {
    /// Square images, a kernel of `kh` × `kw`, and outputs as large as the images.
    fn same([kh, kw]: [usize; 2], n: usize, side: usize, c: usize, co: usize) -> ConvShape {
        ConvShape {
            n,
            h: side,
            w: side,
            c,
            kh,
            kw,
            co,
            oh: side,
            ow: side,
            stride: [1, 1],
            dilation: [1, 1],
            pad: [kh / 2, kw / 2],
            groups: 1,
        }
    }
}

impl ConvShape {
    /// Whether every channel is its own group: lanes then run over channels on both sides.
    fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.c && self.groups == self.co
    }

    /// Floating-point operations, padding counted as if it were multiplied.
    fn flops(&self) -> f64 {
        let taps = self.kh * self.kw * self.c / self.groups;
        2.0 * (self.n * self.oh * self.ow) as f64 * (taps * self.co) as f64
    }

    /// What an operation takes beside one of a dense convolution. A depthwise one waits for memory,
    /// and with a stride for pixels that few outputs see.
    fn weight(&self) -> f64 {
        if self.is_depthwise() { DEPTHWISE * (self.stride[0] * self.stride[1]) as f64 } else { 1.0 }
    }

    /// Elements of the kernel.
    fn kernel_len(&self) -> usize {
        self.kh * self.kw * (self.c / self.groups) * self.co
    }

    fn lengths(&self) -> Lengths {
        let ConvShape { n, h, w, c, co, oh, ow, .. } = *self;
        Lengths { x: n * h * w * c, w: self.kernel_len(), y: n * oh * ow * co }
    }

    /// Whether a correlation whose sum runs over so many channels takes pairs of them.
    fn pairs(&self, channels: usize) -> bool {
        !self.is_depthwise() && (channels / self.groups.max(1)).is_multiple_of(2)
    }

    /// What a correlation whose sum runs over so many channels takes and gives as it is.
    fn native(&self, algorithm: Algorithm, channels: usize, floats: Floats) -> Floats {
        match algorithm {
            Algorithm::Direct if self.pairs(channels) => floats,
            Algorithm::Direct => Floats { inputs: Float::F32, ..floats },
            Algorithm::Winograd(_) => floats,
        }
    }

    /// Whether no output sees a neighbour of its own pixel.
    fn is_pointwise(&self) -> bool {
        let plain = self.kh == 1 && self.kw == 1 && self.stride == [1, 1] && self.pad == [0, 0];
        plain && [self.oh, self.ow] == [self.h, self.w]
    }

    /// The pixels of a pointwise convolution as images: they may be grouped freely.
    fn pixels_as_images(self) -> ConvShape {
        if !self.is_pointwise() {
            return self;
        }
        ConvShape { n: self.n * self.h * self.w, h: 1, w: 1, oh: 1, ow: 1, ..self }
    }
}
