//! The gradient of a depthwise convolution with respect to its kernel.

use std::ops::Range;

use super::axis::{Axis, Span};
use crate::conv::ConvShape;
use crate::conv::parts::{Extent, Parts};
use crate::isa::Isa;
use crate::routine::{Float, Operands, PhaseSpec, Routine, Tile, chunk_count};
use crate::tile::activation::Finish;
use crate::tile::kernel::{Ahead, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{Panel, Panels, even_tiles};

/// Most partial results: each is as small as the kernel.
const MAX_PARTS: usize = 32;
/// Floats of input and gradient that all panels pass before the next are read.
const BLOCK: usize = 64 * 1024;

/// Output pixels that see the same taps of the kernel.
struct Region {
    rows: Range<usize>,
    columns: Range<usize>,
    /// What the taps read for the first of the pixels and what they sum, in the lists of the routine.
    taps: Range<usize>,
}

/// `dw` from `x` and `g`, the gradient of the convolution's output, channel by channel.
///
/// The rows of a tile are the taps that a region of the output sees, so that a row of pixels is
/// read once for all of them. Images are cut into parts with a partial result each, added in a
/// fixed tree.
pub struct DepthwiseKernelGrad {
    isa: Isa,
    menu: &'static Menu,
    shape: ConvShape,
    regions: Vec<Region>,
    /// Offset in the input of what each tap of each region reads first, and in the kernel.
    source: Vec<usize>,
    result: Vec<usize>,
    panels: Panels,
    parts: Parts,
    /// Output rows that are summed before the next panel's turn.
    block: usize,
    phases: Vec<PhaseSpec>,
}

impl DepthwiseKernelGrad {
    /// Plans the gradient; `isa` must be available.
    pub fn new(isa: Isa, shape: &ConvShape) -> DepthwiseKernelGrad {
        let menu = isa.menu();
        let (mut regions, mut source, mut result) = (Vec::new(), Vec::new(), Vec::new());
        let ConvShape { stride, dilation, pad, .. } = *shape;
        let down = uniform(&Axis::forward(shape.h, shape.kh, shape.oh, stride[0], dilation[0], pad[0]));
        let across = uniform(&Axis::forward(shape.w, shape.kw, shape.ow, stride[1], dilation[1], pad[1]));
        for (rows, above) in &down {
            for (columns, left) in &across {
                let first = source.len();
                for (row, column) in (0..above.count).flat_map(|row| (0..left.count).map(move |c| (row, c))) {
                    let pixel =
                        (above.source + row * dilation[0]) * shape.w + left.source + column * dilation[1];
                    source.push(pixel * shape.c);
                    result.push(((above.first + row) * shape.kw + left.first + column) * shape.c);
                }
                let (rows, columns) = (rows.clone(), columns.clone());
                regions.push(Region { rows, columns, taps: first..source.len() });
            }
        }

        let vectors = widest(menu, shape.kh * shape.kw, shape.c.div_ceil(menu.lanes));
        let wanted = chunk_count(shape.weight() * shape.flops()).min(MAX_PARTS);
        let parts = Parts::new(shape.n, shape.oh, wanted, shape.kernel_len());
        let row = (shape.h * shape.w + shape.oh * shape.ow) * shape.c / shape.oh.max(1);
        let chunks = if shape.kernel_len() == 0 { 0 } else { parts.count() };
        let mut phases = vec![PhaseSpec { chunks, scratch: 0, cost: shape.weight() * shape.flops() }];
        phases.extend(parts.sum_phase());
        DepthwiseKernelGrad {
            isa,
            menu,
            shape: *shape,
            regions,
            source,
            result,
            panels: Panels::new(menu.lanes, vectors, shape.c),
            parts,
            block: (BLOCK / row.max(1)).max(1),
            phases,
        }
    }

    /// Adds what a region has inside a block to one panel of `to`.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn add(&self, region: &Region, block: &Extent, panel: Panel, at: &Operands, to: *mut f32) {
        let shape = &self.shape;
        let Operands { inputs: [x, g], .. } = *at;
        let first = region.rows.start.max(block.rows.start);
        let count = region.rows.end.min(block.rows.end).saturating_sub(first);
        if count == 0 {
            return;
        }
        let [image, image_g] = [shape.h * shape.w * shape.c, shape.oh * shape.ow * shape.c];
        let down = shape.stride[0] * shape.w * shape.c;
        let pixel = (block.images.start * shape.oh + first) * shape.ow + region.columns.start;
        let above = (first - region.rows.start) * down;
        let mut args = TileArgs {
            a: x.wrapping_add(block.images.start * image + above + panel.start),
            rows: std::ptr::null(),
            next: std::ptr::null(),
            b: g.wrapping_add(pixel * shape.c + panel.start),
            c: to.wrapping_add(panel.start),
            result: Float::F32,
            c_rows: std::ptr::null(),
            k: region.columns.len(),
            a_step: shape.stride[1] * shape.c,
            b_step: shape.c,
            inner: Segments { count, a: down, b: shape.ow * shape.c },
            outer: Segments { count: block.images.len(), a: image, b: image_g },
            tail: panel.tail,
            accumulate: true,
            finish: Finish::NONE,
            ahead: Ahead::PANEL,
            streams: false,
        };
        even_tiles(region.taps.len(), self.menu.max_rows(panel.vectors), |first, rows| {
            args.rows = self.source[region.taps.start + first..].as_ptr();
            args.c_rows = self.result[region.taps.start + first..].as_ptr();
            // SAFETY: the caller's promise; the pixels of a region see only such inside the source.
            unsafe { self.menu.run(mode::LANEWISE, panel.vectors, rows, &args) };
        });
    }
}

impl Routine for DepthwiseKernelGrad {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        self.parts.temp()
    }

    fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        if phase == 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.parts.sum(self.isa, chunk, at) };
        }
        let to = self.parts.result(chunk, at);
        // SAFETY: a result has the length of the kernel.
        unsafe { std::ptr::write_bytes(to, 0, self.shape.kernel_len()) };
        for block in self.parts.extent(chunk).blocks(self.block) {
            for panel in (0..self.panels.count()).map(|index| self.panels.get(index)) {
                for region in &self.regions {
                    // SAFETY: the caller's promise.
                    unsafe { self.add(region, &block, panel, at, to) };
                }
            }
        }
    }
}

/// How many of `all` vectors a panel should have: as many as leave room for all taps in one tile,
/// and panels as even as can be.
fn widest(menu: &Menu, taps: usize, all: usize) -> usize {
    let most = (1..=4).rev().find(|&vectors| menu.max_rows(vectors) >= taps).unwrap_or(1);
    all.div_ceil(all.div_ceil(most).max(1)).max(1)
}

/// Neighbouring outputs that see the same taps, with what the first of them sees. Those that see
/// none are left out.
fn uniform(axis: &Axis) -> Vec<(Range<usize>, Span)> {
    let mut runs: Vec<(Range<usize>, Span)> = Vec::new();
    for (position, &span) in axis.spans.iter().enumerate().filter(|(_, span)| span.count > 0) {
        match runs.last_mut() {
            Some((outputs, first))
                if outputs.end == position && (first.first, first.count) == (span.first, span.count) =>
            {
                outputs.end += 1;
            }
            _ => runs.push((position..position + 1, span)),
        }
    }
    runs
}
