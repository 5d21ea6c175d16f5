//! The sizes of such a convolution.

use crate::conv::ConvShape;
use crate::pool::PoolShape;
use crate::routine::Sizes;
use fovea_core::DType;
use std::fmt;
use std::ops::Range;

/// Most bytes of a canvas: it stays in a core's cache.
const MOST_CANVAS: usize = 256 << 10;

/// A convolution and the max pooling of its output, in windows that do not leave it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PooledShape {
    conv: ConvShape,
    pool: PoolShape,
}

impl PooledShape {
    /// Of small images, and unless the taps of the kernel's rows lie apart.
    pub fn new(conv: ConvShape, pool: PoolShape) -> Option<PooledShape> {
        let shape = PooledShape { conv, pool };
        let follows = [pool.n, pool.h, pool.w, pool.c] == [conv.n, conv.oh, conv.ow, conv.co];
        let beside = conv.groups == 1 && (conv.dilation[1] == 1 || conv.kw == 1);
        let some = conv.flops() > 0.0 && pool.oh * pool.ow > 0;
        let [below, right] = [
            (pool.oh.max(1) - 1) * pool.stride[0] + pool.kh,
            (pool.ow.max(1) - 1) * pool.stride[1] + pool.kw,
        ];
        let inside = pool.pad == [0, 0] && below <= pool.h && right <= pool.w;
        let plain = follows && beside && some && inside && pool.index_dtype() == DType::U8;
        (plain && shape.canvas_len() * size_of::<f32>() <= MOST_CANVAS).then_some(shape)
    }

    /// The convolution.
    pub fn conv(&self) -> &ConvShape {
        &self.conv
    }

    pub(super) fn pool(&self) -> &PoolShape {
        &self.pool
    }

    /// Gradients that there are: one for each window and channel.
    pub fn winners(&self) -> usize {
        self.conv.n * self.windows() * self.conv.co
    }

    /// Windows of an image.
    pub fn windows(&self) -> usize {
        self.pool.oh * self.pool.ow
    }

    /// Outputs in a window.
    pub fn cells(&self) -> usize {
        self.pool.kh * self.pool.kw
    }

    /// Floats of a row of the kernel, for one output channel.
    pub fn row(&self) -> usize {
        self.conv.kw * self.conv.c
    }

    /// Additions that make the gradient of the convolution's output: for each of its elements, those of the windows
    /// that hold it.
    pub fn additions(&self) -> f64 {
        (self.winners() * self.cells()).max(self.conv.n * self.conv.oh * self.conv.ow * self.conv.co) as f64
    }

    /// Products of gradients with what they meet, times two.
    pub fn flops(&self) -> f64 {
        2.0 * self.winners() as f64 * (self.conv.kh * self.row()) as f64
    }

    /// Rows and columns of an image with its padding.
    pub(super) fn canvas(&self) -> [usize; 2] {
        let ConvShape { h, w, oh, ow, kh, kw, stride, dilation, pad, .. } = self.conv;
        let seen = |outputs, stride, taps, dilation| (outputs - 1) * stride + (taps - 1) * dilation + 1;
        let height = seen(oh, stride[0], kh, dilation[0]).max(pad[0] + h);
        [height, seen(ow, stride[1], kw, dilation[1]).max(pad[1] + w)]
    }

    /// Floats of it.
    fn canvas_len(&self) -> usize {
        let [height, width] = self.canvas();
        height * width * self.conv.c
    }

    /// Floats from a row of it to the next, and from what one row of the kernel meets to what the next does.
    pub(super) fn steps(&self) -> [usize; 2] {
        let row = self.canvas()[1] * self.conv.c;
        [row, self.conv.dilation[0] * row]
    }

    /// Rows of it that so many rows of windows see, and the first of them.
    pub(super) fn seen(&self, windows: Range<usize>) -> Range<usize> {
        let ConvShape { kh, stride: [down, _], dilation: [apart, _], .. } = self.conv;
        let last = (windows.end - 1) * self.pool.stride[0] + self.pool.kh - 1;
        windows.start * self.pool.stride[0] * down..last * down + (kh - 1) * apart + 1
    }

    /// Where the first tap lies in the canvas for each output of each window.
    pub(super) fn places(&self) -> Vec<u32> {
        let ([row, _], [down, across]) = (self.steps(), self.conv.stride);
        let PoolShape { oh, ow, kh, kw, stride, .. } = self.pool;
        let outputs = (0..oh * ow).flat_map(|window| (0..kh * kw).map(move |cell| (window, cell)));
        let place = |(window, cell): (usize, usize)| {
            let [y, x] = [window / ow * stride[0] + cell / kw, window % ow * stride[1] + cell % kw];
            (y * down * row + x * across * self.conv.c) as u32
        };
        outputs.map(place).collect()
    }
}

impl fmt::Display for PooledShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolShape { kh, kw, stride, .. } = self.pool;
        write!(f, "{}, max pooled by [{kh}, {kw}]", self.conv)?;
        if stride == [kh, kw] { Ok(()) } else { write!(f, ", stride {stride:?}") }
    }
}

/// Those of the definition, products with zeros among them.
impl Sizes for PooledShape {
    fn work(&self) -> f64 {
        self.conv.work()
    }
}
