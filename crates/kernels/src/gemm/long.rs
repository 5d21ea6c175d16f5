//! A product of few rows by a long sum, as a dense layer behind large maps has: there are more weights
//! than a cache holds, and each is used a few times only. So the sum is cut, and a chunk reads whole
//! stretches of its weights' rows, a few steps at a time, and adds its part of the sum to partial results,
//! which are then added in a fixed tree. For few rows the tiles read weights where they lie, along so
//! few steps that the processor sees where those lead, and add to partial results in the nearest cache.
//! For more rows those would not stay there: weights are copied into panels first, for many steps. A single
//! row is no work for tiles: it is a sum of the weights' rows, each read from its beginning to its end.

use super::form::Form;
use super::product::Sources;
use crate::isa::Isa;
use crate::routine::{Float, PhaseSpec, Tile, aligned_bytes, share};
use crate::tile::activation::Finish;
use crate::tile::convert::{PairRows, Round};
use crate::tile::kernel::{Ahead, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{Panels, even_tiles};
use crate::tile::pack::{CopyRows, Spread};
use crate::tile::tree::SumPartials;
use crate::tile::weighted::WeightedRows;
use fovea_core::Bf16;
use std::ops::Range;

/// Words of the lanes operand from which on it pays: more than most caches hold, and for a single row
/// whatever takes longer than to add partial results.
const LARGE: usize = 1 << 22;
const LARGE_FOR_A_ROW: usize = 1 << 18;
/// Products of a word of weights for each float that a partial result adds to the traffic.
const SPARED: usize = 8;
/// Chunks that are enough for any number of cores, and the least partial results.
const CHUNKS: usize = 32;
const PARTIALS: usize = 4;
/// Lanes that a chunk reads side by side: a page.
const LANES: usize = 1024;
/// Steps that are copied at a time: with the chunk's lanes, 256 KB.
const STEPS: usize = 64;
/// Rows up to which lanes are read where they lie, and steps that are taken of them at a time.
const FEW_ROWS: usize = 16;
const FEW_STEPS: usize = 16;
/// Floats between the panels of a copy, so that they spread over the cache.
const GAP: usize = 16;
/// Floats from row to row of a copy of the rows operand: rows that lie pages apart would meet in one set
/// of the nearest cache.
const ROW: usize = STEPS + 16;
/// Rows of the lanes operand that are fetched ahead of their copy.
const AHEAD: usize = 2;
/// Rows of partial results that one chunk of the second phase adds.
const ADDED: usize = 16;

/// Steps of panels, as tiles read them.
#[derive(Clone, Copy)]
struct Lanes {
    first: *const f32,
    /// Floats from step to step.
    step: usize,
    /// Floats from panel to panel.
    panel: usize,
}

pub struct Long {
    isa: Isa,
    menu: &'static Menu,
    form: Form,
    output: Float,
    panels: Panels,
    partials: usize,
    lane_chunks: usize,
    source_rows: Vec<usize>,
    partial_rows: Vec<usize>,
}

impl Long {
    /// How many partial results a product is cut into, if it is.
    pub fn partials(form: &Form) -> Option<usize> {
        let large = if Long::is_row(form) { LARGE_FOR_A_ROW } else { LARGE };
        let large = form.k * form.lanes >= large && form.rows > 0;
        if !large || form.exchanged || form.turned || form.row_step != 1 {
            return None;
        }
        let most = form.k / (SPARED * form.rows);
        let enough = (CHUNKS / form.lanes.div_ceil(LANES)).max(PARTIALS);
        (most >= PARTIALS).then(|| most.min(enough))
    }

    /// Whether it is a weighted sum of rows.
    fn is_row(form: &Form) -> bool {
        form.rows == 1 && !form.paired
    }

    /// Whether tiles read the lanes operand where it lies.
    pub fn is_direct(form: &Form) -> bool {
        form.rows <= FEW_ROWS && !form.paired
    }

    pub fn new(isa: Isa, form: Form, output: Float, partials: usize) -> Long {
        let menu = if form.paired { isa.pairs() } else { isa.menu() };
        let vectors = menu.choose_vectors(form.lanes.div_ceil(menu.lanes), &[(form.rows, STEPS)]);
        let panels = Panels::new(menu.lanes, vectors, form.lanes);
        let lane_chunks = form.lanes.div_ceil(LANES);
        Long {
            isa,
            menu,
            form,
            output,
            panels,
            partials,
            lane_chunks,
            source_rows: menu.row_offsets(ROW),
            partial_rows: menu.row_offsets(panels.stride()),
        }
    }

    /// How many partial results there are.
    pub fn cut(&self) -> usize {
        self.partials
    }

    pub fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    pub fn phases(&self) -> Vec<PhaseSpec> {
        let Form { rows, lanes, k, .. } = self.form;
        let copied = self.copied();
        let sum = PhaseSpec {
            chunks: self.partials * self.lane_chunks,
            scratch: aligned_bytes(copied) + aligned_bytes(rows * ROW),
            cost: 2.0 * (rows * lanes) as f64 * k as f64,
        };
        let added = (self.partials * rows * lanes) as f64;
        let row = if self.output == Float::F32 { 0 } else { aligned_bytes(lanes) };
        vec![sum, PhaseSpec { chunks: rows.div_ceil(ADDED), scratch: row, cost: 2.0 * added }]
    }

    /// Bytes of the partial results.
    pub fn temp(&self) -> usize {
        aligned_bytes(self.partials * self.partial_len())
    }

    /// Floats of a partial result: its panels one after the other, each row by row.
    fn partial_len(&self) -> usize {
        self.panels.count() * self.form.rows * self.panels.stride()
    }

    /// Floats from one copied panel to the next.
    fn copy_len(&self) -> usize {
        STEPS * self.panels.stride() + GAP
    }

    /// Floats of a chunk's copied panels.
    fn copied(&self) -> usize {
        if Long::is_direct(&self.form) { 0 } else { self.chunk_panels() * self.copy_len() }
    }

    /// The most panels of a chunk.
    fn chunk_panels(&self) -> usize {
        self.panels.count().div_ceil(self.lane_chunks)
    }

    /// Adds a chunk's part of the sum into its partial result.
    ///
    /// # Safety
    /// The sources hold what the form describes, `partials` and `scratch` are what [`Long::temp`] and the
    /// phase ask for.
    pub unsafe fn add_up(&self, chunk: usize, from: Sources, partials: *mut f32, scratch: *mut f32) {
        let (partial, lane_chunk) = (chunk / self.lane_chunks, chunk % self.lane_chunks);
        let all = share(self.form.k, self.partials, partial);
        let panels = share(self.panels.count(), self.lane_chunks, lane_chunk);
        let to = partials.wrapping_add(partial * self.partial_len());
        if Long::is_row(&self.form) {
            let start = panels.start * self.panels.stride();
            let sums = WeightedRows {
                weights: from.rows.wrapping_add(all.start),
                rows: from.lanes.wrapping_add(all.start * self.form.lanes + start),
                stride: self.form.lanes,
                count: all.len(),
                to: to.wrapping_add(start),
                width: (panels.end * self.panels.stride()).min(self.form.lanes) - start,
            };
            // SAFETY: the caller's promise; a partial result of one row has its lanes side by side.
            return unsafe { self.isa.enter(sums) };
        }
        let blocks = all.len().div_ceil(STEPS);
        let rows = scratch.wrapping_add(aligned_bytes(self.copied()) / size_of::<f32>());
        for block in 0..blocks {
            let within = share(all.len(), blocks, block);
            let steps = all.start + within.start..all.start + within.end;
            // SAFETY: the caller's promise.
            unsafe { self.copy_rows(&steps, from.rows, rows) };
            let few = if Long::is_direct(&self.form) { FEW_STEPS } else { steps.len() };
            for first in steps.clone().step_by(few) {
                let taken = first..(first + few).min(steps.end);
                // SAFETY: the caller's promise.
                unsafe {
                    let lanes = self.lanes(&taken, &panels, from.lanes, scratch);
                    let rows = rows.wrapping_add(first - steps.start);
                    self.multiply(taken.len(), &panels, rows, lanes, to, taken.start > all.start);
                }
            }
        }
    }

    /// Where these steps of these panels are: in the lanes operand, or copied.
    ///
    /// # Safety
    /// As [`Long::add_up`].
    unsafe fn lanes(
        &self,
        steps: &Range<usize>,
        panels: &Range<usize>,
        lanes: *const f32,
        scratch: *mut f32,
    ) -> Lanes {
        let stride = self.panels.stride();
        if Long::is_direct(&self.form) {
            let first = lanes.wrapping_add(steps.start * self.form.lanes + panels.start * stride);
            return Lanes { first, step: self.form.lanes, panel: stride };
        }
        // SAFETY: the caller's promise.
        unsafe { self.copy(steps, panels, lanes, scratch) };
        Lanes { first: scratch, step: stride, panel: self.copy_len() }
    }

    /// Copies these steps of these panels, each step's lanes from the first to the last, in pairs if they
    /// are bf16.
    ///
    /// # Safety
    /// As [`Long::add_up`].
    unsafe fn copy(&self, steps: &Range<usize>, panels: &Range<usize>, lanes: *const f32, to: *mut f32) {
        let stride = self.panels.stride();
        let start = panels.start * stride;
        let width = (panels.end * stride).min(self.form.lanes) - start;
        if self.form.paired {
            let pair = PairRows {
                from: lanes.cast::<Bf16>().wrapping_add(2 * steps.start * self.form.lanes + start),
                at: |row| row * self.form.lanes,
                to,
                to_stride: stride,
                rows: (2 * steps.end).min(self.form.length) - 2 * steps.start,
                width,
                panel: stride,
                to_panel: self.copy_len(),
            };
            // SAFETY: the caller's promise; the scratch has room for so many steps of a chunk's panels.
            return unsafe { self.isa.enter(pair) };
        }
        let lanes = lanes.wrapping_add(steps.start * self.form.lanes + start);
        let copy = Spread {
            from: lanes,
            from_stride: self.form.lanes,
            to,
            to_stride: stride,
            to_panel: self.copy_len(),
            rows: steps.len(),
            width,
            ahead: AHEAD * self.form.lanes,
        };
        // SAFETY: the caller's promise; the scratch has room for so many steps of a chunk's panels.
        unsafe { self.isa.enter(copy) };
    }

    /// Copies these steps of all rows.
    ///
    /// # Safety
    /// As [`Long::add_up`].
    unsafe fn copy_rows(&self, steps: &Range<usize>, rows: *const f32, to: *mut f32) {
        let copy = CopyRows {
            from: rows.wrapping_add(steps.start),
            from_stride: self.form.row_stride,
            to,
            to_stride: ROW,
            rows: self.form.rows,
            width: steps.len(),
        };
        // SAFETY: the caller's promise; the scratch has room for so many steps of all rows.
        unsafe { self.isa.enter(copy) };
    }

    /// Multiplies and adds these steps, tile by tile.
    ///
    /// # Safety
    /// As [`Long::add_up`]; `lanes` are the steps of the panels.
    unsafe fn multiply(
        &self,
        steps: usize,
        panels: &Range<usize>,
        rows: *const f32,
        lanes: Lanes,
        to: *mut f32,
        accumulate: bool,
    ) {
        let form = &self.form;
        for index in panels.clone() {
            let panel = self.panels.get(index);
            let to = to.wrapping_add(index * form.rows * self.panels.stride());
            even_tiles(form.rows, self.menu.max_rows(panel.vectors), |first, count| {
                let args = TileArgs {
                    a: rows.wrapping_add(first * ROW),
                    rows: self.source_rows.as_ptr(),
                    next: std::ptr::null(),
                    b: lanes.first.wrapping_add((index - panels.start) * lanes.panel),
                    c: to.wrapping_add(first * self.panels.stride()),
                    result: Float::F32,
                    c_rows: self.partial_rows.as_ptr(),
                    k: steps,
                    a_step: 1,
                    b_step: lanes.step,
                    inner: Segments::ONE,
                    outer: Segments::ONE,
                    tail: panel.tail,
                    accumulate,
                    finish: Finish::NONE,
                    ahead: Ahead::PANEL,
                    streams: false,
                };
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode::SPLAT, panel.vectors, count, &args) };
            });
        }
    }

    /// Adds the partial results of a chunk's rows, and what follows the sums.
    ///
    /// # Safety
    /// As [`Long::add_up`], for complete partial results; `c` and the operands of `finish` are what the form
    /// describes. The scratch has room for a row.
    pub unsafe fn finish(
        &self,
        chunk: usize,
        partials: *const f32,
        finish: Finish,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let Form { rows, lanes, .. } = self.form;
        let stride = self.panels.stride();
        for row in share(rows, rows.div_ceil(ADDED), chunk) {
            let first = row * lanes;
            let sums = if self.output == Float::F32 { c.wrapping_add(first) } else { scratch };
            for index in 0..self.panels.count() {
                let panel = self.panels.get(index);
                let sum = SumPartials {
                    partials: partials.wrapping_add((index * rows + row) * stride),
                    stride: self.partial_len(),
                    count: self.partials,
                    to: sums.wrapping_add(panel.start),
                    length: panel.width,
                };
                // SAFETY: the caller's promise.
                unsafe { self.isa.enter(sum) };
            }
            let finish = finish.at(first);
            for lane in 0..lanes {
                let at = sums.wrapping_add(lane);
                // SAFETY: the caller's promise.
                unsafe { *at = finish.number(*at, lane, lane) };
            }
            if self.output == Float::Bf16 {
                let to = c.cast::<Bf16>().wrapping_add(first);
                // SAFETY: the caller's promise; the row has been written.
                unsafe { self.isa.enter(Round { from: sums, to, length: lanes }) };
            }
        }
    }
}
