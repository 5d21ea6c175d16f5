//! One matrix product in tiles: how it is cut and how the tiles get at its operands.

mod run;

use super::form::Form;
use crate::isa::Isa;
use crate::routine::{Float, Floats, Tile, aligned_bytes, free_chunk_count, share};
use crate::tile::kernel::Menu;
use crate::tile::menu::{PAGE, Panels};
use std::ops::Range;

pub use run::{Place, Sources};

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
        let wanted = free_chunk_count(total);
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

    /// What one chunk computes.
    pub fn part(&self, chunk: usize) -> Part {
        // Rows vary fastest: the same panels again, still in the cache.
        let (panel_chunk, row_chunk) = (chunk / self.row_chunks, chunk % self.row_chunks);
        let rows = share(self.form.rows, self.row_chunks, row_chunk);
        let groups = share(self.panels.count().div_ceil(self.together), self.panel_chunks, panel_chunk);
        let end = (groups.end * self.together).min(self.panels.count());
        Part { rows, panels: groups.start * self.together..end }
    }
}
