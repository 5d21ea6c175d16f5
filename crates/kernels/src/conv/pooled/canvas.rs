//! An image with its padding: what comes of an input, and what becomes of an input's gradient.

use super::PooledShape;
use crate::isa::Isa;
use crate::tile::activation::Finish;
use crate::tile::pack::CopyRows;
use crate::tile::simd::{Operation, Simd};
use std::ops::Range;

/// Floats behind a canvas that a vector may reach.
pub const BEYOND: usize = 16;

/// Copies rows of a canvas from image `from`, zeros around it.
///
/// # Safety
/// The image is readable, and `to` has room for those rows.
pub unsafe fn draw(isa: Isa, shape: &PooledShape, rows: Range<usize>, from: *const f32, to: *mut f32) {
    let (conv, [row, _]) = (shape.conv(), shape.steps());
    let inside = rows.start.max(conv.pad[0])..rows.end.min(conv.pad[0] + conv.h);
    let width = conv.w * conv.c;
    // SAFETY: the caller's promise; `inside` lies in the image and in the rows asked for.
    unsafe {
        if inside != rows || width != row {
            std::ptr::write_bytes(to, 0, rows.len() * row);
        }
        isa.enter(CopyRows {
            from: from.wrapping_add(inside.start.saturating_sub(conv.pad[0]) * width),
            from_stride: width,
            to: to.wrapping_add((inside.start - rows.start) * row + conv.pad[1] * conv.c),
            to_stride: row,
            rows: inside.len(),
            width,
        });
    }
}

/// Takes the image in a canvas to an output, without what is around it.
///
/// # Safety of `run`
/// The canvas is readable, the image at `to` writable, and what `finish` reads lies at its offsets.
pub struct Cut<'a> {
    pub shape: &'a PooledShape,
    pub from: *const f32,
    pub to: *mut f32,
    pub finish: Finish,
}

impl Operation for Cut<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let (conv, [row, _]) = (self.shape.conv(), self.shape.steps());
        let width = conv.w * conv.c;
        for y in 0..conv.h {
            let from = self.from.wrapping_add((conv.pad[0] + y) * row + conv.pad[1] * conv.c);
            for x in (0..width).step_by(S::LANES) {
                let (at, mask) = (y * width + x, simd.mask((width - x).min(S::LANES)));
                // SAFETY: the caller's promise.
                unsafe {
                    let sum = simd.load_masked(from.wrapping_add(x), mask);
                    let result = self.finish.vector(simd, sum, [0, at], mask);
                    simd.store_masked(self.to.wrapping_add(at), result, mask);
                }
            }
        }
    }
}
