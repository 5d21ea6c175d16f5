//! What is not zero in each row of A, block by block of the sum.

use crate::gemm::GemmSpec;
use crate::isa::Isa;
use crate::routine::{aligned_bytes, even_count, share};
use crate::tile::pack::Transpose;
use crate::tile::simd::{Operation, Simd};
use std::ops::Range;

/// Elements of A that a chunk lists.
const LISTED: usize = 8192;
/// Floats of the longest vector: a list has room for whole ones.
const VECTOR: usize = 16;

/// How A is listed: `m` rows of `k` elements, each row in so many blocks.
pub struct Lists {
    isa: Isa,
    m: usize,
    k: usize,
    /// A is stored as `[k, m]`.
    turned: bool,
    blocks: usize,
    /// Elements that a list has room for.
    room: usize,
    parts: usize,
    /// Where the rows of a block begin in its copy, in floats.
    places: Vec<u32>,
}

/// Lists in memory, those of a block for all rows one after another, each with the same room.
#[derive(Clone, Copy)]
pub struct Listed {
    values: *mut f32,
    /// The place that a value meets, in floats.
    places: *mut u32,
    /// How many there are in each list.
    counts: *mut u32,
    /// How many each chunk listed.
    totals: *mut u32,
    room: usize,
}

impl Listed {
    /// The values of a list, and the places that they meet.
    ///
    /// # Safety
    /// The list was made.
    #[inline(always)]
    pub unsafe fn get(&self, list: usize) -> (&[f32], &[u32]) {
        // SAFETY: the caller's promise; so many were written.
        unsafe {
            let (count, at) = (*self.counts.add(list) as usize, list * self.room);
            (
                std::slice::from_raw_parts(self.values.add(at), count),
                std::slice::from_raw_parts(self.places.add(at), count),
            )
        }
    }
}

impl Lists {
    /// For sums in so many blocks, of which rows lie `stride` floats apart.
    pub fn new(isa: Isa, spec: &GemmSpec, blocks: usize, stride: usize) -> Lists {
        let &GemmSpec { m, k, a_transposed: turned, .. } = spec;
        let room = k.div_ceil(blocks).next_multiple_of(VECTOR);
        let parts = even_count(m * k / LISTED).min(m);
        let places = (0..room).map(|step| (step * stride) as u32).collect();
        Lists { isa, m, k, turned, blocks, room, parts, places }
    }

    /// Chunks that list a part of the rows each.
    pub fn chunks(&self) -> usize {
        self.parts
    }

    /// Bytes that a chunk needs for itself: its rows, turned.
    pub fn scratch(&self) -> usize {
        if self.turned { aligned_bytes(self.m.div_ceil(self.parts) * self.k) } else { 0 }
    }

    /// Bytes of the values, their places, the length of each list and the total of each chunk.
    fn sizes(&self) -> [usize; 4] {
        let lists = self.blocks * self.m;
        [lists * self.room, lists * self.room, lists, self.parts].map(aligned_bytes)
    }

    /// Bytes of all lists.
    pub fn temp(&self) -> usize {
        self.sizes().iter().sum()
    }

    /// Where they are in memory.
    pub fn at(&self, temp: *mut u8) -> Listed {
        let [values, places, counts, _] = self.sizes();
        Listed {
            values: temp.cast(),
            places: temp.wrapping_add(values).cast(),
            counts: temp.wrapping_add(values + places).cast(),
            totals: temp.wrapping_add(values + places + counts).cast(),
            room: self.room,
        }
    }

    /// Lists a part of the rows.
    ///
    /// # Safety
    /// `a` holds the matrix, `to` has room for the lists, and `scratch` is what [`Lists::scratch`] asks for.
    pub unsafe fn make(&self, chunk: usize, a: *const f32, to: Listed, scratch: *mut f32) {
        let rows = share(self.m, self.parts, chunk);
        let mut from = a.wrapping_add(rows.start * self.k);
        if self.turned {
            from = scratch;
            let turn = Transpose {
                from: a.wrapping_add(rows.start),
                from_stride: self.m,
                to: scratch,
                to_stride: self.k,
                rows: self.k,
                columns: rows.len(),
            };
            // SAFETY: the caller's promise.
            unsafe { self.isa.enter(turn) };
        }
        // SAFETY: the caller's promise; every chunk has its own total.
        unsafe { self.isa.enter(ListRows { lists: self, from, rows, to, total: to.totals.add(chunk) }) };
    }

    /// Whether at most this part of A is not zero.
    ///
    /// # Safety
    /// All chunks have been listed.
    pub unsafe fn at_most(&self, part: f64, listed: Listed) -> bool {
        // SAFETY: the caller's promise.
        let totals = unsafe { std::slice::from_raw_parts(listed.totals, self.parts) };
        let count: usize = totals.iter().map(|&total| total as usize).sum();
        count as f64 <= part * (self.m * self.k) as f64
    }
}

/// Lists rows that lie one after another.
///
/// # Safety of `run`
/// They are readable, and there is room for their lists and the total.
struct ListRows<'a> {
    lists: &'a Lists,
    from: *const f32,
    rows: Range<usize>,
    to: Listed,
    total: *mut u32,
}

impl Operation for ListRows<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let &Lists { m, k, blocks, room, .. } = self.lists;
        let places: *const f32 = self.lists.places.as_ptr().cast();
        let mut total = 0;
        for (index, row) in self.rows.enumerate() {
            for block in 0..blocks {
                let (steps, list) = (share(k, blocks, block), block * m + row);
                let from = self.from.wrapping_add(index * k + steps.start);
                let [values, listed] =
                    [self.to.values, self.to.places.cast()].map(|to| to.wrapping_add(list * room));
                let mut count = 0;
                for step in (0..steps.len()).step_by(S::LANES) {
                    let left = steps.len() - step;
                    // SAFETY: the caller's promise; there are places for whole vectors, and as much room.
                    unsafe {
                        let value = if left < S::LANES {
                            simd.load_masked(from.wrapping_add(step), simd.mask(left))
                        } else {
                            simd.load(from.wrapping_add(step))
                        };
                        let place = simd.load(places.wrapping_add(step));
                        let to = [values, listed].map(|to| to.wrapping_add(count));
                        count += simd.store_nonzero([value, place], to);
                    }
                }
                // SAFETY: the caller's promise.
                unsafe { *self.to.counts.add(list) = count as u32 };
                total += count as u32;
            }
        }
        // SAFETY: the caller's promise.
        unsafe { *self.total = total };
    }
}
