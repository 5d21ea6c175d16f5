//! Whether the images are read where they lie, or what is copied of them.

use crate::conv::ConvShape;
use crate::routine::Float;
use crate::tile::menu::PAGE;

/// Inputs of at most this many channels are copied with their padding, so that all taps of a
/// kernel can share a tile: a tap alone would fill a tile badly.
pub const FEW_CHANNELS: usize = 4;
/// Words of input and gradient that a chunk sums before a tile's result goes back to memory: they, and
/// those that are fetched meanwhile, stay in its core's cache.
const BLOCK: usize = 64 * 1024;
/// As many where images are copied with their padding: they stay in the nearest.
const PADDED_BLOCK: usize = 16 * 1024;
/// As many where both are paired, and nothing is fetched ahead.
const PAIRED_BLOCK: usize = 128 * 1024;

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
    /// Copied for kernels of one tap, the pixels alone that it sees.
    Seen,
}

impl Images {
    pub fn choose(shape: &ConvShape, inputs: Float) -> Images {
        let inside = with_padding(shape);
        let pads = shape.pad != [0, 0] || inside.h > shape.h || inside.w > shape.w;
        match inputs {
            Float::Bf16 if shape.kh * shape.kw == 1 && !pads => Images::Gathered,
            Float::Bf16 => Images::Paired,
            Float::F32 if shape.c <= FEW_CHANNELS && pads => Images::Padded,
            Float::F32 if shape.kh * shape.kw == 1 && !pads && is_sparse(shape) => Images::Seen,
            Float::F32 => Images::Read,
        }
    }

    /// Whether words are pairs of bf16.
    pub fn paired(self) -> bool {
        matches!(self, Images::Paired | Images::Gathered)
    }

    /// Words that a block should have.
    pub fn block(self) -> usize {
        match self {
            Images::Read | Images::Seen => BLOCK,
            Images::Padded => PADDED_BLOCK,
            Images::Paired | Images::Gathered => PAIRED_BLOCK,
        }
    }

    /// Steps of a sum over so many neighbouring outputs.
    pub fn steps(self, outputs: usize) -> usize {
        if self.paired() { outputs.div_ceil(2) } else { outputs }
    }
}

/// Whether neighbouring outputs see pixels whole pages apart: they would crowd into few sets of the caches.
fn is_sparse(shape: &ConvShape) -> bool {
    shape.groups == 1 && shape.stride[1] > 1 && (shape.stride[1] * shape.c).is_multiple_of(PAGE)
}

/// The same convolution on the pixels alone that a kernel of one tap sees.
pub fn only_seen(shape: &ConvShape) -> ConvShape {
    ConvShape { h: shape.oh, w: shape.ow, stride: [1, 1], dilation: [1, 1], ..*shape }
}

/// The same convolution on images that contain their padding, and no more than the kernel sees.
pub fn with_padding(shape: &ConvShape) -> ConvShape {
    let seen = |output: usize, kernel: usize, axis: usize| {
        output.saturating_sub(1) * shape.stride[axis] + kernel.saturating_sub(1) * shape.dilation[axis] + 1
    };
    ConvShape { h: seen(shape.oh, shape.kh, 0), w: seen(shape.ow, shape.kw, 1), pad: [0, 0], ..*shape }
}
