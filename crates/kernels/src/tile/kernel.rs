//! The register tile: the one inner loop under GEMM, convolution and both of its gradients.

use super::activation::{Activation, Finish};
use super::factors::Factors;
use super::join::Join;
use super::pack::LINE_FLOATS;
use super::simd::{Operation, Simd};
use crate::routine::Float;

/// A loop around the innermost one: how often it runs and how far its operands move each time.
#[derive(Clone, Copy)]
pub struct Segments {
    pub count: usize,
    pub a: usize,
    pub b: usize,
}

impl Segments {
    /// A loop that runs once.
    pub const ONE: Segments = Segments { count: 1, a: 0, b: 0 };
}

/// A walk through memory in the loops of a sum, beside those of its operands: what lies there is fetched and
/// not read, a row of a panel a step.
#[derive(Clone, Copy)]
pub struct Ahead {
    /// Null for the panel itself, some steps before they are taken.
    pub from: *const f32,
    /// How far it moves with each innermost step, inner and outer segment.
    pub step: usize,
    pub inner: usize,
    pub outer: usize,
}

impl Ahead {
    /// What the sum itself reads next.
    pub const PANEL: Ahead = Ahead { from: std::ptr::null(), step: 0, inner: 0, outer: 0 };
}

/// What one tile computes: `c[c_rows[m] + lane] = Σ a[rows[m] + …] · b[… + lane]`, summed over the outer
/// segments, the inner segments and `k` steps, in this order. Distances in `a` and `b` are in words, of
/// which each is an f32, or two bf16 whose products both belong to the sum.
#[derive(Clone, Copy)]
pub struct TileArgs {
    pub a: *const f32,
    /// Offset of each row in `a`.
    pub rows: *const usize,
    /// Offsets in `a` of as many rows that are read next: with `SPLAT` they are fetched meanwhile. Null if they are
    /// not known, or close already.
    pub next: *const usize,
    pub b: *const f32,
    pub c: *mut f32,
    /// What `c` takes. Sums are f32; a tile stores nothing else, [`Menu::run`] has them rounded.
    pub result: Float,
    /// Offset of each row in `c`, in elements.
    pub c_rows: *const usize,
    /// Innermost steps, and how far they move.
    pub k: usize,
    pub a_step: usize,
    pub b_step: usize,
    pub inner: Segments,
    pub outer: Segments,
    /// Lanes of the last vector that exist, `1 ..= LANES`.
    pub tail: usize,
    /// Start from what `c` holds, f32, instead of zero.
    pub accumulate: bool,
    /// What follows the sums, from `c` on; nothing reads tensors like `c` unless that is f32. A tile takes the bias and
    /// the activation, [`Menu::run`] sees to the rest.
    pub finish: Finish,
    pub ahead: Ahead,
    /// Whether to store past the caches, unless more than a bias and an activation follows: lines that nobody reads before
    /// they would have left them are neither fetched nor in the way. The tile's lanes in a row of `c` are whole cache
    /// lines then, and [`Fence`] completes what several tiles have stored.
    pub streams: bool,
}

impl TileArgs {
    /// The same sum with as few loops as its operands' steps allow.
    pub fn merged(self) -> TileArgs {
        let TileArgs { a_step, b_step, inner, outer, ahead, .. } = self;
        let mut k = self.k;
        let mut around = [inner, outer];
        for (segments, fetched) in around.iter_mut().zip([ahead.inner, ahead.outer]) {
            let steps = (segments.a, segments.b, fetched);
            if segments.count != 1 && steps != (k * a_step, k * b_step, k * ahead.step) {
                break;
            }
            k *= segments.count;
            *segments = Segments::ONE;
        }
        TileArgs { k, inner: around[0], outer: around[1], ..self }
    }
}

/// How a tile reads `a`.
pub mod mode {
    /// One scalar a row, broadcast to all lanes.
    pub const SPLAT: u8 = 0;
    /// As `SPLAT`; row `m` lies `m` floats after row 0, and only `rows[0]` is read.
    pub const SPLAT_UNIT: u8 = 1;
    /// One vector a row, lane by lane with `b`: depthwise convolutions.
    pub const LANEWISE: u8 = 2;
}

/// Steps that an operand of whole vectors is fetched ahead of its use.
const AHEAD: usize = 12;

/// # Safety
/// Everything that the formula of [`TileArgs`] reads is readable and what it writes is writable
/// for the const parameters' number of rows and vectors, the last vector cut to `tail` lanes.
#[inline(always)]
pub unsafe fn tile<S: Simd, F: Factors<S>, const ROWS: usize, const VECTORS: usize, const MODE: u8>(
    simd: S,
    args: &TileArgs,
) {
    let mut sums = [[simd.splat(0.0); VECTORS]; ROWS];
    let mask = simd.mask(args.tail);
    let mut row = [0; ROWS];
    for (m, row) in row.iter_mut().enumerate() {
        // SAFETY: `rows` holds an offset for every row (one in all for unit rows).
        *row = unsafe { if MODE == mode::SPLAT_UNIT { *args.rows + m } else { *args.rows.add(m) } };
    }
    // Pointers advance with `wrapping_add`: they may step past their array after the last read,
    // and the checked `add` would test every step in builds with assertions.
    if !args.streams {
        for m in 0..ROWS {
            // SAFETY: `c_rows` holds an offset for every row.
            let to = args.c.wrapping_add(unsafe { *args.c_rows.add(m) });
            fetch::<S, VECTORS>(simd, to);
        }
    }
    let [a_ahead, b_ahead] = [args.a_step, args.b_step].map(|step| AHEAD.wrapping_mul(step));
    let next = if args.next.is_null() { args.rows } else { args.next };
    let mut turn = 0;
    let (mut outer_a, mut outer_b, mut outer_ahead) = (args.a, args.b, args.ahead.from);
    for _ in 0..args.outer.count {
        let (mut inner_a, mut inner_b, mut inner_ahead) = (outer_a, outer_b, outer_ahead);
        for _ in 0..args.inner.count {
            let (mut a, mut b) = (inner_a, inner_b);
            let own = args.ahead.from.is_null();
            let (mut ahead, ahead_step) =
                if own { (b.wrapping_add(b_ahead), args.b_step) } else { (inner_ahead, args.ahead.step) };
            for _ in 0..args.k {
                // SAFETY: the caller's promise.
                unsafe { step::<S, F, ROWS, VECTORS, MODE>(simd, &mut sums, &row, a, b, mask) };
                fetch::<S, VECTORS>(simd, ahead);
                if MODE == mode::SPLAT {
                    // A line holds as many steps as a tile has rows or more, so one row a step is enough.
                    // SAFETY: `next` holds an offset for every row.
                    simd.prefetch(a.wrapping_add(unsafe { *next.add(turn) }));
                    turn = if turn + 1 == ROWS { 0 } else { turn + 1 };
                }
                if MODE == mode::LANEWISE {
                    // The last row leads: of a kernel's taps, it is the first to see a pixel.
                    fetch::<S, VECTORS>(simd, a.wrapping_add(row[ROWS - 1].wrapping_add(a_ahead)));
                }
                a = a.wrapping_add(args.a_step);
                b = b.wrapping_add(args.b_step);
                ahead = ahead.wrapping_add(ahead_step);
            }
            inner_a = inner_a.wrapping_add(args.inner.a);
            inner_b = inner_b.wrapping_add(args.inner.b);
            inner_ahead = inner_ahead.wrapping_add(args.ahead.inner);
        }
        outer_a = outer_a.wrapping_add(args.outer.a);
        outer_b = outer_b.wrapping_add(args.outer.b);
        outer_ahead = outer_ahead.wrapping_add(args.ahead.outer);
    }
    // SAFETY: the caller's promise.
    unsafe { finish::<S, ROWS, VECTORS, MODE>(simd, args, &mut sums) }
}

/// [`tile`] with the instructions of `whole` if no vector is cut, else with those of `cut`. That is asked here: in the
/// innermost loop, a branch or a register for the mask makes the compiler keep sums in memory.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
pub unsafe fn tile_by_tail<W, C, F, const ROWS: usize, const VECTORS: usize, const MODE: u8>(
    whole: W,
    cut: C,
    args: &TileArgs,
) where
    W: Simd,
    C: Simd,
    F: Factors<W> + Factors<C>,
{
    // SAFETY: the caller's promise.
    unsafe {
        if args.tail == C::LANES {
            tile::<W, F, ROWS, VECTORS, MODE>(whole, args)
        } else {
            tile::<C, F, ROWS, VECTORS, MODE>(cut, args)
        }
    }
}

/// Brings a row of a panel closer.
#[inline(always)]
fn fetch<S: Simd, const VECTORS: usize>(simd: S, from: *const f32) {
    for n in 0..VECTORS {
        if (n * S::LANES).is_multiple_of(LINE_FLOATS) {
            simd.prefetch(from.wrapping_add(n * S::LANES));
        }
    }
}

/// One step of the sum.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn step<S: Simd, F: Factors<S>, const ROWS: usize, const VECTORS: usize, const MODE: u8>(
    simd: S,
    sums: &mut [[S::Vector; VECTORS]; ROWS],
    row: &[usize; ROWS],
    a: *const f32,
    b: *const f32,
    mask: S::Mask,
) {
    for part in 0..F::PARTS {
        let mut lanes = [simd.splat(0.0); VECTORS];
        for (n, lanes) in lanes.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            *lanes = F::part(simd, unsafe { load::<S, VECTORS>(simd, b, n, mask) }, part);
        }
        for m in 0..ROWS {
            let a = a.wrapping_add(row[m]);
            for n in 0..VECTORS {
                // SAFETY: the caller's promise. Words of bf16 may lie at any even address.
                let words = unsafe {
                    if MODE == mode::LANEWISE {
                        load::<S, VECTORS>(simd, a, n, mask)
                    } else {
                        simd.splat(a.read_unaligned())
                    }
                };
                sums[m][n] = F::multiply_add(simd, F::part(simd, words, part), lanes[n], sums[m][n]);
            }
        }
    }
}

/// Vector `n` of a panel, the last cut to `mask`.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn load<S: Simd, const VECTORS: usize>(
    simd: S,
    from: *const f32,
    n: usize,
    mask: S::Mask,
) -> S::Vector {
    let from = from.wrapping_add(n * S::LANES);
    // SAFETY: the caller's promise.
    unsafe { if n + 1 == VECTORS { simd.load_masked(from, mask) } else { simd.load(from) } }
}

/// Adds what was there and the bias, applies the activation, finds moments and stores: each for the whole tile, so that
/// nothing is asked of every vector.
///
/// # Safety
/// As [`tile`].
#[expect(clippy::needless_range_loop, reason = "through an iterator the compiler keeps the sums in memory")]
#[inline(always)]
unsafe fn finish<S: Simd, const ROWS: usize, const VECTORS: usize, const MODE: u8>(
    simd: S,
    args: &TileArgs,
    sums: &mut [[S::Vector; VECTORS]; ROWS],
) {
    let mask = simd.mask(args.tail);
    // SAFETY: `c_rows` holds an offset for every row.
    let to = |m| args.c.wrapping_add(unsafe { *args.c_rows.add(m) });
    if args.accumulate {
        for m in 0..ROWS {
            for n in 0..VECTORS {
                // SAFETY: the caller's promise.
                let before = unsafe { load::<S, VECTORS>(simd, to(m), n, mask) };
                sums[m][n] = simd.add(sums[m][n], before);
            }
        }
    }
    let Finish { bias, activation, statistics, .. } = args.finish;
    if !bias.is_null() {
        for n in 0..VECTORS {
            // SAFETY: the caller's promise.
            let bias = unsafe { load::<S, VECTORS>(simd, bias, n, mask) };
            for m in 0..ROWS {
                sums[m][n] = simd.add(sums[m][n], bias);
            }
        }
    }
    if activation != Activation::None {
        for m in 0..ROWS {
            for n in 0..VECTORS {
                sums[m][n] = activation.vector(simd, sums[m][n]);
            }
        }
    }
    // Unit rows are those of products and of kernel gradients.
    if MODE != mode::SPLAT_UNIT && statistics.wanted() {
        // SAFETY: the caller's promise.
        unsafe { statistics.take(simd, sums, mask) };
    }
    if args.streams {
        for m in 0..ROWS {
            for n in 0..VECTORS {
                // SAFETY: the caller's promise; whole lines are aligned to whole vectors.
                unsafe { simd.stream(to(m).wrapping_add(n * S::LANES), sums[m][n]) };
            }
        }
        return;
    }
    for m in 0..ROWS {
        for n in 0..VECTORS {
            let (to, sum) = (to(m).wrapping_add(n * S::LANES), sums[m][n]);
            // SAFETY: the caller's promise.
            unsafe { if n + 1 == VECTORS { simd.store_masked(to, sum, mask) } else { simd.store(to, sum) } }
        }
    }
}

/// Completes what tiles have streamed.
pub struct Fence;

impl Operation for Fence {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        simd.fence();
    }
}

/// One compiled tile.
pub type TileFn = unsafe fn(&TileArgs);

/// The tiles that are compiled for an instruction set.
pub struct Menu {
    /// Lanes of a vector.
    pub lanes: usize,
    /// By mode, then vectors − 1, then rows − 1.
    pub tiles: [[&'static [TileFn]; 4]; 3],
    /// For sums that are joined by more than a bias and an activation, or rounded.
    pub join: Join,
}

/// The menu of one instruction set: for 1 to 4 vectors, the numbers of rows.
macro_rules! menu {
    // Words of pairs: unit rows are read as any others, and nothing is depthwise.
    (pairs $entry:ident, $lanes:expr; [$($r1:literal)*] [$($r2:literal)*] [$($r3:literal)*] [$($r4:literal)*]) => {
        $crate::tile::kernel::Menu {
            lanes: $lanes,
            join: JOIN,
            tiles: [
                [&[$($entry::<$r1, 1, 0>),*], &[$($entry::<$r2, 2, 0>),*], &[$($entry::<$r3, 3, 0>),*], &[$($entry::<$r4, 4, 0>),*]],
                [&[$($entry::<$r1, 1, 0>),*], &[$($entry::<$r2, 2, 0>),*], &[$($entry::<$r3, 3, 0>),*], &[$($entry::<$r4, 4, 0>),*]],
                [&[]; 4],
            ],
        }
    };
    ($entry:ident, $lanes:expr; [$($r1:literal)*] [$($r2:literal)*] [$($r3:literal)*] [$($r4:literal)*]) => {
        $crate::tile::kernel::Menu {
            lanes: $lanes,
            join: JOIN,
            tiles: [
                [&[$($entry::<$r1, 1, 0>),*], &[$($entry::<$r2, 2, 0>),*], &[$($entry::<$r3, 3, 0>),*], &[$($entry::<$r4, 4, 0>),*]],
                [&[$($entry::<$r1, 1, 1>),*], &[$($entry::<$r2, 2, 1>),*], &[$($entry::<$r3, 3, 1>),*], &[$($entry::<$r4, 4, 1>),*]],
                [&[$($entry::<$r1, 1, 2>),*], &[$($entry::<$r2, 2, 2>),*], &[$($entry::<$r3, 3, 2>),*], &[$($entry::<$r4, 4, 2>),*]],
            ],
        }
    };
}
pub(super) use menu;
