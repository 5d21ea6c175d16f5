//! The gradient for the kernel.

use super::PooledShape;
use super::canvas::{BEYOND, draw};
use super::lists::{Lists, Winner};
use crate::conv::parts::Extent;
use crate::conv::split::{Cuts, Traffic};
use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Routine, Tile, aligned_bytes, chunk_count, share};
use crate::tile::pack::Transpose;
use crate::tile::simd::{Operation, Simd};
use crate::tile::vectors::{MOST_VECTORS, with_vectors};
use std::ops::Range;

/// Most chunks of the first phase.
const MAX_CHUNKS: usize = 32;
/// Bytes of a canvas that winners see before the next part of it is drawn: it stays in the nearest cache.
const NEAR: usize = 24 << 10;
/// How many rows of the kernel a tile can have, and of how many vectors at most.
const TILES: [Tile; 3] = [
    Tile { rows: 5, vectors: 5 },
    Tile { rows: 3, vectors: MOST_VECTORS },
    Tile { rows: 1, vectors: MOST_VECTORS },
];
/// Channels that no cut divides.
const CHANNELS: usize = 8;

/// `dw` from `x` and the gradient of the pooled values.
///
/// The images are cut into parts with a partial result each, added in a fixed tree, and the output channels between
/// chunks.
pub struct KernelGrad {
    isa: Isa,
    shape: PooledShape,
    places: Vec<u32>,
    cuts: Cuts,
    /// Rows of windows whose canvas is drawn at a time.
    band: usize,
    /// Rows and vectors of a tile, and vectors of a row of the kernel.
    tile: Tile,
    vectors: usize,
    lanes: usize,
    phases: Vec<PhaseSpec>,
}

impl KernelGrad {
    /// Plans the gradient; `isa` must be available.
    pub fn new(isa: Isa, shape: &PooledShape) -> KernelGrad {
        let (conv, pool, menu) = (shape.conv(), shape.pool(), isa.menu());
        let vectors = shape.row().div_ceil(menu.lanes);
        let Tile { rows, vectors: most } = tallest(conv.kh);
        let most = most.min(menu.sums() / rows);
        let tile = Tile { rows, vectors: vectors.div_ceil(vectors.div_ceil(most)) };

        let traffic = Traffic {
            input: conv.n * conv.h * conv.w * conv.c,
            gradient: shape.winners(),
            result: conv.kernel_len(),
        };
        let wanted = chunk_count(shape.flops()).min(MAX_CHUNKS);
        let cuts = traffic.split(wanted, conv.n, pool.oh, [1, conv.co.div_ceil(CHANNELS)]);

        let near =
            |windows: &usize| shape.seen(0..*windows).len() * shape.steps()[0] * size_of::<f32>() <= NEAR;
        let band = (1..=pool.oh).take_while(near).last().unwrap_or(1);
        let sum = cuts.parts.sum_phase();
        let places = shape.places();
        let (shape, lanes) = (*shape, menu.lanes);
        let mut routine = KernelGrad { isa, shape, places, cuts, band, tile, vectors, lanes, phases: vec![] };
        let scratch = routine.scratch().iter().sum();
        let chunks = routine.cuts.parts.count() * routine.cuts.panels;
        routine.phases.push(PhaseSpec { chunks, scratch, cost: shape.flops() });
        routine.phases.extend(sum);
        routine
    }

    /// Floats of a channel's sums: rows of the kernel in whole vectors.
    fn sums(&self) -> usize {
        self.shape.conv().kh * self.vectors * self.lanes
    }

    /// Bytes of what a chunk keeps: part of a canvas, lists of its winners, how many there are in each, the sums of its
    /// channels.
    fn scratch(&self) -> [usize; 4] {
        let channels = self.shape.conv().co.div_ceil(self.cuts.panels);
        let canvas = self.shape.seen(0..self.band).len() * self.shape.steps()[0] + BEYOND;
        let winners = Lists::floats(channels * self.band * self.shape.pool().ow);
        [canvas, winners, channels, channels * self.sums()].map(aligned_bytes)
    }

    /// Lists for each channel the winners of some rows of an image's windows whose gradients are not zero, and what
    /// they see.
    ///
    /// # Safety
    /// As [`Routine::run`]; there is memory for the lists.
    unsafe fn sort(
        &self,
        image: usize,
        windows: Range<usize>,
        channels: Range<usize>,
        at: &Operands,
        lists: Lists,
    ) {
        let (cells, co) = (self.shape.cells(), self.shape.conv().co);
        let above = self.shape.seen(windows.start..windows.start + 1).start * self.shape.steps()[0];
        let across = self.shape.pool().ow;
        let windows = windows.start * across..windows.end * across;
        // SAFETY: the caller's promise.
        unsafe { lists.clear(channels.len()) };
        for window in windows {
            let places = &self.places[window * cells..][..cells];
            let from = (image * self.shape.windows() + window) * co;
            for (place, channel) in channels.clone().enumerate() {
                // SAFETY: the caller's promise; a list has room for all windows.
                unsafe {
                    let cell = usize::from(*at.winners.add(from + channel)).min(cells - 1);
                    let g = *at.inputs[1].add(from + channel);
                    lists.push(place, Winner { at: places[cell] - above as u32, g });
                }
            }
        }
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
        self.tile
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        if phase == 1 {
            // SAFETY: the caller's promise.
            return unsafe { self.cuts.parts.sum(self.isa, chunk, at) };
        }
        let conv = self.shape.conv();
        let (part, panel) = (chunk / self.cuts.panels, chunk % self.cuts.panels);
        let channels = share(conv.co, self.cuts.panels, panel);
        let [drawn, listed, counted, _] = self.scratch();
        let canvas = at.scratch.cast::<f32>();
        let winners = at.scratch.wrapping_add(drawn).cast::<Winner>();
        let counts = at.scratch.wrapping_add(drawn + listed).cast::<u32>();
        let sums = at.scratch.wrapping_add(drawn + listed + counted).cast::<f32>();
        // SAFETY: the caller's promise; `scratch` says how much there is of each.
        unsafe { std::ptr::write_bytes(sums, 0, channels.len() * self.sums()) };
        let Extent { images, rows } = self.cuts.parts.extent(part);
        for image in images {
            let from = at.inputs[0].wrapping_add(image * conv.h * conv.w * conv.c);
            for first in rows.clone().step_by(self.band) {
                let windows = first..rows.end.min(first + self.band);
                let lists = Lists { winners, counts, apart: windows.len() * self.shape.pool().ow };
                let see = See {
                    lists,
                    channels: channels.len(),
                    canvas,
                    down: self.shape.steps()[1],
                    sums,
                    tile: self.tile,
                    size: [conv.kh, self.vectors],
                };
                // SAFETY: the caller's promise, and as above.
                unsafe {
                    draw(self.isa, &self.shape, self.shape.seen(windows.clone()), from, canvas);
                    self.sort(image, windows, channels.clone(), at, lists);
                    self.isa.enter(see);
                }
            }
        }
        let (row, to) = (self.shape.row(), self.cuts.parts.result(part, at));
        for tap_row in 0..conv.kh {
            let turn = Transpose {
                from: sums.wrapping_add(tap_row * self.vectors * self.lanes),
                from_stride: self.sums(),
                to: to.wrapping_add(tap_row * row * conv.co + channels.start),
                to_stride: conv.co,
                rows: channels.len(),
                columns: row,
            };
            // SAFETY: the caller's promise; a result has the length of the kernel.
            unsafe { self.isa.enter(turn) };
        }
    }
}

/// Adds to each channel's sums what its winners see.
///
/// # Safety of `run`
/// There are lists for all channels; every winner sees so many rows of vectors inside the canvas, or up to [`BEYOND`] floats behind it, and there are
/// sums of as many for each channel.
struct See {
    /// One for each channel.
    lists: Lists,
    channels: usize,
    canvas: *const f32,
    /// Floats of the canvas from row to row.
    down: usize,
    sums: *mut f32,
    tile: Tile,
    /// Rows, and vectors of each.
    size: [usize; 2],
}

impl Operation for See {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let [rows, vectors] = self.size;
        for vector in (0..vectors).step_by(self.tile.vectors) {
            let (count, mut row) = (self.tile.vectors.min(vectors - vector), 0);
            while row < rows {
                let height = tallest(rows - row).rows;
                // SAFETY: the caller's promise.
                unsafe {
                    match height {
                        5 => {
                            with_vectors!(count, V of 1 2 3 4 to 5 => self.tile::<S, 5, V>(simd, row, vector))
                        }
                        3 => {
                            with_vectors!(count, V => self.tile::<S, 3, V>(simd, row, vector))
                        }
                        _ => {
                            with_vectors!(count, V => self.tile::<S, 1, V>(simd, row, vector))
                        }
                    }
                }
                row += height;
            }
        }
    }
}

/// The tallest tile of so many rows.
#[inline(always)]
fn tallest(rows: usize) -> Tile {
    TILES.into_iter().find(|tile| tile.rows <= rows).unwrap_or(TILES[2])
}

impl See {
    /// # Safety
    /// As `run`; so many rows and vectors from these on are among them.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const V: usize>(&self, simd: S, row: usize, vector: usize) {
        let [rows, vectors] = self.size;
        let canvas = self.canvas.wrapping_add(row * self.down + vector * S::LANES);
        for channel in 0..self.channels {
            let mut sums = [[simd.splat(0.0); V]; R];
            // SAFETY: the caller's promise.
            for &Winner { at, g } in unsafe { self.lists.get(channel) } {
                // SAFETY: the caller's promise.
                unsafe {
                    let (seen, g) = (canvas.add(at as usize), simd.splat(g));
                    for (r, sums) in sums.iter_mut().enumerate() {
                        for (v, sum) in sums.iter_mut().enumerate() {
                            *sum =
                                simd.multiply_add(g, simd.load(seen.add(r * self.down + v * S::LANES)), *sum);
                        }
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                for (v, &sum) in sums.iter().enumerate() {
                    let at = ((channel * rows + row + r) * vectors + vector + v) * S::LANES;
                    let to = self.sums.wrapping_add(at);
                    // SAFETY: the caller's promise.
                    unsafe { simd.store(to, simd.add(simd.load(to), sum)) };
                }
            }
        }
    }
}
