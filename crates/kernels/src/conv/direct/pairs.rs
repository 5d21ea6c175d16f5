//! Images of bf16 in words of two pixels, which meet neighbouring outputs in a kernel's gradient.

use std::ops::Range;

use fovea_core::Bf16;

use super::kernel_grad::Block;
use crate::conv::ConvShape;
use crate::isa::Isa;
use crate::tile::convert::PairRows;

/// Outputs of a row from which on a word that is half empty, at its end, is not worth avoiding.
const LONG_ROW: usize = 16;

/// Copies blocks of images into words.
pub struct Pairs<'a> {
    pub isa: Isa,
    /// The convolution as it is, and as the tiles see it.
    pub from: &'a ConvShape,
    pub shape: &'a ConvShape,
    /// Words of a pixel and of a row of the copy.
    pub pixel: usize,
    pub row: usize,
}

impl Pairs<'_> {
    /// A convolution of one tap on the pixels alone that it sees, short rows of odd length joined.
    pub fn gathered(shape: &ConvShape) -> ConvShape {
        let joins = !shape.ow.is_multiple_of(2) && shape.ow < LONG_ROW && shape.oh > 0;
        let rows = if joins { 1 } else { shape.oh };
        let columns = if joins { shape.oh * shape.ow } else { shape.ow };
        ConvShape { h: rows, w: columns, oh: rows, ow: columns, stride: [1, 1], dilation: [1, 1], ..*shape }
    }

    /// The pixels that the one tap sees in these channels, two neighbours in each word.
    ///
    /// # Safety
    /// The block's images are readable, and `to` has room for them in words.
    pub unsafe fn gather(&self, block: Block, channels: &Range<usize>, to: *mut f32) -> Block {
        let (from, shape) = (self.from, self.shape);
        let x = block.x.cast::<Bf16>().wrapping_add(channels.start);
        let rows = block.extent.rows.clone();
        let image = rows.len() * self.row;
        for index in 0..block.extent.images.len() {
            for row in rows.clone() {
                let first = row * shape.ow;
                let pair = PairRows {
                    from: x.wrapping_add(index * block.image),
                    at: |pixel| {
                        let output = first + pixel;
                        let [y, x] = [output / from.ow * from.stride[0], output % from.ow * from.stride[1]];
                        (y * from.w + x) * from.c
                    },
                    to: to.wrapping_add(index * image + (row - rows.start) * self.row + channels.start),
                    to_stride: self.pixel,
                    rows: shape.ow,
                    width: channels.len(),
                    panel: channels.len(),
                    to_panel: 0,
                };
                // SAFETY: the caller's promise; the tap sees pixels of the image alone.
                unsafe { self.isa.enter(pair) };
            }
        }
        Block { x: to.cast_const().wrapping_sub(rows.start * self.row), image, ..block }
    }

    /// The `seen` rows that a block sees, with their padding: each pixel and, in the same word, that one
    /// which the next output sees through the same tap.
    ///
    /// # Safety
    /// The block's images are readable, and `to` has room for those rows in words, `padded` for one row and
    /// a stride.
    pub unsafe fn pad(&self, block: Block, seen: usize, to: *mut f32, padded: *mut Bf16) -> Block {
        let (from, shape) = (self.from, self.shape);
        let (next, [above, left]) = (shape.stride[1] * shape.c, from.pad);
        let top = block.extent.rows.start * shape.stride[0];
        let image = seen * self.row;
        let width = from.w.min(shape.w.saturating_sub(left)) * from.c;
        // SAFETY: the caller's promise. The padding stays as it is from row to row.
        unsafe { padded.write_bytes(0, self.row + next) };
        for index in 0..block.extent.images.len() {
            for row in 0..seen {
                let to = to.wrapping_add(index * image + row * self.row);
                let source = (top + row).checked_sub(above).filter(|&row| row < from.h);
                // SAFETY: the caller's promise; the row lies inside the image.
                unsafe {
                    let Some(source) = source else {
                        to.write_bytes(0, self.row);
                        continue;
                    };
                    let start = index * block.image + source * from.w * from.c;
                    let inside = padded.wrapping_add(left * shape.c);
                    inside.copy_from_nonoverlapping(block.x.cast::<Bf16>().wrapping_add(start), width);
                    let pair = PairRows {
                        from: padded.cast_const(),
                        at: |row| row * next,
                        to,
                        to_stride: 0,
                        rows: 2,
                        width: self.row,
                        panel: self.row,
                        to_panel: 0,
                    };
                    self.isa.enter(pair);
                }
            }
        }
        Block { x: to.cast_const().wrapping_sub(top * self.row), image, ..block }
    }
}
