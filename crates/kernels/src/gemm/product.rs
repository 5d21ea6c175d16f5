//! One matrix product in tiles.

use super::form::Form;
use crate::isa::Isa;
use crate::routine::{Float, Floats, Tile, aligned_bytes, chunk_flops, even_count, share};
use crate::tile::activation::Finish;
use crate::tile::convert::PairRows;
use crate::tile::kernel::{Ahead, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{PAGE, Panel, Panels, even_tiles};
use crate::tile::pack::{CopyRows, Transpose};
use fovea_core::Bf16;
use std::ops::Range;

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
/// Floats of the lanes operand up to which all its panels stay in a core's cache from one tile of
/// rows to the next.
const SMALL: usize = 128 * 1024;
/// Rows of a chunk that reads such lanes: each copies its panels.
const TALL: usize = 512;
/// Lanes that are read whole of results beside others: a page.
const WIDE: usize = 1024;

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
    output: Float,
    packing: Packing,
    panels: Panels,
    /// Panels that no two chunks share out.
    together: usize,
    row_chunks: usize,
    panel_chunks: usize,
    /// Offsets of a tile's rows in the rows operand and in the result.
    source_rows: Vec<usize>,
    result_rows: Vec<usize>,
}

/// A part of the result: so many rows of so many panels.
#[derive(Clone)]
pub struct Part {
    pub rows: Range<usize>,
    pub panels: Range<usize>,
}

/// The operands: scalars for the rows, what lies side by side for the lanes (or its panels), and what
/// follows the sums, from the result's first element on.
#[derive(Clone, Copy)]
pub struct Sources {
    pub rows: *const f32,
    pub lanes: *const f32,
    pub finish: Finish,
}

/// Where parts of the result go.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Where the result's first element lies, or would lie if the whole result were there.
    pub at: *mut f32,
    /// Floats from row to row.
    pub stride: usize,
    /// Offsets of a tile's rows.
    pub rows: &'a [usize],
}

impl Product {
    pub fn new(isa: Isa, form: Form, floats: Floats) -> Product {
        let menu = if form.paired { isa.pairs() } else { isa.menu() };
        let row_blocks = form.rows.div_ceil(ROWS).max(1);
        let rows = form.rows.div_ceil(row_blocks);
        let all_vectors = form.lanes.div_ceil(menu.lanes);
        let paged = form.row_stride.is_multiple_of(PAGE) && form.row_stride > 0;
        let vectors = Some(all_vectors)
            .filter(|_| paged)
            .and_then(|all| menu.paged_vectors(all))
            .unwrap_or_else(|| menu.choose_vectors(all_vectors, &[(rows, form.k)]));
        let panels = Panels::new(menu.lanes, vectors, form.lanes);
        let result_stride = if form.exchanged { panels.stride() } else { form.lanes };
        let product = Product {
            isa,
            menu,
            form,
            output: floats.output,
            packing: Packing::Direct,
            panels,
            together: 1,
            row_chunks: row_blocks,
            panel_chunks: 1,
            source_rows: menu.row_offsets(form.row_stride),
            result_rows: menu.row_offsets(result_stride),
        };
        product.in_chunks()
    }

    /// Cuts the result into chunks of about as much work each.
    fn in_chunks(self) -> Product {
        let Product { form, panels, row_chunks: row_blocks, .. } = self;
        let total = 2.0 * form.rows as f64 * form.lanes as f64 * form.k as f64;
        let wanted = even_count((total / chunk_flops(total)) as usize);
        let most = self.menu.max_rows(panels.vectors());
        // Chunks of as many panels each: a chunk that is twice the others would be waited for.
        let chunk_panels = (panels.count() * row_blocks / wanted).max(1);
        let panel_chunks = panels.count().div_ceil(chunk_panels).max(1);
        let row_chunks =
            row_blocks.max(wanted.min(ENOUGH).div_ceil(panel_chunks).min(form.rows.div_ceil(most)));
        Product { row_chunks, panel_chunks, ..self }.packed()
    }

    /// Cuts the result into chunks of rows as long as panels stay in a core's cache, so many panels
    /// always together: for results that are read beside others of their size.
    pub fn in_rows(self, together: usize) -> Product {
        let Product { form, panels, .. } = self;
        let groups = panels.count().div_ceil(together);
        let most_groups = ((SMALL / form.k.max(1)).max(WIDE) / panels.stride() / together).max(1);
        let panel_chunks = groups.div_ceil(most_groups).max(1);
        let tallest = self.menu.max_rows(panels.vectors());
        let least = ENOUGH.min(form.rows / (PACKED_TILES * tallest));
        let row_chunks = (form.rows / TALL).max(least).max(1);
        Product { together, row_chunks, panel_chunks, ..self }.packed()
    }

    /// With the packing that suits its chunks.
    fn packed(self) -> Product {
        let Product { form, panels, .. } = self;
        let tallest = self.menu.max_rows(panels.vectors());
        let packing = if form.turned || form.paired {
            Packing::First
        } else if !form.exchanged
            && form.rows.div_ceil(self.row_chunks) >= PACKED_TILES * tallest
            && form.lanes >= PACKED_LANES
        {
            if form.k <= STEPS { Packing::Whole } else { Packing::ByChunk }
        } else {
            Packing::Direct
        };
        Product { packing, ..self }
    }

    pub fn menu(&self) -> &'static Menu {
        self.menu
    }

    pub fn panels(&self) -> &Panels {
        &self.panels
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
            aligned_bytes(self.panel_len() * self.chunk_panels())
        } else {
            0
        }
    }

    /// Steps of the sum that are taken at a time: all, where the result cannot hold a part of the sum.
    fn steps(&self) -> usize {
        if self.output == Float::F32 { STEPS } else { self.form.k.max(1) }
    }

    /// Words of the packed lanes operand, if a phase of its own packs it.
    pub fn packed_first(&self) -> Option<usize> {
        let size = self.panels.count() * self.panel_len();
        (self.packing == Packing::First).then_some(size)
    }

    /// Chunks of that phase.
    pub fn packing_chunks(&self) -> usize {
        self.panels.count()
    }

    /// The lanes of so many panels.
    pub fn columns(&self, panels: &Range<usize>) -> Range<usize> {
        let stride = self.panels.stride();
        panels.start * stride..(panels.end * stride).min(self.form.lanes)
    }

    /// The most panels of a chunk.
    pub fn chunk_panels(&self) -> usize {
        self.panels.count().div_ceil(self.together).div_ceil(self.panel_chunks) * self.together
    }

    /// Whether a chunk's panels stay in the core's cache: short sums are bound by their results, which
    /// are then written row by row.
    pub fn is_short(&self) -> bool {
        self.form.k <= STEPS && self.form.k * self.chunk_panels() * self.panels.stride() <= SMALL
    }

    fn panel_len(&self) -> usize {
        self.form.k * self.panels.stride()
    }

    /// # Safety
    /// `lanes` holds the lanes operand, `packed` has room for it in panels.
    pub unsafe fn pack(&self, chunk: usize, lanes: *const f32, packed: *mut f32) {
        let panel = self.panels.get(chunk);
        if !self.form.turned {
            let pair = PairRows {
                from: lanes.cast::<Bf16>().wrapping_add(panel.start),
                at: |row| row * self.form.lanes,
                to: packed.wrapping_add(chunk * self.panel_len()),
                to_stride: self.panels.stride(),
                rows: self.form.length,
                width: panel.width,
                panel: panel.width,
                to_panel: 0,
            };
            // SAFETY: the caller's promise.
            return unsafe { self.isa.enter(pair) };
        }
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

    /// What one chunk computes.
    pub fn part(&self, chunk: usize) -> Part {
        // Rows vary fastest: the same panels again, still in the cache.
        let (panel_chunk, row_chunk) = (chunk / self.row_chunks, chunk % self.row_chunks);
        let rows = share(self.form.rows, self.row_chunks, row_chunk);
        let groups = share(self.panels.count().div_ceil(self.together), self.panel_chunks, panel_chunk);
        let end = (groups.end * self.together).min(self.panels.count());
        Part { rows, panels: groups.start * self.together..end }
    }

    /// Computes a chunk's part.
    ///
    /// # Safety
    /// The sources hold what the form describes, `c` has room for the result, and
    /// `scratch` is what [`Product::scratch`] asks for.
    pub unsafe fn run(&self, chunk: usize, from: Sources, c: *mut f32, scratch: *mut f32) {
        let part = self.part(chunk);
        let to = Place { at: c, stride: self.form.lanes, rows: &self.result_rows };
        let Part { rows, panels } = &part;
        // SAFETY: the caller's promise.
        unsafe {
            self.keep(panels, from, scratch);
            if self.form.exchanged {
                panels.clone().for_each(|panel| self.run_exchanged(panel, rows.clone(), from, c, scratch));
            } else if self.is_short() {
                even_tiles(rows.len(), self.menu.max_rows(self.panels.vectors()), |first, count| {
                    let first = rows.start + first;
                    let rows = first..first + count;
                    self.run_part(&Part { rows, panels: panels.clone() }, panels.start, from, to, scratch);
                });
            } else {
                self.run_part(&part, panels.start, from, to, scratch);
            }
        }
    }

    /// Copies a chunk's panels to scratch, if it copies them once.
    ///
    /// # Safety
    /// As [`Product::run`].
    pub unsafe fn keep(&self, panels: &Range<usize>, from: Sources, scratch: *mut f32) {
        if self.packing != Packing::Whole {
            return;
        }
        for index in panels.clone() {
            let panel = self.panels.get(index);
            let lanes = from.lanes.wrapping_add(panel.start);
            let to = scratch.wrapping_add((index - panels.start) * self.panel_len());
            // SAFETY: the caller's promise; `scratch` has room for the panels of a chunk.
            unsafe { self.copy(panel, self.form.k, lanes, to) };
        }
    }

    /// Computes a part of a chunk whose first panel is `kept`, panel by panel. Not for exchanged forms.
    ///
    /// # Safety
    /// As [`Product::run`], with room for the part at its place; [`Product::keep`] ran for the chunk.
    pub unsafe fn run_part(&self, part: &Part, kept: usize, from: Sources, to: Place, scratch: *mut f32) {
        for index in part.panels.clone() {
            let panel = self.panels.get(index);
            let (lanes, step) = match self.packing {
                Packing::Whole => {
                    let at = (index - kept) * self.panel_len();
                    (scratch.cast_const().wrapping_add(at), self.panels.stride())
                }
                Packing::First => (from.lanes.wrapping_add(index * self.panel_len()), self.panels.stride()),
                _ => (from.lanes.wrapping_add(panel.start), self.form.lanes),
            };
            // SAFETY: the caller's promise.
            unsafe { self.run_panel(panel, part.rows.clone(), (lanes, step), from, to, scratch) };
        }
    }

    /// What a tile of `panel` is given, before it is told its rows.
    fn args(&self, panel: Panel, c_rows: &[usize]) -> TileArgs {
        TileArgs {
            a: std::ptr::null(),
            rows: self.source_rows.as_ptr(),
            next: std::ptr::null(),
            b: std::ptr::null(),
            c: std::ptr::null_mut(),
            result: self.output,
            c_rows: c_rows.as_ptr(),
            k: self.form.k,
            a_step: self.form.row_step,
            b_step: self.panels.stride(),
            inner: Segments::ONE,
            outer: Segments::ONE,
            tail: panel.tail,
            accumulate: false,
            finish: Finish::NONE,
            ahead: Ahead::PANEL,
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

    /// So many rows of a panel of the result, the sum in steps of a cache's size; the panel's lanes lie
    /// at a pointer, and so many floats further for each step.
    ///
    /// # Safety
    /// As [`Product::run_part`].
    unsafe fn run_panel(
        &self,
        panel: Panel,
        rows: Range<usize>,
        (lanes, lane_step): (*const f32, usize),
        from: Sources,
        to: Place,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let mode = if form.row_stride == 1 { mode::SPLAT_UNIT } else { mode::SPLAT };
        let mut args = self.args(panel, to.rows);
        let blocks = form.k.div_ceil(self.steps()).max(1);
        for block in 0..blocks {
            let steps = share(form.k, blocks, block);
            args.k = steps.len();
            args.accumulate = block > 0;
            (args.b, args.b_step) = (lanes.wrapping_add(steps.start * lane_step), lane_step);
            if self.packing == Packing::ByChunk {
                // SAFETY: the caller's promise; `scratch` has room for so many steps.
                unsafe { self.copy(panel, steps.len(), args.b, scratch) };
                (args.b, args.b_step) = (scratch, self.panels.stride());
            }
            let last = block + 1 == blocks;
            let source = from.rows.wrapping_add(steps.start * form.row_step);
            even_tiles(rows.len(), self.menu.max_rows(panel.vectors), |first, count| {
                let first = rows.start + first;
                args.a = source.wrapping_add(first * form.row_stride);
                args.c = to.at.wrapping_byte_add(self.output.bytes(first * to.stride + panel.start));
                if last {
                    args.finish = from.finish.at(first * to.stride).at_lane(panel.start);
                }
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode, panel.vectors, count, &args) };
            });
        }
    }

    /// So many rows of a panel of the turned result, tile by tile through `scratch`.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn run_exchanged(
        &self,
        index: usize,
        rows: Range<usize>,
        from: Sources,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let panel = self.panels.get(index);
        let mut args = self.args(panel, &self.result_rows);
        (args.b, args.b_step) = match self.packing {
            Packing::First => (from.lanes.wrapping_add(index * self.panel_len()), self.panels.stride()),
            _ => (from.lanes.wrapping_add(panel.start), form.lanes),
        };
        (args.c, args.result) = (scratch, Float::F32);
        even_tiles(rows.len(), self.menu.max_rows(panel.vectors), |first, count| {
            let first = rows.start + first;
            args.a = from.rows.wrapping_add(first * form.row_stride);
            // SAFETY: the caller's promise.
            unsafe { self.menu.run(mode::SPLAT, panel.vectors, count, &args) };
            for lane in 0..panel.width {
                for row in 0..count {
                    let column = first + row;
                    // SAFETY: the caller's promise; the tile has been written.
                    unsafe {
                        let value = *scratch.wrapping_add(row * self.panels.stride() + lane);
                        let at = (panel.start + lane) * form.rows + column;
                        let value = from.finish.number(value, column, at);
                        match self.output {
                            Float::F32 => *c.wrapping_add(at) = value,
                            Float::Bf16 => *c.cast::<Bf16>().wrapping_add(at) = Bf16::from_f32(value),
                        }
                    }
                }
            }
        });
    }
}
