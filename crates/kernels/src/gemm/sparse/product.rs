//! The product from lists.

use super::lists::Listed;
use crate::gemm::GemmSpec;
use crate::isa::Isa;
use crate::routine::{Sizes, aligned_bytes, even_count, free_chunk_count, share};
use crate::tile::activation::Finish;
use crate::tile::pack::{CopyRows, LINE_FLOATS, Transpose};
use crate::tile::simd::{Operation, Simd};
use crate::tile::vectors::{MOST_VECTORS, with_vectors};
use std::ops::Range;

/// Bytes of a block of B: it stays in the nearest cache.
const NEAR: usize = 32 << 10;
/// Rows of a chunk from which on copying its blocks costs little.
const TALL: usize = 256;

/// The part of A that is not zero up to which leaving zeros out pays: beside its products, which do not quite go at the
/// dense pace, a chunk copies B, or turns it.
const COPIED: f64 = 0.67;
const TURNED: f64 = 0.6;

/// How C is cut into panels of columns and chunks of rows, and sums into blocks.
pub struct Product {
    isa: Isa,
    m: usize,
    n: usize,
    k: usize,
    /// B is stored as `[n, k]`.
    turned: bool,
    lanes: usize,
    /// Vectors of a row of C, panels that share them, and vectors of the widest.
    vectors: usize,
    panels: usize,
    widest: usize,
    row_chunks: usize,
    blocks: usize,
}

impl Product {
    pub fn new(isa: Isa, spec: &GemmSpec) -> Product {
        let &GemmSpec { m, n, k, b_transposed: turned, .. } = spec;
        let lanes = isa.menu().lanes;
        let vectors = n.div_ceil(lanes);
        let panels = even_count(vectors.div_ceil(MOST_VECTORS)).min(vectors).max(1);
        let widest = vectors.div_ceil(panels);
        let row_chunks = (free_chunk_count(spec.work()) / panels).min(m / TALL).max(1);
        let steps = NEAR / (widest * lanes * size_of::<f32>());
        let blocks = k.div_ceil(steps).max(1);
        Product { isa, m, n, k, turned, lanes, vectors, panels, widest, row_chunks, blocks }
    }

    /// The part of A that is not zero up to which this product is faster than the dense one.
    pub fn most(&self) -> f64 {
        if self.turned { TURNED } else { COPIED }
    }

    /// Blocks of a sum, shared evenly.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Floats between the rows of a block's copy.
    pub fn stride(&self) -> usize {
        self.widest * self.lanes
    }

    pub fn chunks(&self) -> usize {
        self.panels * self.row_chunks
    }

    /// Bytes that a chunk needs for itself: a block.
    pub fn scratch(&self) -> usize {
        aligned_bytes(self.k.div_ceil(self.blocks) * self.stride())
    }

    /// Where B holds a block.
    fn source(&self, steps: &Range<usize>, columns: &Range<usize>, b: *const f32) -> Source {
        let (stride, outer, inner) =
            if self.turned { (self.k, columns, steps) } else { (self.n, steps, columns) };
        let at = b.wrapping_add(outer.start * stride + inner.start);
        Source { at, stride, rows: outer.len(), width: inner.len() }
    }

    /// Computes a chunk's part of C.
    ///
    /// # Safety
    /// All lists have been made, `b`, `c` and the operands of `finish` are what the product was planned for, and
    /// `scratch` is what [`Product::scratch`] asks for.
    pub unsafe fn run(
        &self,
        chunk: usize,
        listed: Listed,
        b: *const f32,
        finish: Finish,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let (panel, row_chunk) = (chunk / self.row_chunks, chunk % self.row_chunks);
        let rows = share(self.m, self.row_chunks, row_chunk);
        let vectors = share(self.vectors, self.panels, panel);
        let columns = vectors.start * self.lanes..self.n.min(vectors.end * self.lanes);
        let first = rows.start * self.n + columns.start;
        for block in 0..self.blocks {
            let steps = share(self.k, self.blocks, block);
            let from = self.source(&steps, &columns, b);
            let next = if block + 1 < self.blocks { share(self.k, self.blocks, block + 1) } else { 0..0 };
            let add = Add {
                listed,
                first: block * self.m + rows.start,
                rows: rows.len(),
                block: scratch,
                c: c.wrapping_add(first),
                stride: self.n,
                vectors: vectors.len(),
                tail: columns.len() - (vectors.len() - 1) * self.lanes,
                more: block > 0,
                finish: (block + 1 == self.blocks)
                    .then(|| finish.at(rows.start * self.n).at_lane(columns.start)),
                next: self.source(&next, &columns, b),
            };
            // SAFETY: the caller's promise; `scratch` has room for a block.
            unsafe {
                if self.turned {
                    self.isa.enter(Transpose {
                        from: from.at,
                        from_stride: from.stride,
                        to: scratch,
                        to_stride: self.stride(),
                        rows: from.rows,
                        columns: from.width,
                    });
                } else {
                    self.isa.enter(CopyRows {
                        from: from.at,
                        from_stride: from.stride,
                        to: scratch,
                        to_stride: self.stride(),
                        rows: from.rows,
                        width: from.width,
                    });
                }
                self.isa.enter(add);
            }
        }
    }
}

/// A part of a matrix: so many rows of so many floats, `stride` floats apart.
struct Source {
    at: *const f32,
    stride: usize,
    rows: usize,
    width: usize,
}

/// A walk over the cache lines of a [`Source`], row by row.
struct Walk {
    row: *const f32,
    stride: usize,
    width: usize,
    /// Floats of the row that have been passed.
    passed: usize,
}

impl Source {
    fn walk(&self) -> Walk {
        Walk { row: self.at, stride: self.stride, width: self.width, passed: 0 }
    }

    /// How many lines there are.
    fn lines(&self) -> usize {
        self.rows * self.width.div_ceil(LINE_FLOATS)
    }
}

impl Walk {
    /// Fetches so many lines.
    #[inline(always)]
    fn fetch<S: Simd>(&mut self, simd: S, lines: usize) {
        for _ in 0..lines {
            simd.prefetch(self.row.wrapping_add(self.passed));
            self.passed += LINE_FLOATS;
            if self.passed >= self.width {
                (self.row, self.passed) = (self.row.wrapping_add(self.stride), 0);
            }
        }
    }
}

/// Adds to rows of a panel of C the products of a block.
///
/// # Safety of `run`
/// There are a list for each row, and so many vectors in `block` from each of its places on; the rows of C are
/// writable, the last vector of each as long as `tail`, and what `finish` reads is readable.
struct Add {
    listed: Listed,
    /// The first row's list.
    first: usize,
    rows: usize,
    block: *const f32,
    c: *mut f32,
    stride: usize,
    vectors: usize,
    tail: usize,
    /// Whether C holds the sums of the blocks before.
    more: bool,
    /// What follows the sum, if this is its last block.
    finish: Option<Finish>,
    /// What is copied next: it is fetched meanwhile.
    next: Source,
}

impl Operation for Add {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        // SAFETY: the caller's promise.
        with_vectors!(self.vectors, V => unsafe { self.tile::<S, V>(simd) });
    }
}

impl Add {
    /// # Safety
    /// As `run`, with this number of vectors.
    #[inline(always)]
    unsafe fn tile<S: Simd, const V: usize>(&self, simd: S) {
        let tail = simd.mask(self.tail);
        let (mut next, lines) = (self.next.walk(), self.next.lines().div_ceil(self.rows));
        for row in 0..self.rows {
            next.fetch(simd, lines);
            let to = self.c.wrapping_add(row * self.stride);
            let mut sums = [simd.splat(0.0); V];
            // SAFETY: the caller's promise.
            unsafe {
                if self.more {
                    for (v, sum) in sums[..V - 1].iter_mut().enumerate() {
                        *sum = simd.load(to.wrapping_add(v * S::LANES));
                    }
                    sums[V - 1] = simd.load_masked(to.wrapping_add((V - 1) * S::LANES), tail);
                }
                let (values, places) = self.listed.get(self.first + row);
                for (&value, &place) in values.iter().zip(places) {
                    let (met, value) = (self.block.add(place as usize), simd.splat(value));
                    for (v, sum) in sums.iter_mut().enumerate() {
                        *sum = simd.multiply_add(value, simd.load(met.add(v * S::LANES)), *sum);
                    }
                }
                if let Some(finish) = &self.finish {
                    let whole = simd.mask(S::LANES);
                    for (v, sum) in sums.iter_mut().enumerate() {
                        let (lane, mask) = (v * S::LANES, if v + 1 < V { whole } else { tail });
                        *sum = finish.vector(simd, *sum, [lane, row * self.stride + lane], mask);
                    }
                }
                for (v, &sum) in sums[..V - 1].iter().enumerate() {
                    simd.store(to.wrapping_add(v * S::LANES), sum);
                }
                simd.store_masked(to.wrapping_add((V - 1) * S::LANES), sums[V - 1], tail);
            }
        }
    }
}
