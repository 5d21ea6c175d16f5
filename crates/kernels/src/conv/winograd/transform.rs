//! From patches to the slabs of the transformed domain, and back. Lanes are channels.

use std::marker::PhantomData;
use std::ops::Range;

use super::points::Line;
use crate::routine::Float;
use crate::tile::activation::{Finish, Gate};
use crate::tile::simd::{Element, Operation, Simd};
use fovea_core::Bf16;

/// A square of places in a tensor, or a line of them: then it has one row, whichever way that runs. `origin` is the
/// offset of its first place, which may lie outside the tensor; only the places in `rows` and `columns` exist.
#[derive(Clone, Debug)]
pub struct Patch {
    pub origin: isize,
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

/// How far the places of a patch lie apart, in elements.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    pub row: usize,
    pub column: usize,
}

impl Patch {
    /// The taps of a channel in a kernel of `rows` × `taps` with `[channels, filters]` for each.
    pub fn of_kernel([rows, taps]: [usize; 2], channel: usize, filters: usize) -> Patch {
        Patch { origin: (channel * filters) as isize, rows: 0..rows, columns: 0..taps }
    }
}

impl Steps {
    /// In a kernel with rows of so many taps and `[channels, filters]` for each.
    pub fn of_kernel(taps: usize, channels: usize, filters: usize) -> Steps {
        Steps { row: taps * channels * filters, column: channels * filters }
    }
}

/// Where the transformed patches lie: a slab for each of the points, in it a panel for each
/// `lanes` channels, in it a row for each patch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slabs {
    /// Floats between slabs.
    pub slab: usize,
    /// Floats between panels.
    pub panel: usize,
    /// Floats between rows, and channels of a panel.
    pub lanes: usize,
}

impl Slabs {
    /// Slabs for `rows` patches of `channels` channels in panels of `lanes`.
    pub fn new(rows: usize, channels: usize, lanes: usize) -> Slabs {
        let panel = rows * lanes;
        let size = panel * channels.div_ceil(lanes.max(1));
        // Not a multiple of a page: the same row of all slabs would crowd into few sets of the cache.
        Slabs { slab: size.next_multiple_of(16) + 16, panel, lanes }
    }

    /// Where a row's channel lies in its slab.
    fn at(self, row: usize, channel: usize) -> usize {
        channel / self.lanes * self.panel + row * self.lanes + channel % self.lanes
    }
}

/// How many rows has a patch along `axes`, one or two, whose lines have so many places.
pub const fn patch_rows(axes: usize, places: usize) -> usize {
    if axes == 1 { 1 } else { places }
}

/// All `AXES` of a patch: `load` gives its places, `store` takes what they become.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "the compiler unrolls plain loops over registers, not iterators"
)]
fn transform<S: Simd, L: Line<FROM, TO>, const FROM: usize, const TO: usize, const AXES: usize>(
    simd: S,
    load: impl Fn(usize, usize) -> S::Vector,
    store: impl Fn(usize, usize, S::Vector),
) {
    let zero = simd.splat(0.0);
    let mut lines = [[zero; TO]; FROM];
    for row in 0..patch_rows(AXES, FROM) {
        let mut line = [zero; FROM];
        for column in 0..FROM {
            line[column] = load(row, column);
        }
        lines[row] = L::apply(simd, line);
    }
    if AXES == 1 {
        for column in 0..TO {
            store(0, column, lines[0][column]);
        }
        return;
    }
    for column in 0..TO {
        let mut line = [zero; FROM];
        for row in 0..FROM {
            line[row] = lines[row][column];
        }
        let line = L::apply(simd, line);
        for row in 0..TO {
            store(row, column, line[row]);
        }
    }
}

/// `slabs = matrix · patch · matrixᵀ` for a row of patches, of lines `patch · matrixᵀ`; what a patch lacks counts as
/// zero.
///
/// # Safety of `run`
/// The places of the patches are readable for `channels` elements, and the slabs are writable.
pub struct Spread<L, P, const K: usize, const R: usize, const AXES: usize> {
    pub line: PhantomData<L>,
    /// Elements of this kind.
    pub from: *const f32,
    pub float: Float,
    pub steps: Steps,
    pub patch: P,
    pub patches: usize,
    pub channels: usize,
    pub to: *mut f32,
    pub slabs: Slabs,
    /// The row of the first patch.
    pub first: usize,
}

impl<L: Line<K, R>, P: Fn(usize) -> Patch, const K: usize, const R: usize, const AXES: usize> Operation
    for Spread<L, P, K, R, AXES>
{
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        // SAFETY: the caller's promise.
        unsafe {
            match self.float {
                Float::F32 => self.run_on::<f32, S>(simd),
                Float::Bf16 => self.run_on::<Bf16, S>(simd),
            }
        }
    }
}

impl<L: Line<K, R>, P: Fn(usize) -> Patch, const K: usize, const R: usize, const AXES: usize>
    Spread<L, P, K, R, AXES>
{
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn run_on<T: Element, S: Simd>(self, simd: S) {
        for index in 0..self.patches {
            let patch = (self.patch)(index);
            let whole = patch.rows == (0..patch_rows(AXES, K)) && patch.columns == (0..K);
            let from = self.from.cast::<T>().wrapping_offset(patch.origin);
            for channel in (0..self.channels).step_by(S::LANES) {
                let from = from.wrapping_add(channel);
                let to = self.to.wrapping_add(self.slabs.at(self.first + index, channel));
                let lanes = (self.channels - channel).min(S::LANES);
                let mask = simd.mask(lanes);
                let place = |row: usize, column: usize| {
                    from.wrapping_add(row.wrapping_mul(self.steps.row))
                        .wrapping_add(column.wrapping_mul(self.steps.column))
                };
                let slab = |row: usize, column: usize| {
                    to.wrapping_add((row * R + column).wrapping_mul(self.slabs.slab))
                };
                if whole && lanes == S::LANES {
                    let all = simd.mask(S::LANES);
                    // SAFETY: the caller's promise.
                    let load = |row, column| unsafe { T::load(simd, place(row, column), all) };
                    // SAFETY: the caller's promise.
                    let store = |row, column, value| unsafe { simd.store(slab(row, column), value) };
                    transform::<S, L, K, R, AXES>(simd, load, store);
                } else {
                    let load = |row, column| {
                        if !patch.rows.contains(&row) || !patch.columns.contains(&column) {
                            return simd.splat(0.0);
                        }
                        // SAFETY: the caller's promise; the place exists.
                        unsafe { T::load(simd, place(row, column), mask) }
                    };
                    // SAFETY: the caller's promise.
                    let store =
                        |row, column, value| unsafe { simd.store_masked(slab(row, column), value, mask) };
                    transform::<S, L, K, R, AXES>(simd, load, store);
                }
            }
        }
    }
}

/// `patch = finish(matrix · slabs · matrixᵀ)` for a row of patches, of lines `finish(slabs · matrixᵀ)`; places that a
/// patch lacks are left out.
///
/// # Safety of `run`
/// The slabs are readable, the places of the patches are writable for `channels` elements, and what `finish`
/// names is readable there.
pub struct Gather<L, P, const R: usize, const K: usize, const AXES: usize> {
    pub line: PhantomData<L>,
    pub from: *const f32,
    pub slabs: Slabs,
    /// The row of the first patch.
    pub first: usize,
    /// Elements of this kind.
    pub to: *mut f32,
    pub float: Float,
    pub steps: Steps,
    pub patch: P,
    pub patches: usize,
    pub channels: usize,
    /// From `to` on.
    pub finish: Finish,
}

impl<L: Line<R, K>, P: Fn(usize) -> Patch, const R: usize, const K: usize, const AXES: usize> Operation
    for Gather<L, P, R, K, AXES>
{
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        let joins = self.finish.joins();
        // SAFETY: the caller's promise.
        unsafe {
            match (self.float, joins) {
                (Float::F32, false) => self.run_on::<f32, S, false>(simd),
                (Float::F32, true) => self.run_on::<f32, S, true>(simd),
                (Float::Bf16, false) => self.run_on::<Bf16, S, false>(simd),
                (Float::Bf16, true) => self.run_on::<Bf16, S, true>(simd),
            }
        }
    }
}

impl<L: Line<R, K>, P: Fn(usize) -> Patch, const R: usize, const K: usize, const AXES: usize>
    Gather<L, P, R, K, AXES>
{
    /// With `JOINS`, there may be an addend and a gate: asking at each place would slow down what has neither.
    ///
    /// # Safety
    /// As `run`.
    #[inline(always)]
    unsafe fn run_on<T: Element, S: Simd, const JOINS: bool>(self, simd: S) {
        for index in 0..self.patches {
            let patch = (self.patch)(index);
            let to = self.to.cast::<T>();
            let Finish { bias, addend, activation, gate, open, .. } = self.finish;
            for channel in (0..self.channels).step_by(S::LANES) {
                let from = self.from.wrapping_add(self.slabs.at(self.first + index, channel));
                let mask = simd.mask((self.channels - channel).min(S::LANES));
                let slab = |row: usize, column: usize| {
                    from.wrapping_add((row * R + column).wrapping_mul(self.slabs.slab))
                };
                let mut shift = simd.splat(0.0);
                if !bias.is_null() {
                    // SAFETY: the caller's promise.
                    shift = unsafe { simd.load_masked(bias.wrapping_add(channel), mask) };
                }
                // SAFETY: the caller's promise.
                let load = |row, column| unsafe { simd.load_masked(slab(row, column), mask) };
                let store = |row: usize, column: usize, value| {
                    if !patch.rows.contains(&row) || !patch.columns.contains(&column) {
                        return;
                    }
                    let place =
                        row.wrapping_mul(self.steps.row).wrapping_add(column.wrapping_mul(self.steps.column));
                    let at = patch.origin.wrapping_add_unsigned(channel).wrapping_add_unsigned(place);
                    let mut value = simd.add(value, shift);
                    // SAFETY: the caller's promise; the place exists.
                    unsafe {
                        if JOINS && !addend.is_null() {
                            value = simd.add(value, simd.load_masked(addend.wrapping_offset(at), mask));
                        }
                        value = activation.vector(simd, value);
                        if JOINS && gate != Gate::None {
                            let open = open.wrapping_offset(gate.bytes(1) as isize * at);
                            value = gate.vector(simd, value, open, mask);
                        }
                        T::store(simd, to.wrapping_offset(at), value, mask);
                    }
                };
                transform::<S, L, R, K, AXES>(simd, load, store);
            }
        }
    }
}
