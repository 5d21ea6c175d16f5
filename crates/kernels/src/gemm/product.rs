//! One matrix product in tiles.

use super::form::Form;
use super::{Activation, Epilogue};
use crate::isa::Isa;
use crate::routine::{Tile, aligned_bytes, chunk_count, share};
use crate::tile::kernel::{Menu, Segments, TileArgs, mode};
use crate::tile::menu::{PAGE, Panel, Panels, even_tiles};
use crate::tile::pack::{CopyRows, Transpose};

/// Steps of the sum between which a panel of the lanes operand stays in the nearest cache.
const STEPS: usize = 256;
/// Rows in a chunk: enough to make packing a panel cheap.
const ROWS: usize = 240;
/// Tiles down a chunk from which on copying a panel of the lanes operand costs little, and lanes from
/// which on it pays: a panel's lines, so far apart, would crowd into few sets of the cache.
const PACKED_TILES: usize = 8;
const PACKED_LANES: usize = 512;
/// Chunks that are enough for any number of cores: past them, chunks of few rows would each read the
/// whole lanes operand again.
const ENOUGH: usize = 32;
/// Rows of a tile for rows that are whole pages apart: all of them fall into one set of the nearest
/// cache, which holds 8 lines or more.
const PAGED_ROWS: std::ops::RangeInclusive<usize> = 4..=8;
/// Floats of the lanes operand up to which all its panels stay in a core's cache from one tile of
/// rows to the next.
const SMALL: usize = 128 * 1024;

/// How the tiles get at the lanes operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packing {
    /// Where it lies.
    Direct,
    /// Each chunk copies its panels, `STEPS` at a time.
    ByChunk,
    /// Each chunk copies its panels once: no more than `STEPS` steps.
    Whole,
    /// A phase of its own turns it into panels.
    First,
}

pub struct Product {
    isa: Isa,
    menu: &'static Menu,
    form: Form,
    epilogue: Epilogue,
    packing: Packing,
    panels: Panels,
    row_chunks: usize,
    panel_chunks: usize,
    /// Offsets of a tile's rows in the rows operand and in the result.
    source_rows: Vec<usize>,
    result_rows: Vec<usize>,
}

impl Product {
    pub fn new(isa: Isa, form: Form, epilogue: Epilogue) -> Product {
        let menu = isa.menu();
        let flops = 2.0 * form.rows as f64 * form.lanes as f64 * form.k as f64;
        let wanted = chunk_count(flops);
        let row_blocks = form.rows.div_ceil(ROWS).max(1);
        let rows = form.rows.div_ceil(row_blocks);
        let all_vectors = form.lanes.div_ceil(menu.lanes);
        let paged = form.row_stride.is_multiple_of(PAGE) && form.row_stride > 0;
        let few_rows = |vectors: &usize| PAGED_ROWS.contains(&menu.max_rows(*vectors));
        let vectors = (1..=all_vectors.min(4))
            .rev()
            .find(few_rows)
            .filter(|_| paged)
            .unwrap_or_else(|| menu.choose_vectors(all_vectors, &[(rows, form.k)]));
        let panels = Panels::new(menu.lanes, vectors, form.lanes);
        let most = menu.max_rows(vectors);
        // Chunks of as many panels each: a chunk that is twice the others would be waited for.
        let chunk_panels = (panels.count() * row_blocks / wanted).max(1);
        let panel_chunks = panels.count().div_ceil(chunk_panels).max(1);
        let row_chunks =
            row_blocks.max(wanted.min(ENOUGH).div_ceil(panel_chunks).min(form.rows.div_ceil(most)));
        let packing = if form.turned {
            Packing::First
        } else if !form.exchanged
            && form.rows.div_ceil(row_chunks) >= PACKED_TILES * most
            && form.lanes >= PACKED_LANES
        {
            if form.k <= STEPS { Packing::Whole } else { Packing::ByChunk }
        } else {
            Packing::Direct
        };
        let result_stride = if form.exchanged { panels.stride() } else { form.lanes };
        Product {
            isa,
            menu,
            form,
            epilogue,
            packing,
            panels,
            row_chunks,
            panel_chunks,
            source_rows: menu.row_offsets(form.row_stride),
            result_rows: menu.row_offsets(result_stride),
        }
    }

    pub fn packing(&self) -> Packing {
        self.packing
    }

    pub fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    pub fn chunks(&self) -> usize {
        let empty = self.form.rows == 0 || self.form.lanes == 0;
        if empty { 0 } else { self.row_chunks * self.panel_chunks }
    }

    /// Bytes that a chunk needs for itself.
    pub fn scratch(&self) -> usize {
        if self.form.exchanged {
            aligned_bytes(self.result_rows.len() * self.panels.stride())
        } else if self.packing == Packing::ByChunk {
            aligned_bytes(STEPS * self.panels.stride())
        } else if self.packing == Packing::Whole {
            aligned_bytes(self.panel_len() * self.panels.count().div_ceil(self.panel_chunks))
        } else {
            0
        }
    }

    /// Floats of the packed lanes operand, if a phase of its own packs it.
    pub fn packed_first(&self) -> Option<usize> {
        let size = self.panels.count() * self.panel_len();
        (self.packing == Packing::First).then_some(size)
    }

    /// Chunks of that phase.
    pub fn packing_chunks(&self) -> usize {
        self.panels.count()
    }

    fn panel_len(&self) -> usize {
        self.form.k * self.panels.stride()
    }

    /// # Safety
    /// `lanes` holds the lanes operand, `packed` has room for it in panels.
    pub unsafe fn pack(&self, chunk: usize, lanes: *const f32, packed: *mut f32) {
        let panel = self.panels.get(chunk);
        let transpose = Transpose {
            from: lanes.wrapping_add(panel.start * self.form.k),
            from_stride: self.form.k,
            to: packed.wrapping_add(chunk * self.panel_len()),
            to_stride: self.panels.stride(),
            rows: panel.width,
            columns: self.form.k,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(transpose) };
    }

    /// # Safety
    /// `rows`, `bias` and `c` hold what the form and the epilogue describe, `lanes` the lanes
    /// operand or its panels, and `scratch` what [`Product::scratch`] asks for.
    pub unsafe fn run(
        &self,
        chunk: usize,
        rows: *const f32,
        lanes: *const f32,
        bias: *const f32,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        // Rows vary fastest: the same panels again, still in the cache.
        let (panel_chunk, row_chunk) = (chunk / self.row_chunks, chunk % self.row_chunks);
        let owned = share(self.form.rows, self.row_chunks, row_chunk);
        let panels = share(self.panels.count(), self.panel_chunks, panel_chunk);
        if self.packing == Packing::Whole {
            for index in panels.clone() {
                let panel = self.panels.get(index);
                let from = lanes.wrapping_add(panel.start);
                let to = scratch.wrapping_add((index - panels.start) * self.panel_len());
                // SAFETY: the caller's promise; `scratch` has room for the panels of a chunk.
                unsafe { self.copy(panel, self.form.k, from, to) };
            }
        }
        let run_panel = |index: usize, owned: std::ops::Range<usize>| {
            let panel = self.panels.get(index);
            let (b, b_step) = match self.packing {
                Packing::Whole => {
                    let at = (index - panels.start) * self.panel_len();
                    (scratch.cast_const().wrapping_add(at), self.panels.stride())
                }
                Packing::First => (lanes.wrapping_add(index * self.panel_len()), self.panels.stride()),
                _ => (lanes.wrapping_add(panel.start), self.form.lanes),
            };
            let args = TileArgs {
                a: rows.wrapping_add(owned.start * self.form.row_stride),
                rows: self.source_rows.as_ptr(),
                b,
                c,
                c_rows: self.result_rows.as_ptr(),
                k: self.form.k,
                a_step: self.form.row_step,
                b_step,
                inner: Segments::ONE,
                outer: Segments::ONE,
                tail: panel.tail,
                bias: std::ptr::null(),
                accumulate: false,
                relu: false,
            };
            // SAFETY: the caller's promise.
            unsafe {
                if self.form.exchanged {
                    self.run_exchanged(panel, owned, args, bias, c, scratch);
                } else {
                    self.run_panel(panel, owned, args, bias, c, scratch);
                }
            }
        };
        let short = self.form.k <= STEPS && self.form.k * panels.len() * self.panels.stride() <= SMALL;
        if short && !self.form.exchanged {
            // Short sums are bound by their results: these are written row by row.
            even_tiles(owned.len(), self.menu.max_rows(self.panels.vectors()), |first, count| {
                let first = owned.start + first;
                panels.clone().for_each(|index| run_panel(index, first..first + count));
            });
        } else {
            panels.clone().for_each(|index| run_panel(index, owned.clone()));
        }
    }

    /// Copies so many steps of a panel from where they lie in the lanes operand.
    ///
    /// # Safety
    /// They can be read, and `to` has room for them.
    unsafe fn copy(&self, panel: Panel, steps: usize, from: *const f32, to: *mut f32) {
        let copy = CopyRows {
            from,
            from_stride: self.form.lanes,
            to,
            to_stride: self.panels.stride(),
            rows: steps,
            width: panel.width,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(copy) };
    }

    /// A panel of the result, the sum in steps of a cache's size.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn run_panel(
        &self,
        panel: Panel,
        owned: std::ops::Range<usize>,
        mut args: TileArgs,
        bias: *const f32,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let mode = if form.row_stride == 1 { mode::SPLAT_UNIT } else { mode::SPLAT };
        let (rows, lanes, lane_step) = (args.a, args.b, args.b_step);
        let blocks = form.k.div_ceil(STEPS).max(1);
        for block in 0..blocks {
            let steps = share(form.k, blocks, block);
            args.k = steps.len();
            args.accumulate = block > 0;
            args.b = lanes.wrapping_add(steps.start * lane_step);
            if self.packing == Packing::ByChunk {
                // SAFETY: the caller's promise; `scratch` has room for so many steps.
                unsafe { self.copy(panel, steps.len(), args.b, scratch) };
                (args.b, args.b_step) = (scratch, self.panels.stride());
            }
            if block + 1 == blocks {
                args.relu = self.epilogue.activation == Activation::Relu;
                if self.epilogue.bias {
                    args.bias = bias.wrapping_add(panel.start);
                }
            }
            let rows = rows.wrapping_add(steps.start * form.row_step);
            even_tiles(owned.len(), self.menu.max_rows(panel.vectors), |first, count| {
                args.a = rows.wrapping_add(first * form.row_stride);
                args.c = c.wrapping_add((owned.start + first) * form.lanes + panel.start);
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode, panel.vectors, count, &args) };
            });
        }
    }

    /// A panel of the turned result, tile by tile through `scratch`.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn run_exchanged(
        &self,
        panel: Panel,
        owned: std::ops::Range<usize>,
        mut args: TileArgs,
        bias: *const f32,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let rows = args.a;
        args.c = scratch;
        even_tiles(owned.len(), self.menu.max_rows(panel.vectors), |first, count| {
            args.a = rows.wrapping_add(first * form.row_stride);
            // SAFETY: the caller's promise.
            unsafe { self.menu.run(mode::SPLAT, panel.vectors, count, &args) };
            for lane in 0..panel.width {
                for row in 0..count {
                    let column = owned.start + first + row;
                    // SAFETY: the caller's promise; the tile has been written.
                    unsafe {
                        let mut value = *scratch.wrapping_add(row * self.panels.stride() + lane);
                        if self.epilogue.bias {
                            value += *bias.wrapping_add(column);
                        }
                        if self.epilogue.activation == Activation::Relu && value <= 0.0 {
                            value = 0.0;
                        }
                        *c.wrapping_add((panel.start + lane) * form.rows + column) = value;
                    }
                }
            }
        });
    }
}
