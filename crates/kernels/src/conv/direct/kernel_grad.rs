//! The gradient of a convolution with respect to its kernel.

use super::kernel_rows::{KernelRows, RowRun};
use crate::conv::ConvShape;
use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Routine, Tile, aligned_bytes, chunk_count, share};
use crate::tile::kernel::{Menu, Segments, TileArgs, mode};
use crate::tile::menu::{Panel, Panels, even_tiles};
use crate::tile::pack::CopyRows;
use crate::tile::tree::SumPartials;

/// Inputs of at most this many channels are copied with their padding, so that all taps of a
/// kernel can share a tile: a tap alone would fill a tile badly.
const FEW_CHANNELS: usize = 4;
/// Most partial results.
const MAX_PARTIALS: usize = 32;
/// Rows of a chunk from which on copying a panel of the gradient costs little: out of whole
/// pixels, its lines would crowd into few sets of the cache.
const PACKED_ROWS: usize = 32;
/// Bytes of a pixel from which on they do.
const PACKED_PIXEL_BYTES: usize = 1024;
/// Floats of input and gradient that are summed before a tile's result goes back to memory.
const BLOCK: usize = 16 * 1024;
/// Floats of the result that a chunk of the last phase adds up.
const SUM_LENGTH: usize = 16 * 1024;

/// `dw` from `x` and `g`, the gradient of the convolution's output.
///
/// Images are cut into a fixed number of parts with a partial result each, added in a fixed tree;
/// and the result into parts of rows, where that costs less memory traffic.
pub struct KernelGrad {
    isa: Isa,
    menu: &'static Menu,
    /// The shape that the tiles see: the padding already there if `padded`.
    shape: ConvShape,
    original: ConvShape,
    padded: bool,
    /// Whether panels of the gradient are copied before use.
    packed: bool,
    rows: KernelRows,
    panels: Panels,
    partials: usize,
    row_chunks: usize,
    /// Images summed at a time; if 1, also how many output rows.
    block: (usize, usize),
    phases: Vec<PhaseSpec>,
}

impl KernelGrad {
    /// Plans the gradient; `isa` must be available.
    pub fn new(isa: Isa, original: &ConvShape) -> KernelGrad {
        let menu = isa.menu();
        let original = &original.image_as_row();
        let inside = with_padding(original);
        let padded = original.c <= FEW_CHANNELS
            && (original.pad != [0, 0] || inside.h > original.h || inside.w > original.w);
        let shape = if padded { inside } else { *original };
        let rows = KernelRows::new(&shape);

        let lanes = shape.co / shape.groups;
        let runs: Vec<(usize, usize)> =
            rows.runs.iter().map(|run| (run.len, run.rows.len() * run.columns.len())).collect();
        let vectors = menu.choose_vectors(lanes.div_ceil(menu.lanes), &runs);
        let panels = Panels::new(menu.lanes, vectors, lanes);

        let result = shape.kernel_len();
        let images = shape.n.max(1);
        let operands = images * (shape.h * shape.w * shape.c + shape.oh * shape.ow * shape.co);
        let wanted = chunk_count(shape.flops()).min(64);
        let units = rows.units(menu.max_rows(vectors));
        let (partials, row_chunks) = split(wanted, images, units, result, operands);

        let per_image = (operands / images).max(1);
        let block_images = (BLOCK / per_image).clamp(1, images);
        let block_rows = if per_image > 2 * BLOCK {
            (BLOCK * shape.oh).div_ceil(per_image).clamp(1, shape.oh.max(1))
        } else {
            shape.oh.max(1)
        };

        let packed = panels.count() > 1
            && shape.co * size_of::<f32>() >= PACKED_PIXEL_BYTES
            && rows.source.len() / row_chunks >= PACKED_ROWS;
        let panel = block_images * block_rows * shape.ow * panels.stride();
        let image = block_images * shape.h * shape.w * shape.c;
        let scratch =
            aligned_bytes(if padded { image } else { 0 }) + aligned_bytes(if packed { panel } else { 0 });
        let chunks = if result == 0 { 0 } else { partials * row_chunks };
        let mut phases = vec![PhaseSpec { chunks, scratch, cost: shape.flops() }];
        if partials > 1 {
            let cost = (partials * result) as f64;
            phases.push(PhaseSpec { chunks: result.div_ceil(SUM_LENGTH), scratch: 0, cost });
        }
        KernelGrad {
            isa,
            menu,
            shape,
            original: *original,
            padded,
            packed,
            rows,
            panels,
            partials,
            row_chunks,
            block: (block_images, block_rows),
            phases,
        }
    }
}

impl Routine for KernelGrad {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        if self.partials == 1 { 0 } else { self.partials * aligned_bytes(self.shape.kernel_len()) }
    }

    fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let Operands { inputs: [x, g], output: dw, temp, scratch, .. } = *at;
        let result = self.shape.kernel_len();
        let stride = aligned_bytes(result) / size_of::<f32>();
        if phase == 1 {
            let start = chunk * SUM_LENGTH;
            let sum = SumPartials {
                partials: temp.cast::<f32>().cast_const().wrapping_add(start),
                stride,
                count: self.partials,
                to: dw.wrapping_add(start),
                length: (result - start).min(SUM_LENGTH),
            };
            // SAFETY: the partial results lie in `temp`, one after another.
            return unsafe { self.isa.enter(sum) };
        }
        // The parts of one set of images are neighbours: they share its operands.
        let (part, row_chunk) = (chunk / self.row_chunks, chunk % self.row_chunks);
        let to = if self.partials == 1 { dw } else { temp.cast::<f32>().wrapping_add(part * stride) };
        let images = share(self.shape.n, self.partials, part);
        let (padded, packed) = self.scratch_parts(scratch.cast());
        let owned = || self.rows.part(self.row_chunks, row_chunk);
        let shape = &self.shape;
        let (block_images, block_rows) = self.block;
        let blocks = images.len().div_ceil(block_images).max(1);
        for block in 0..blocks {
            let set = share(images.len(), blocks, block);
            let (image, count) = (images.start + set.start, set.len());
            // SAFETY: the caller's promise.
            let from = unsafe { self.source(x, image, count, padded) };
            let from_g = g.wrapping_add(image * shape.oh * shape.ow * shape.co);
            for row in (0..shape.oh.max(1)).step_by(block_rows) {
                let output = row..(row + block_rows).min(shape.oh);
                let block = Block { images: count, output, x: from, g: from_g };
                let accumulate = (image, row) != (images.start, 0);
                for panel in 0..self.shape.groups * self.panels.count() {
                    // SAFETY: the caller's promise.
                    unsafe { self.add_block(&block, panel, owned(), packed, to, accumulate) };
                }
            }
        }
    }
}

impl KernelGrad {
    /// Where a chunk keeps padded images and where a panel of the gradient.
    fn scratch_parts(&self, scratch: *mut f32) -> (*mut f32, *mut f32) {
        let shape = &self.shape;
        let padded = self.block.0 * shape.h * shape.w * shape.c;
        let padded = if self.padded { aligned_bytes(padded) / size_of::<f32>() } else { 0 };
        (scratch, scratch.wrapping_add(padded))
    }

    /// The images of a block: where they are, or copied into `scratch` with their padding.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn source(&self, x: *const f32, image: usize, count: usize, scratch: *mut f32) -> *const f32 {
        let from = &self.original;
        let x = x.wrapping_add(image * from.h * from.w * from.c);
        if !self.padded {
            return x;
        }
        let to = &self.shape;
        let size = count * to.h * to.w * to.c;
        // SAFETY: `scratch` has room for a block of padded images.
        unsafe { std::ptr::write_bytes(scratch, 0, size) };
        for index in 0..count {
            let x = x.wrapping_add(index * from.h * from.w * from.c);
            let inside = (index * to.h + from.pad[0]) * to.w + from.pad[1];
            let copy = CopyRows {
                from: x,
                from_stride: from.w * from.c,
                to: scratch.wrapping_add(inside * to.c),
                to_stride: to.w * to.c,
                rows: from.h.min(to.h.saturating_sub(from.pad[0])),
                width: from.w.min(to.w.saturating_sub(from.pad[1])) * from.c,
            };
            // SAFETY: the part of the image that the kernel sees lies inside both.
            unsafe { self.isa.enter(copy) };
        }
        scratch
    }

    /// Sums a block into one panel of the rows of `runs`.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn add_block(
        &self,
        block: &Block,
        index: usize,
        runs: impl Iterator<Item = RowRun>,
        packed: *mut f32,
        to: *mut f32,
        accumulate: bool,
    ) {
        let shape = &self.shape;
        let (group, panel) = (index / self.panels.count(), self.panels.get(index % self.panels.count()));
        let lane = group * (shape.co / shape.groups) + panel.start;
        let channel = group * (shape.c / shape.groups);
        let pixels = block.output.len() * shape.ow;
        let (mut g, mut pixel, mut image) = (
            block.g.wrapping_add(block.output.start * shape.ow * shape.co + lane),
            shape.co,
            shape.oh * shape.ow * shape.co,
        );
        if self.packed {
            let stride = self.panels.stride();
            for index in 0..block.images {
                let copy = CopyRows {
                    from: g.wrapping_add(index * image),
                    from_stride: shape.co,
                    to: packed.wrapping_add(index * pixels * stride),
                    to_stride: stride,
                    rows: pixels,
                    width: panel.width,
                };
                // SAFETY: the caller's promise; `scratch` has room for a panel of a block.
                unsafe { self.isa.enter(copy) };
            }
            (g, pixel, image) = (packed, stride, pixels * stride);
        }
        let down = shape.stride[0] * shape.w * shape.c;
        for run in runs {
            let first = run.rows.start.max(block.output.start);
            let count = run.rows.end.min(block.output.end).saturating_sub(first);
            // Row offsets in `x` count from the run's first output pixel.
            let above = first.saturating_sub(run.rows.start) * down;
            let before = first.saturating_sub(block.output.start) * shape.ow + run.columns.start;
            let mut args = TileArgs {
                a: block.x.wrapping_add(above + channel),
                rows: std::ptr::null(),
                b: g.wrapping_add(before * pixel),
                c: to.wrapping_add(lane),
                c_rows: std::ptr::null(),
                k: run.columns.len(),
                a_step: shape.stride[1] * shape.c,
                b_step: pixel,
                inner: Segments { count, a: down, b: shape.ow * pixel },
                outer: Segments { count: block.images, a: shape.h * shape.w * shape.c, b: image },
                tail: panel.tail,
                bias: std::ptr::null(),
                accumulate,
                relu: false,
            };
            // SAFETY: the caller's promise; a run's rows see only pixels inside the source.
            unsafe { self.run_tiles(&run, panel, &mut args) };
        }
    }

    /// # Safety
    /// As [`Routine::run`].
    unsafe fn run_tiles(&self, run: &RowRun, panel: Panel, args: &mut TileArgs) {
        even_tiles(run.len, self.menu.max_rows(panel.vectors), |first, rows| {
            args.rows = self.rows.source[run.start + first..].as_ptr();
            args.c_rows = self.rows.result[run.start + first..].as_ptr();
            // SAFETY: the caller's promise.
            unsafe { self.menu.run(mode::SPLAT, panel.vectors, rows, args) };
        });
    }
}

/// The same convolution on images that contain their padding, and no more than the kernel sees.
fn with_padding(shape: &ConvShape) -> ConvShape {
    let seen = |output: usize, kernel: usize, axis: usize| {
        output.saturating_sub(1) * shape.stride[axis] + kernel.saturating_sub(1) * shape.dilation[axis] + 1
    };
    ConvShape { h: seen(shape.oh, shape.kh, 0), w: seen(shape.ow, shape.kw, 1), pad: [0, 0], ..*shape }
}

/// Images and output rows that are summed at a time.
struct Block {
    images: usize,
    output: std::ops::Range<usize>,
    /// The block's first image.
    x: *const f32,
    g: *const f32,
}

/// How many parts to cut the images into, and how many the result: about `wanted` in all, with the
/// least memory traffic (writing and reading partial results against reading the operands again).
fn split(wanted: usize, images: usize, units: usize, result: usize, operands: usize) -> (usize, usize) {
    let candidates = (0..=MAX_PARTIALS.ilog2())
        .map(|power| 1usize << power)
        .filter(|&partials| partials <= images && partials <= wanted.next_power_of_two());
    let complete = |partials: usize| {
        let rows = wanted.div_ceil(partials).clamp(1, units.max(1));
        let written = if partials > 1 { 4 * partials * result } else { 0 };
        // Too few chunks leave threads idle, which is dearer than any traffic.
        let idle = wanted.saturating_sub(partials * rows) * (operands + result);
        (partials, rows, written + rows * operands + idle)
    };
    let best = candidates.map(complete).min_by_key(|&(.., traffic)| traffic);
    best.map_or((1, 1), |(partials, rows, _)| (partials, rows))
}
