//! The gradient of a convolution with respect to its kernel.

mod blocks;
mod images;

use self::images::{Images, with_padding};
use super::kernel_rows::{KernelRows, RowRun};
use super::pairs::Pairs;
use super::split::{Cuts, Traffic};
use crate::conv::ConvShape;
use crate::isa::Isa;
use crate::routine::{Float, Operands, PhaseSpec, Routine, Tile, aligned_bytes, chunk_count, share};
use crate::tile::kernel::Menu;
use crate::tile::menu::{PAGE, Panels};

pub(super) use self::blocks::Block;

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
