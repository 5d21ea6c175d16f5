//! The gradient of a convolution with respect to its kernel.

mod blocks;
mod images;
mod next;

use self::images::{Images, only_seen, with_padding};
use super::kernel_rows::{KernelRows, RowRun};
use super::pairs::Pairs;
use crate::conv::ConvShape;
use crate::conv::parts::Extent;
use crate::conv::split::{Cuts, Traffic};
use crate::isa::Isa;
use crate::routine::{Float, Operands, PhaseSpec, Routine, Tile, aligned_bytes, chunk_count, share};
use crate::tile::kernel::Menu;
use crate::tile::menu::{PAGE, Panels};
use crate::tile::pack::LINE_FLOATS;
use std::ops::Range;

pub(super) use self::blocks::Block;

/// Most chunks of the first phase: past them, each reads what others read too.
const MAX_CHUNKS: usize = 32;
/// Rows of a chunk from which on copying a panel of the gradient costs little: out of pixels whole
/// pages apart, its lines would crowd into few sets of the cache.
const PACKED_ROWS: usize = 32;

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
            Images::Seen => only_seen(original),
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
        let block = (images.block() * outputs / operands.max(1)).clamp(1, outputs.max(1));
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
        let one_tap = matches!(self.images, Images::Gathered | Images::Seen);
        let width = if one_tap { self.steps() } else { self.shape.w };
        width * self.copied_pixel()
    }

    /// Words of a pixel of the copied images: what one tap sees lies an odd number of cache lines apart, to
    /// spread over the cache.
    fn copied_pixel(&self) -> usize {
        let c = self.shape.c;
        match self.images {
            Images::Gathered => odd_lines(c),
            Images::Seen => odd_lines(c.div_ceil(self.cuts.rows)),
            _ => c,
        }
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
        if phase == 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.cuts.parts.sum(self.isa, chunk, at) };
        }
        let chunk = self.chunk(chunk);
        let to = self.cuts.parts.result(chunk.part, at);
        let copy = at.scratch.cast::<f32>();
        let packed = copy.wrapping_byte_add(aligned_bytes(self.copied_len()));
        let row = packed.wrapping_byte_add(aligned_bytes(self.packed_len())).cast();
        let mut extents = self.extents(&chunk).peekable();
        let mut first = true;
        while let Some(extent) = extents.next() {
            let mut next = self.next(&chunk, extents.peek(), at);
            // SAFETY: the caller's promise.
            let block = unsafe { self.read(extent, &chunk.channels, at, copy, row) };
            if self.images.paired() {
                // SAFETY: the caller's promise.
                unsafe { self.pair_gradient(&block, &chunk.panels, packed) };
            }
            for panel in chunk.panels.clone() {
                // SAFETY: the caller's promise.
                unsafe {
                    let place = panel - chunk.panels.start;
                    let (group, panel, g) = self.gradient(&block, panel, place, packed);
                    for run in self.rows.part(self.cuts.rows, chunk.rows) {
                        self.add(&block, run, group, panel, g, to, !first, &mut next);
                    }
                }
            }
            first = false;
        }
    }
}

/// What a chunk of the first phase sums.
#[derive(Clone)]
struct Chunk {
    index: usize,
    /// Which part of the images, and of the kernel's rows.
    part: usize,
    rows: usize,
    /// Panels of all groups.
    panels: Range<usize>,
    /// The input channels of those rows: all of them where the kernel has several taps.
    channels: Range<usize>,
}

impl KernelGrad {
    /// The chunks of one part of the images are neighbours: they share its operands.
    fn chunk(&self, index: usize) -> Chunk {
        let Cuts { rows, panels, .. } = self.cuts;
        let (rest, row) = (index / rows, index % rows);
        let (part, panel) = (rest / panels, rest % panels);
        let one_tap = self.shape.groups == 1 && self.shape.kh * self.shape.kw == 1;
        Chunk {
            index,
            part,
            rows: row,
            panels: share(self.shape.groups * self.panels.count(), panels, panel),
            channels: if one_tap { share(self.shape.c, rows, row) } else { 0..self.shape.c },
        }
    }

    /// The blocks of a chunk.
    fn extents(&self, chunk: &Chunk) -> impl Iterator<Item = Extent> {
        self.cuts.parts.extent(chunk.part).blocks(self.block)
    }
}

/// At least so many words, in an odd number of cache lines.
fn odd_lines(words: usize) -> usize {
    (words.div_ceil(LINE_FLOATS) | 1) * LINE_FLOATS
}
