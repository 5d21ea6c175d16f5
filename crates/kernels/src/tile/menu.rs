//! Choosing the size of the tiles.

use super::kernel::{Menu, TileArgs, TileFn};
use crate::routine::{Float, Tile};

/// Cycles between a fused multiply-add and its dependent, on the machines of the day.
const LATENCY: f64 = 4.0;
/// Cycles that a tile costs beside its innermost steps: entry, row offsets, stores.
const OVERHEAD: f64 = 24.0;
/// Rows of a tile for rows that are whole pages apart: all of them fall into one set of the nearest
/// cache, which holds 8 lines or more.
const PAGED_ROWS: std::ops::RangeInclusive<usize> = 4..=8;
/// Floats of a page: what lies whole pages apart falls into one set of the nearest cache.
pub const PAGE: usize = 4096 / size_of::<f32>();

impl Menu {
    /// The most rows a tile of this many vectors can have; zero if there is none.
    pub fn max_rows(&self, vectors: usize) -> usize {
        self.tiles[0][vectors - 1].len()
    }

    /// The largest tile of a product over such panels.
    pub fn tile(&self, panels: &Panels) -> Tile {
        Tile { vectors: panels.vectors, rows: self.max_rows(panels.vectors) }
    }

    /// Rows of the tallest tile.
    pub fn tallest(&self) -> usize {
        (1..=4).map(|vectors| self.max_rows(vectors)).max().unwrap_or(1)
    }

    /// The most sums that a tile keeps in registers.
    pub fn sums(&self) -> usize {
        (1..=4).map(|vectors| vectors * self.max_rows(vectors)).max().unwrap_or(1)
    }

    /// Offsets for the rows of any tile, `stride` floats apart.
    pub fn row_offsets(&self, stride: usize) -> Vec<usize> {
        (0..self.tallest()).map(|row| row * stride).collect()
    }

    /// # Safety
    /// As [`super::kernel::tile`] demands, and the machine has the instruction set.
    pub unsafe fn run(&self, mode: u8, vectors: usize, rows: usize, args: &TileArgs) {
        let tile: TileFn = self.tiles[usize::from(mode)][vectors - 1][rows - 1];
        let joined = args.result != Float::F32 || args.finish.joins();
        // SAFETY: the caller's promise.
        unsafe { if joined { self.run_joined(tile, [rows, vectors], args) } else { tile(args) } }
    }

    /// Cycles for `rows` rows of `vectors` vectors and `k` innermost steps.
    fn cost(&self, rows: usize, vectors: usize, k: usize) -> f64 {
        let tiles = rows.div_ceil(self.max_rows(vectors));
        let each = rows as f64 / tiles as f64;
        let multiply = each * vectors as f64 / 2.0;
        let load = (each + vectors as f64) / 2.0;
        let step = multiply.max(load).max(LATENCY);
        tiles as f64 * (k as f64 * step + OVERHEAD + 2.0 * multiply)
    }

    /// How many vectors a panel should have, for lanes that fill `vectors` vectors in all and
    /// runs of rows given as (number of rows, innermost steps of each row).
    pub fn choose_vectors(&self, vectors: usize, runs: &[(usize, usize)]) -> usize {
        let cost = |width: usize| {
            let panels = (vectors / width) as f64;
            let rest = vectors % width;
            let run = |&(rows, k): &(usize, usize)| {
                let tail = if rest == 0 { 0.0 } else { self.cost(rows, rest, k) };
                panels * self.cost(rows, width, k) + tail
            };
            runs.iter().map(run).sum::<f64>()
        };
        // Two vectors first: of equals it reads the least memory a step.
        let widths = [2, 3, 4, 1].into_iter().filter(|&width| width <= vectors.max(1));
        widths
            .filter(|&width| self.max_rows(width) > 0)
            .min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
            .unwrap_or(1)
    }

    /// How many vectors a panel should have, for rows that are whole pages apart, if some tile has so few.
    pub fn paged_vectors(&self, vectors: usize) -> Option<usize> {
        (1..=vectors.min(4)).rev().find(|&width| PAGED_ROWS.contains(&self.max_rows(width)))
    }
}

/// The lanes of an output cut into panels of whole vectors.
#[derive(Clone, Copy, Debug)]
pub struct Panels {
    /// Floats in a vector.
    lanes: usize,
    /// Vectors in every panel but perhaps the last.
    vectors: usize,
    /// Lanes in all.
    total: usize,
}

/// One panel: where its lanes start and how many vectors it has, the last with `tail` lanes.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    pub start: usize,
    pub width: usize,
    pub vectors: usize,
    pub tail: usize,
}

impl Panels {
    pub fn new(lanes: usize, vectors: usize, total: usize) -> Panels {
        Panels { lanes, vectors, total }
    }

    pub fn count(&self) -> usize {
        self.total.div_ceil(self.stride())
    }

    /// Vectors of a full panel.
    pub fn vectors(&self) -> usize {
        self.vectors
    }

    /// Lanes in a full panel.
    pub fn stride(&self) -> usize {
        self.lanes * self.vectors
    }

    pub fn get(&self, index: usize) -> Panel {
        let start = index * self.stride();
        let width = (self.total - start).min(self.stride());
        let vectors = width.div_ceil(self.lanes);
        Panel { start, width, vectors, tail: width - (vectors - 1) * self.lanes }
    }
}

/// Cuts `rows` into tiles of at most `most` rows, as even as can be, and hands each its first row
/// and its number of rows.
#[inline]
pub fn even_tiles(rows: usize, most: usize, mut tile: impl FnMut(usize, usize)) {
    let tiles = rows.div_ceil(most);
    let mut start = 0;
    for index in 0..tiles {
        let size = (rows - start).div_ceil(tiles - index);
        tile(start, size);
        start += size;
    }
}
