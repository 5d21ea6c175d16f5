//! The gradient of a convolution with respect to its kernel.

use fovea_core::Bf16;

use super::kernel_rows::{KernelRows, RowRun};
use super::pairs::Pairs;
use super::parts::Extent;
use super::split::{Cuts, Traffic};
use crate::conv::ConvShape;
use crate::isa::Isa;
use crate::routine::{Float, Operands, PhaseSpec, Routine, Tile, aligned_bytes, chunk_count, share};
use crate::tile::activation::Activation;
use crate::tile::convert::PairRows;
use crate::tile::kernel::{Menu, Segments, TileArgs, mode};
use crate::tile::menu::{PAGE, Panel, Panels, even_tiles};
use crate::tile::pack::CopyRows;
use std::ops::Range;

/// Inputs of at most this many channels are copied with their padding, so that all taps of a
/// kernel can share a tile: a tap alone would fill a tile badly.
const FEW_CHANNELS: usize = 4;
/// Most chunks of the first phase: past them, each reads what others read too.
const MAX_CHUNKS: usize = 32;
/// Rows of a chunk from which on copying a panel of the gradient costs little: out of pixels whole
/// pages apart, its lines would crowd into few sets of the cache.
const PACKED_ROWS: usize = 32;
/// Floats of input and gradient that a chunk sums before a tile's result goes back to memory: they
/// stay in its core's cache.
const BLOCK: usize = 128 * 1024;
/// As many where images are copied with their padding: they stay in the nearest.
const PADDED_BLOCK: usize = 16 * 1024;
/// Words of a cache line.
const LINE: usize = 16;

/// How the tiles get at the images.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Images {
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
    fn choose(shape: &ConvShape, inputs: Float) -> Images {
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
    fn paired(self) -> bool {
        matches!(self, Images::Paired | Images::Gathered)
    }

    /// Steps of a sum over so many neighbouring outputs.
    fn steps(self, outputs: usize) -> usize {
        if self.paired() { outputs.div_ceil(2) } else { outputs }
    }
}

/// `dw` from `x` and `g`, the gradient of the convolution's output.
///
/// The result is cut into parts of its rows and of its panels, and the images into parts with a
/// partial result each, added in a fixed tree.
pub struct KernelGrad {
    isa: Isa,
    menu: &'static Menu,
    /// The shape that the tiles see: the padding already there if images are copied.
    shape: ConvShape,
    original: ConvShape,
    images: Images,
    /// Whether panels of the gradient are copied before use.
    packed: bool,
    rows: KernelRows,
    panels: Panels,
    cuts: Cuts,
    /// Output rows that are summed at a time.
    block: usize,
    phases: Vec<PhaseSpec>,
}

impl KernelGrad {
    /// Plans the gradient of `inputs`; `isa` must be available.
    pub fn new(isa: Isa, original: &ConvShape, inputs: Float) -> KernelGrad {
        let images = Images::choose(original, inputs);
        let menu = if images.paired() { isa.pairs() } else { isa.menu() };
        let shape = match images {
            Images::Read => *original,
            Images::Padded | Images::Paired => with_padding(original),
            Images::Gathered => Pairs::gathered(original),
        };
        let rows = KernelRows::new(&shape);
        let count = rows.source.len();

        let lanes = shape.co / shape.groups;
        let pixels = |run: &RowRun| run.rows.len() * images.steps(run.columns.len());
        let runs: Vec<(usize, usize)> = rows.runs.iter().map(|run| (run.len, pixels(run))).collect();
        let vectors = menu.choose_vectors(lanes.div_ceil(menu.lanes), &runs);
        let panels = Panels::new(menu.lanes, vectors, lanes);

        let outputs = shape.n * shape.oh;
        let [height, width] = [shape.h.min(shape.oh * shape.kh), shape.w.min(shape.ow * shape.kw)];
        let traffic = Traffic {
            input: shape.n * height * width * shape.c,
            gradient: outputs * shape.ow * shape.co,
            result: shape.kernel_len(),
        };
        let wanted = chunk_count(shape.flops()).min(MAX_CHUNKS);
        let units = [count.div_ceil(menu.max_rows(vectors)), panels.count() * shape.groups];
        let cuts = traffic.split(wanted, shape.n, shape.oh, units);

        let operands = traffic.input / cuts.rows + traffic.gradient / cuts.panels;
        let fitting = if images == Images::Padded { PADDED_BLOCK } else { BLOCK };
        let block = (fitting * outputs / operands.max(1)).clamp(1, outputs.max(1));
        let paged = shape.co.is_multiple_of(PAGE) && panels.count() > 1;
        let packed = images.paired() || paged && count / cuts.rows >= PACKED_ROWS;

        let chunks = if traffic.result == 0 { 0 } else { cuts.parts.count() * cuts.rows * cuts.panels };
        let sum = cuts.parts.sum_phase();
        let mut routine = KernelGrad {
            isa,
            menu,
            shape,
            original: *original,
            images,
            packed,
            rows,
            panels,
            cuts,
            block,
            phases: Vec::new(),
        };
        let scratch = [routine.copied_len(), routine.packed_len(), routine.row_len()].map(aligned_bytes);
        routine.phases.push(PhaseSpec { chunks, scratch: scratch.iter().sum(), cost: shape.flops() });
        routine.phases.extend(sum);
        routine
    }

    /// Words of a block's images with their padding, if they are copied.
    fn copied_len(&self) -> usize {
        let whole = self.block / self.shape.oh.max(1);
        let rows = if whole > 0 { whole * self.shape.h } else { self.seen(self.block) };
        if self.images == Images::Read { 0 } else { rows * self.copied_row() }
    }

    /// Words of a row of the copied images.
    fn copied_row(&self) -> usize {
        let width = if self.images == Images::Gathered { self.steps() } else { self.shape.w };
        width * self.copied_pixel()
    }

    /// Words of a pixel of the copied images: what one tap sees lies an odd number of cache lines apart, to
    /// spread over the cache.
    fn copied_pixel(&self) -> usize {
        let c = self.shape.c;
        if self.images == Images::Gathered { (c.div_ceil(LINE) | 1) * LINE } else { c }
    }

    /// Words of a block's panel of the gradient, if it is copied, or of a chunk's panels where all of them
    /// are paired at a time.
    fn packed_len(&self) -> usize {
        let panels = (self.panels.count() * self.shape.groups).div_ceil(self.cuts.panels);
        let panels = if self.images.paired() { panels } else { usize::from(self.packed) };
        panels * self.packed_panel()
    }

    /// Words of one panel of a block's gradient.
    fn packed_panel(&self) -> usize {
        self.block * self.steps() * self.panels.stride()
    }

    /// Words that hold a row of an image with its padding before it is paired.
    fn row_len(&self) -> usize {
        let row = (self.shape.w + self.shape.stride[1]) * self.shape.c;
        if self.images == Images::Paired { row.div_ceil(2) } else { 0 }
    }

    /// Steps of the sum along a row of the output.
    fn steps(&self) -> usize {
        self.images.steps(self.shape.ow)
    }

    /// Input rows that so many neighbouring output rows see, padding being there.
    fn seen(&self, rows: usize) -> usize {
        let ConvShape { stride, dilation, kh, .. } = self.shape;
        rows.saturating_sub(1) * stride[0] + kh.saturating_sub(1) * dilation[0] + 1
    }
}

impl Routine for KernelGrad {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        self.cuts.parts.temp()
    }

    fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let Cuts { parts, rows, panels } = &self.cuts;
        if phase == 1 {
            // SAFETY: the caller's promise.
            return unsafe { parts.sum(self.isa, chunk, at) };
        }
        // The chunks of one part of the images are neighbours: they share its operands.
        let (rest, row_chunk) = (chunk / rows, chunk % rows);
        let (part, panel_chunk) = (rest / panels, rest % panels);
        let owned = share(self.shape.groups * self.panels.count(), *panels, panel_chunk);
        let to = parts.result(part, at);
        let copy = at.scratch.cast::<f32>();
        let packed = copy.wrapping_byte_add(aligned_bytes(self.copied_len()));
        let row = packed.wrapping_byte_add(aligned_bytes(self.packed_len())).cast();
        let channels = self.channels(*rows, row_chunk);
        for (index, extent) in parts.extent(part).blocks(self.block).enumerate() {
            // SAFETY: the caller's promise.
            let block = unsafe { self.read(extent, &channels, at, copy, row) };
            if self.images.paired() {
                // SAFETY: the caller's promise.
                unsafe { self.pair_gradient(&block, &owned, packed) };
            }
            for panel in owned.clone() {
                // SAFETY: the caller's promise.
                unsafe {
                    let (group, panel, g) = self.gradient(&block, panel, panel - owned.start, packed);
                    for run in self.rows.part(*rows, row_chunk) {
                        self.add(&block, run, group, panel, g, to, index > 0);
                    }
                }
            }
        }
    }
}

/// Images and output rows that are summed at a time.
pub(super) struct Block {
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
struct Gradient {
    from: *const f32,
    /// Floats from pixel to pixel.
    pixel: usize,
}

impl KernelGrad {
    /// A block of the operands: where they are, or the images copied with their padding, or in pairs.
    ///
    /// # Safety
    /// As [`Routine::run`]; `copy` has room for a block of copied images and `row` for one of their rows.
    unsafe fn read(
        &self,
        extent: Extent,
        channels: &Range<usize>,
        at: &Operands,
        copy: *mut f32,
        row: *mut Bf16,
    ) -> Block {
        let (from, shape) = (&self.original, &self.shape);
        let image = from.h * from.w * from.c;
        let float = if self.images.paired() { Float::Bf16 } else { Float::F32 };
        let x = at.inputs[0].wrapping_byte_add(float.bytes(extent.images.start * image));
        let first = extent.images.start * shape.oh + extent.rows.start;
        let g = at.inputs[1].wrapping_byte_add(float.bytes(first * shape.ow * shape.co));
        let block = Block { extent, x, image, g };
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
            }
        }
    }

    /// The input channels of a part of the kernel's rows: all of them where it has several taps.
    fn channels(&self, parts: usize, index: usize) -> Range<usize> {
        let all = 0..self.shape.c;
        if self.shape.groups > 1 || self.images != Images::Gathered {
            return all;
        }
        share(all.end, parts, index)
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
    /// As [`Routine::run`]; `packed` has room for a chunk's panels of a block.
    unsafe fn pair_gradient(&self, block: &Block, panels: &Range<usize>, packed: *mut f32) {
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
    fn panel(&self, index: usize) -> (usize, Panel) {
        (index / self.panels.count(), self.panels.get(index % self.panels.count()))
    }

    /// A panel of a block's gradient, where it is or copied, and its group. It is the chunk's panel `place`.
    ///
    /// # Safety
    /// As [`Routine::run`]; `packed` has room for a panel of a block, or holds the chunk's panels in pairs.
    unsafe fn gradient(
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
    /// As [`Routine::run`].
    #[allow(clippy::too_many_arguments)]
    unsafe fn add(
        &self,
        block: &Block,
        run: RowRun,
        group: usize,
        panel: Panel,
        g: Gradient,
        to: *mut f32,
        accumulate: bool,
    ) {
        let shape = &self.shape;
        let Extent { images, rows } = &block.extent;
        let first = run.rows.start.max(rows.start);
        let count = run.rows.end.min(rows.end).saturating_sub(first);
        let across = shape.stride[1] * shape.c;
        let [down, across] = match self.images {
            Images::Read | Images::Padded => [shape.stride[0] * shape.w * shape.c, across],
            Images::Paired => [shape.stride[0] * self.copied_row(), 2 * across],
            Images::Gathered => [self.copied_row(), self.copied_pixel()],
        };
        // Row offsets in `x` count from the run's first output pixel.
        let above = (first - run.rows.start) * down;
        // Copied images have every tap see the whole row.
        let before = (first - rows.start) * self.steps() + run.columns.start;
        let line = self.steps() * g.pixel;
        let args = TileArgs {
            a: block.x.wrapping_add(above + group * (shape.c / shape.groups)),
            rows: std::ptr::null(),
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
            bias: std::ptr::null(),
            accumulate,
            activation: Activation::None,
        };
        let mut args = args.merged();
        even_tiles(run.len, self.menu.max_rows(panel.vectors), |first, rows| {
            args.rows = self.rows.source[run.start + first..].as_ptr();
            args.c_rows = self.rows.result[run.start + first..].as_ptr();
            // SAFETY: the caller's promise; a run's rows see only pixels inside the input.
            unsafe { self.menu.run(mode::SPLAT, panel.vectors, rows, &args) };
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
