//! Whether the images are read where they lie, or what is copied of them.

use crate::conv::ConvShape;
use crate::routine::Float;

/// Inputs of at most this many channels are copied with their padding, so that all taps of a
/// kernel can share a tile: a tap alone would fill a tile badly.
const FEW_CHANNELS: usize = 4;

/// How the tiles get at the images.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Images {
    /// Where they lie.
    Read,
    /// Copied with their padding.
    Padded,
    /// In words of two pixels that meet neighbouring outputs, with their padding.
    Paired,
    /// The same for kernels of one tap, of the pixels alone that it sees.
    Gathered,
}

impl Images {
    pub fn choose(shape: &ConvShape, inputs: Float) -> Images {
        let inside = with_padding(shape);
        let pads = shape.pad != [0, 0] || inside.h > shape.h || inside.w > shape.w;
        match inputs {
            Float::Bf16 if shape.kh * shape.kw == 1 && !pads => Images::Gathered,
            Float::Bf16 => Images::Paired,
            Float::F32 if shape.c <= FEW_CHANNELS && pads => Images::Padded,
            Float::F32 => Images::Read,
        }
    }

    /// Whether words are pairs of bf16.
    pub fn paired(self) -> bool {
        matches!(self, Images::Paired | Images::Gathered)
    }

    /// Steps of a sum over so many neighbouring outputs.
    pub fn steps(self, outputs: usize) -> usize {
        if self.paired() { outputs.div_ceil(2) } else { outputs }
    }
}

/// The same convolution on images that contain their padding, and no more than the kernel sees.
pub fn with_padding(shape: &ConvShape) -> ConvShape {
    let seen = |output: usize, kernel: usize, axis: usize| {
        output.saturating_sub(1) * shape.stride[axis] + kernel.saturating_sub(1) * shape.dilation[axis] + 1
    };
    ConvShape { h: seen(shape.oh, shape.kh, 0), w: seen(shape.ow, shape.kw, 1), pad: [0, 0], ..*shape }
}
