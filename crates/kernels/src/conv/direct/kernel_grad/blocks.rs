//! Reading a block of the operands, and summing it tile by tile.

use fovea_core::Bf16;

use super::super::kernel_rows::RowRun;
use super::super::pairs::Pairs;
use super::KernelGrad;
use super::images::Images;
use super::next::Next;
use crate::conv::parts::Extent;
use crate::routine::{Float, Operands};
use crate::tile::activation::Finish;
use crate::tile::convert::PairRows;
use crate::tile::kernel::{Ahead, Segments, TileArgs, mode};
use crate::tile::menu::{Panel, even_tiles};
use crate::tile::pack::CopyRows;
use std::ops::Range;

/// Images and output rows that are summed at a time.
pub struct Block {
    pub extent: Extent,
    /// The first image, as if from its first row on.
    pub x: *const f32,
    /// Words from image to image.
    pub image: usize,
    /// The gradient of the first row.
    pub g: *const f32,
}

/// Where a panel of a block's gradient lies.
#[derive(Clone, Copy)]
pub(super) struct Gradient {
    from: *const f32,
    /// Floats from pixel to pixel.
    pixel: usize,
}

impl KernelGrad {
    /// Where a block of the operands lies.
    pub(super) fn place(&self, extent: Extent, at: &Operands) -> Block {
        let (from, shape) = (&self.original, &self.shape);
        let image = from.h * from.w * from.c;
        let float = if self.images.paired() { Float::Bf16 } else { Float::F32 };
        let x = at.inputs[0].wrapping_byte_add(float.bytes(extent.images.start * image));
        let first = extent.images.start * shape.oh + extent.rows.start;
        let g = at.inputs[1].wrapping_byte_add(float.bytes(first * shape.ow * shape.co));
        Block { extent, x, image, g }
    }

    /// A block of the operands: where they are, or the images copied with their padding, or in pairs.
    ///
    /// # Safety
    /// As [`Routine::run`](crate::routine::Routine::run); `copy` has room for a block of copied images and `row` for one of their rows.
    pub(super) unsafe fn read(
        &self,
        extent: Extent,
        channels: &Range<usize>,
        at: &Operands,
        copy: *mut f32,
        row: *mut Bf16,
    ) -> Block {
        let (from, shape) = (&self.original, &self.shape);
        let block = self.place(extent, at);
        let pairs = Pairs { isa: self.isa, from, shape, pixel: self.copied_pixel(), row: self.copied_row() };
        // SAFETY: the caller's promise.
        unsafe {
            match self.images {
                Images::Read => block,
                Images::Padded => self.pad(block, copy),
                Images::Paired => {
                    let seen = self.seen(block.extent.rows.len());
                    pairs.pad(block, seen, copy, row)
                }
                Images::Gathered => pairs.gather(block, channels, copy),
                Images::Seen => self.gather(block, channels, copy),
            }
        }
    }

    /// Copies the pixels that the one tap sees, in these channels.
    ///
    /// # Safety
    /// As [`KernelGrad::read`].
    unsafe fn gather(&self, block: Block, channels: &Range<usize>, to: *mut f32) -> Block {
        let (from, row) = (&self.original, self.copied_row());
        let rows = block.extent.rows.clone();
        let image = rows.len() * row;
        for index in 0..block.extent.images.len() {
            for output in rows.clone() {
                let seen = index * block.image + output * from.stride[0] * from.w * from.c;
                let copy = CopyRows {
                    from: block.x.wrapping_add(seen + channels.start),
                    from_stride: from.stride[1] * from.c,
                    to: to.wrapping_add(index * image + (output - rows.start) * row),
                    to_stride: self.copied_pixel(),
                    rows: from.ow,
                    width: channels.len(),
                };
                // SAFETY: the caller's promise; the tap sees pixels of the image alone.
                unsafe { self.isa.enter(copy) };
            }
        }
        Block { x: to.cast_const().wrapping_sub(rows.start * row + channels.start), image, ..block }
    }

    /// Copies the rows that a block sees, with their padding.
    ///
    /// # Safety
    /// As [`KernelGrad::read`].
    unsafe fn pad(&self, block: Block, to: *mut f32) -> Block {
        let (from, shape) = (&self.original, &self.shape);
        let (row, [above, left]) = (shape.w * shape.c, from.pad);
        let top = block.extent.rows.start * shape.stride[0];
        let end = top + self.seen(block.extent.rows.len());
        let image = (end - top) * row;
        // SAFETY: `to` has room for a block.
        unsafe { std::ptr::write_bytes(to, 0, block.extent.images.len() * image) };
        let first = top.max(above);
        for index in 0..block.extent.images.len() {
            let copy = CopyRows {
                from: block.x.wrapping_add(index * block.image + (first - above) * from.w * from.c),
                from_stride: from.w * from.c,
                to: to.wrapping_add(index * image + (first - top) * row + left * shape.c),
                to_stride: row,
                rows: end.min(above + from.h).saturating_sub(first),
                width: from.w.min(shape.w.saturating_sub(left)) * from.c,
            };
            // SAFETY: the part of the image that the kernel sees lies inside both.
            unsafe { self.isa.enter(copy) };
        }
        Block { x: to.cast_const().wrapping_sub(top * row), image, ..block }
    }

    /// Pairs a block's gradient into panels, pixel by pixel in the order of memory.
    ///
    /// # Safety
    /// As [`Routine::run`](crate::routine::Routine::run); `packed` has room for a chunk's panels of a block.
    pub(super) unsafe fn pair_gradient(&self, block: &Block, panels: &Range<usize>, packed: *mut f32) {
        let (shape, count) = (&self.shape, self.panels.count());
        let lanes = shape.co / shape.groups;
        for group in panels.start / count..panels.end.div_ceil(count) {
            let first = panels.start.max(group * count);
            let owned = first - group * count..panels.end.min((group + 1) * count) - group * count;
            let columns = owned.start * self.panels.stride()..(owned.end * self.panels.stride()).min(lanes);
            let to = packed.wrapping_add((first - panels.start) * self.packed_panel());
            for row in 0..block.extent.images.len() * block.extent.rows.len() {
                let from = row * shape.ow * shape.co + group * lanes + columns.start;
                let pair = PairRows {
                    from: block.g.cast::<Bf16>().wrapping_add(from),
                    at: |pixel| pixel * shape.co,
                    to: to.wrapping_add(row * self.steps() * self.panels.stride()),
                    to_stride: self.panels.stride(),
                    rows: shape.ow,
                    width: columns.len(),
                    panel: self.panels.stride(),
                    to_panel: self.packed_panel(),
                };
                // SAFETY: the caller's promise.
                unsafe { self.isa.enter(pair) };
            }
        }
    }

    /// A panel and its group.
    pub(super) fn panel(&self, index: usize) -> (usize, Panel) {
        (index / self.panels.count(), self.panels.get(index % self.panels.count()))
    }

    /// A panel of a block's gradient, where it is or copied, and its group. It is the chunk's panel `place`.
    ///
    /// # Safety
    /// As [`Routine::run`](crate::routine::Routine::run); `packed` has room for a panel of a block, or holds the chunk's panels in pairs.
    pub(super) unsafe fn gradient(
        &self,
        block: &Block,
        index: usize,
        place: usize,
        packed: *mut f32,
    ) -> (usize, Panel, Gradient) {
        let shape = &self.shape;
        let (group, panel) = self.panel(index);
        let from = block.g.wrapping_add(group * (shape.co / shape.groups) + panel.start);
        if !self.packed {
            return (group, panel, Gradient { from, pixel: shape.co });
        }
        let pixel = self.panels.stride();
        if self.images.paired() {
            let from = packed.cast_const().wrapping_add(place * self.packed_panel());
            return (group, panel, Gradient { from, pixel });
        }
        let copy = CopyRows {
            from,
            from_stride: shape.co,
            to: packed,
            to_stride: pixel,
            // A block of several images has all of their rows, so its pixels are neighbours.
            rows: block.extent.images.len() * block.extent.rows.len() * shape.ow,
            width: panel.width,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(copy) };
        (group, panel, Gradient { from: packed, pixel })
    }

    /// Sums a block into one panel of the rows of `run`.
    ///
    /// # Safety
    /// As [`Routine::run`](crate::routine::Routine::run).
    #[allow(clippy::too_many_arguments)]
    pub(super) unsafe fn add(
        &self,
        block: &Block,
        run: RowRun,
        group: usize,
        panel: Panel,
        g: Gradient,
        to: *mut f32,
        accumulate: bool,
        next: &mut Next,
    ) {
        let shape = &self.shape;
        let Extent { images, rows } = &block.extent;
        let first = run.rows.start.max(rows.start);
        let count = run.rows.end.min(rows.end).saturating_sub(first);
        let across = shape.stride[1] * shape.c;
        let [down, across] = match self.images {
            Images::Read | Images::Padded => [shape.stride[0] * shape.w * shape.c, across],
            Images::Paired => [shape.stride[0] * self.copied_row(), 2 * across],
            Images::Gathered | Images::Seen => [self.copied_row(), self.copied_pixel()],
        };
        // Row offsets in `x` count from the run's first output pixel.
        let above = (first - run.rows.start) * down;
        // Copied images have every tap see the whole row.
        let before = (first - rows.start) * self.steps() + run.columns.start;
        let line = self.steps() * g.pixel;
        let args = TileArgs {
            a: block.x.wrapping_add(above + group * (shape.c / shape.groups)),
            rows: std::ptr::null(),
            next: std::ptr::null(),
            b: g.from.wrapping_add(before * g.pixel),
            c: to.wrapping_add(group * (shape.co / shape.groups) + panel.start),
            result: Float::F32,
            c_rows: std::ptr::null(),
            k: self.images.steps(run.columns.len()),
            a_step: across,
            b_step: g.pixel,
            inner: Segments { count, a: down, b: line },
            outer: Segments { count: images.len(), a: block.image, b: rows.len() * line },
            tail: panel.tail,
            accumulate,
            finish: Finish::NONE,
            ahead: Ahead::PANEL,
            streams: false,
        };
        even_tiles(run.len, self.menu.max_rows(panel.vectors), |first, rows| {
            let source = &self.rows.source[run.start + first..][..rows];
            let args = TileArgs {
                rows: source.as_ptr(),
                c_rows: self.rows.result[run.start + first..].as_ptr(),
                ahead: next.ahead(),
                ..args
            };
            let neighbours = source[rows - 1] == source[0] + rows - 1;
            let mode = if neighbours { mode::SPLAT_UNIT } else { mode::SPLAT };
            // SAFETY: the caller's promise; a run's rows see only pixels inside the input.
            unsafe { self.menu.run(mode, panel.vectors, rows, &args.merged()) };
        });
    }
}
