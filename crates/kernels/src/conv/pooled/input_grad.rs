//! The gradient for the input.

use super::PooledShape;
use super::canvas::{BEYOND, Cut};
use super::lists::{Lists, Winner};
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Prelude, Routine, Tile, aligned_bytes, free_chunk_count, share};
use crate::tile::pack::Transpose;
use crate::tile::simd::{Operation, Simd};
use crate::tile::vectors::{MOST_VECTORS, with_vectors};
use std::ops::Range;

/// Bytes of the weights that lists of winners choose from, and most of those lists: the former stay in the nearest
/// cache.
const NEAR_WEIGHTS: usize = 24 << 10;
const LISTS: usize = 64 << 10;

/// `dx` from the gradient of the pooled values and `w`, and what follows it.
///
/// The kernel is cut into rows, a row into parts of a tile's vectors, and its output channels into *sets*; copied,
/// such a block's weights lie one after another. For each window there are lists of a set's winners at each of its
/// outputs, of those whose gradient is not zero: each of a list's winners adds its weights of a block.
pub struct InputGrad {
    isa: Isa,
    shape: PooledShape,
    epilogue: Epilogue,
    places: Vec<u32>,
    /// Vectors of a tile, and of a row of the kernel.
    tile: usize,
    vectors: usize,
    lanes: usize,
    /// Channels of a set.
    set: usize,
    /// Rows of windows whose winners are sorted at a time.
    band: usize,
    phases: [PhaseSpec; 2],
}

impl InputGrad {
    /// Plans the gradient; `isa` must be available.
    pub fn new(isa: Isa, shape: &PooledShape, epilogue: Epilogue) -> InputGrad {
        let (conv, pool, menu) = (shape.conv(), shape.pool(), isa.menu());
        let vectors = shape.row().div_ceil(menu.lanes);
        let tile = vectors.div_ceil(vectors.div_ceil(MOST_VECTORS));
        let set = (NEAR_WEIGHTS / (tile * menu.lanes * size_of::<f32>())).clamp(1, conv.co);
        let row = pool.ow * shape.cells() * set * size_of::<Winner>();
        let band = (LISTS / row).clamp(1, pool.oh);
        let (places, lanes) = (shape.places(), menu.lanes);
        let first = PhaseSpec { chunks: 1, scratch: 0, cost: conv.kernel_len() as f64 };
        let chunks = free_chunk_count(shape.flops()).clamp(1, conv.n);
        let second = PhaseSpec { chunks, scratch: 0, cost: shape.flops() };
        let (shape, phases) = (*shape, [first, second]);
        let mut routine = InputGrad { isa, shape, epilogue, places, tile, vectors, lanes, set, band, phases };
        routine.phases[0].chunks = conv.kh * routine.sets();
        routine.phases[1].scratch = routine.scratch().iter().sum();
        routine
    }

    /// Sets of the output channels.
    fn sets(&self) -> usize {
        self.shape.conv().co.div_ceil(self.set)
    }

    /// Parts of a row of the kernel.
    fn parts(&self) -> usize {
        self.vectors.div_ceil(self.tile)
    }

    /// Lists of so many rows of windows.
    fn lists(&self, windows: usize) -> usize {
        windows * self.shape.pool().ow * self.shape.cells()
    }

    /// Floats of a block's weights for one channel.
    fn stretch(&self) -> usize {
        self.tile * self.lanes
    }

    /// A block of the copied weights.
    fn block(&self, set: usize, row: usize, part: usize, copied: *mut u8) -> *mut f32 {
        let index = (set * self.shape.conv().kh + row) * self.parts() + part;
        copied.cast::<f32>().wrapping_add(index * self.set * self.stretch())
    }

    /// Bytes of what a chunk keeps: the canvas of an image, lists of winners, and how many there are in each.
    fn scratch(&self) -> [usize; 3] {
        let ([height, _], lists) = (self.shape.canvas(), self.lists(self.band));
        let canvas = height * self.shape.steps()[0] + BEYOND;
        [canvas, Lists::floats(lists * self.set), lists].map(aligned_bytes)
    }

    /// Copies a row of the kernel for a set of channels.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn copy(&self, chunk: usize, at: &Operands) {
        let conv = self.shape.conv();
        let (set, row) = (chunk / conv.kh, chunk % conv.kh);
        let channels = self.channels(set);
        let floats = self.shape.row();
        for part in 0..self.parts() {
            let to = self.block(set, row, part, at.temp);
            let first = part * self.stretch();
            let turn = Transpose {
                from: at.inputs[1].wrapping_add((row * floats + first) * conv.co + channels.start),
                from_stride: conv.co,
                to,
                to_stride: self.stretch(),
                rows: (floats - first).min(self.stretch()),
                columns: channels.len(),
            };
            // SAFETY: the caller's promise; `temp` has room for all blocks.
            unsafe {
                if turn.rows < self.stretch() {
                    std::ptr::write_bytes(to, 0, channels.len() * self.stretch());
                }
                self.isa.enter(turn);
            }
        }
    }

    fn channels(&self, set: usize) -> Range<usize> {
        set * self.set..self.shape.conv().co.min((set + 1) * self.set)
    }

    /// Makes the lists of some windows' winners.
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
        // SAFETY: the caller's promise.
        unsafe { lists.clear(windows.len() * cells) };
        for (index, window) in windows.enumerate() {
            let from = (image * self.shape.windows() + window) * co;
            for (place, channel) in channels.clone().enumerate() {
                // SAFETY: the caller's promise; a list has room for all channels.
                unsafe {
                    let cell = usize::from(*at.winners.add(from + channel)).min(cells - 1);
                    let g = *at.inputs[0].add(from + channel);
                    lists.push(index * cells + cell, Winner { at: (place * self.stretch()) as u32, g });
                }
            }
        }
    }
}

impl Routine for InputGrad {
    fn prelude(&self) -> Option<Prelude> {
        Some(Prelude { phases: 1, input: 1 })
    }

    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        aligned_bytes(self.sets() * self.shape.conv().kh * self.parts() * self.set * self.stretch())
    }

    fn tile(&self) -> Tile {
        Tile { rows: 1, vectors: self.tile }
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        if phase == 0 {
            // SAFETY: the caller's promise.
            return unsafe { self.copy(chunk, at) };
        }
        let (conv, pool, [_, down]) = (self.shape.conv(), self.shape.pool(), self.shape.steps());
        let [canvas_bytes, list_bytes, _] = self.scratch();
        let canvas = at.scratch.cast::<f32>();
        let lists = Lists {
            winners: at.scratch.wrapping_add(canvas_bytes).cast(),
            counts: at.scratch.wrapping_add(canvas_bytes + list_bytes).cast(),
            apart: self.set,
        };
        let size = conv.h * conv.w * conv.c;
        for image in share(conv.n, self.phases[1].chunks, chunk) {
            // SAFETY: the caller's promise; `scratch` says how much there is of each.
            unsafe { std::ptr::write_bytes(canvas.cast::<u8>(), 0, canvas_bytes) };
            for (first, set) in
                (0..pool.oh).step_by(self.band).flat_map(|f| (0..self.sets()).map(move |s| (f, s)))
            {
                let rows = first..pool.oh.min(first + self.band);
                let windows = rows.start * pool.ow..rows.end * pool.ow;
                // SAFETY: as above.
                unsafe { self.sort(image, windows.clone(), self.channels(set), at, lists) };
                for (row, part) in (0..conv.kh).flat_map(|row| (0..self.parts()).map(move |part| (row, part)))
                {
                    let vectors = self.tile.min(self.vectors - part * self.tile);
                    let floats = self.shape.row() - part * self.stretch();
                    let add = Add {
                        lists,
                        places: &self.places[windows.start * self.shape.cells()..][..self.lists(rows.len())],
                        weights: self.block(set, row, part, at.temp),
                        canvas: canvas.wrapping_add(row * down + part * self.stretch()),
                        vectors,
                        tail: (floats - (vectors - 1) * self.lanes).min(self.lanes),
                    };
                    // SAFETY: as above; the phase before has copied the weights.
                    unsafe { self.isa.enter(add) };
                }
            }
            let cut = Cut {
                shape: &self.shape,
                from: canvas,
                to: at.output.wrapping_add(image * size),
                finish: self.epilogue.finish(at).at(image * size),
            };
            // SAFETY: the caller's promise.
            unsafe { self.isa.enter(cut) };
        }
    }
}

/// Adds to each place of the canvas the sum of its list's gradients times their weights.
///
/// # Safety of `run`
/// There are lists for all places, weights of so many vectors for each winner, and room for as many from each
/// place on, the last of them as long as `tail`.
struct Add<'a> {
    lists: Lists,
    places: &'a [u32],
    weights: *const f32,
    canvas: *mut f32,
    vectors: usize,
    tail: usize,
}

impl Operation for Add<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        // SAFETY: the caller's promise.
        with_vectors!(self.vectors, V => unsafe { self.tile::<S, V>(simd) });
    }
}

impl Add<'_> {
    /// # Safety
    /// As `run`, with this number of vectors.
    #[inline(always)]
    unsafe fn tile<S: Simd, const V: usize>(&self, simd: S) {
        let tail = simd.mask(self.tail);
        for (list, &place) in self.places.iter().enumerate() {
            let mut sums = [simd.splat(0.0); V];
            // SAFETY: the caller's promise.
            unsafe {
                for &Winner { at, g } in self.lists.get(list) {
                    let (weights, g) = (self.weights.add(at as usize), simd.splat(g));
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = simd.multiply_add(g, simd.load(weights.add(v * S::LANES)), *sum);
                    }
                }
                let to = self.canvas.add(place as usize);
                for (v, &sum) in sums[..V - 1].iter().enumerate() {
                    let to = to.add(v * S::LANES);
                    simd.store(to, simd.add(simd.load(to), sum));
                }
                let to = to.add((V - 1) * S::LANES);
                let sum = simd.add(simd.load_masked(to, tail), sums[V - 1]);
                simd.store_masked(to, sum, tail);
            }
        }
    }
}
