//! Strips of several operations in one: what one hands to the next stays in a register.

use std::mem::MaybeUninit;
use std::slice;

use fovea_core::Bf16;

use super::num::Num;
use super::program::Loop;
use crate::isa::Isa;

/// Several operations in one, as a zero-sized marker type; see [`Op1`](super::Op1). Its operands are first
/// `X` of the element type `E`, then `C` truth values, then `W` of float32.
pub trait OpN<E, R, const X: usize, const C: usize, const W: usize> {
    /// The result for one element of each operand.
    fn f(x: [E; X], choices: [u8; C], wide: [f32; W], veil: Veil) -> R;
}

/// What large operands and results are made of. Arithmetic may be done in float32, between its conversions.
pub trait Stored: Num {
    /// The stored number next to it.
    fn of(x: f32) -> Self;
    /// The same number.
    fn wide(self) -> f32;
    /// The same number, seen through a veil; see [`Veil::over`].
    fn behind(self, veil: Veil) -> Self;
}

impl Stored for f32 {
    #[inline(always)]
    fn of(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        self
    }

    #[inline(always)]
    fn behind(self, veil: Veil) -> f32 {
        f32::from_bits((self.to_bits() ^ veil.turned) | veil.added)
    }
}

impl Stored for Bf16 {
    #[inline(always)]
    fn of(x: f32) -> Bf16 {
        Bf16::from_f32(x)
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        self.to_f32()
    }

    #[inline(always)]
    fn behind(self, veil: Veil) -> Bf16 {
        Bf16::from_bits((self.to_bits() ^ veil.turned as u16) | veil.added as u16)
    }
}

/// Bits that are all 0, which the compiler cannot know.
#[derive(Clone, Copy, Debug)]
pub struct Veil {
    turned: u32,
    added: u32,
}

impl Veil {
    #[inline(always)]
    fn new() -> Veil {
        // Each by itself: of two neighbours the compiler makes one word, and all arithmetic as wide.
        Veil { turned: std::hint::black_box(0), added: std::hint::black_box(0) }
    }

    /// `x` as it is, for a choice between it and 0. Without, AVX-512 would read `x` from memory under a
    /// mask, and such a read waits for the mask and does not tell the processor what will be read next: a
    /// pass through memory takes twice as long.
    #[inline(always)]
    pub fn over<E: Stored>(self, x: E) -> E {
        // Two different operations: one alone would itself be done under the mask.
        x.behind(self)
    }
}

/// Computes `n` elements: `args[i]` points to `n` elements of the i-th operand, of one of float32 to `period` at
/// the least, which stand for the next `period` again; `out` to room for `n` results.
///
/// # Safety
/// Every pointer is valid for so many elements and aligned to its element type; `out` overlaps no operand. The
/// period is at least 1.
pub type TreeFn = unsafe fn(args: *const *const u8, out: *mut u8, n: usize, period: usize);

/// The strip of several operations in one, compiled for `isa`.
pub fn tree<O, E: Stored, R, const X: usize, const C: usize, const W: usize>(isa: Isa) -> Loop
where
    O: OpN<E, R, X, C, W>,
{
    let f: TreeFn = match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => avx512::<O, E, R, X, C, W>,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::<O, E, R, X, C, W>,
        _ => portable::<O, E, R, X, C, W>,
    };
    Loop::Tree { f, lines: X + C }
}

/// How many sums one loop takes.
pub const PAIR: usize = 2;

/// Computes `n` elements as [`TreeFn`] does and adds each of their results to one of `period` sums: `sums[i]` points
/// to those of the `i`-th.
///
/// # Safety
/// As [`TreeFn`]; the sums overlap neither an operand nor each other.
pub type SumsFn = unsafe fn(args: *const *const u8, sums: *const *mut f32, n: usize, period: usize);

/// The sums of [`PAIR`] results of several operations, compiled for `isa`. Its operands are `X`, then `W` lines.
pub fn sums<O, E: Stored, const X: usize, const W: usize>(isa: Isa) -> SumsFn
where
    O: OpN<E, [f32; PAIR], X, 0, W>,
{
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => sums_avx512::<O, E, X, W>,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => sums_avx2::<O, E, X, W>,
        _ => sums_portable::<O, E, X, W>,
    }
}

/// # Safety
/// As [`TreeFn`].
#[inline(always)]
unsafe fn body<O, E: Stored, R, const X: usize, const C: usize, const W: usize>(
    args: *const *const u8,
    out: *mut u8,
    n: usize,
    period: usize,
) where
    O: OpN<E, R, X, C, W>,
{
    let veil = Veil::new();
    // SAFETY: promised by the caller of the strip.
    unsafe {
        let x: [*const E; X] = std::array::from_fn(|i| (*args.add(i)).cast());
        let choices: [*const u8; C] = std::array::from_fn(|i| *args.add(X + i));
        let wide: [*const f32; W] = std::array::from_fn(|i| (*args.add(X + C + i)).cast());
        for at in (0..n).step_by(period) {
            let width = period.min(n - at);
            each::<O, E, R, X, C, W>(
                x.map(|x| slice::from_raw_parts(x.add(at), width)),
                choices.map(|c| slice::from_raw_parts(c.add(at), width)),
                wide.map(|w| slice::from_raw_parts(w, width)),
                slice::from_raw_parts_mut(out.cast::<MaybeUninit<R>>().add(at), width),
                veil,
            );
        }
    }
}

/// A function of its own, as that tells the compiler that the result lies apart from so many operands.
#[inline(always)]
fn each<O, E: Stored, R, const X: usize, const C: usize, const W: usize>(
    x: [&[E]; X],
    choices: [&[u8]; C],
    wide: [&[f32]; W],
    y: &mut [MaybeUninit<R>],
    veil: Veil,
) where
    O: OpN<E, R, X, C, W>,
{
    for (i, y) in y.iter_mut().enumerate() {
        // SAFETY: all operands have as many elements as the result.
        let (x, choices, wide) = unsafe {
            (
                std::array::from_fn(|k| *x[k].get_unchecked(i)),
                std::array::from_fn(|k| *choices[k].get_unchecked(i)),
                std::array::from_fn(|k| *wide[k].get_unchecked(i)),
            )
        };
        *y = MaybeUninit::new(O::f(x, choices, wide, veil));
    }
}

/// # Safety
/// As [`SumsFn`].
#[inline(always)]
unsafe fn sums_body<O, E: Stored, const X: usize, const W: usize>(
    args: *const *const u8,
    sums: *const *mut f32,
    n: usize,
    period: usize,
) where
    O: OpN<E, [f32; PAIR], X, 0, W>,
{
    let veil = Veil::new();
    // SAFETY: promised by the caller of the strip.
    unsafe {
        let x: [*const E; X] = std::array::from_fn(|i| (*args.add(i)).cast());
        let wide: [*const f32; W] = std::array::from_fn(|i| (*args.add(X + i)).cast());
        for at in (0..n).step_by(period) {
            let width = period.min(n - at);
            add_each::<O, E, X, W>(
                x.map(|x| slice::from_raw_parts(x.add(at), width)),
                wide.map(|w| slice::from_raw_parts(w, width)),
                slice::from_raw_parts_mut(*sums, width),
                slice::from_raw_parts_mut(*sums.add(1), width),
                veil,
            );
        }
    }
}

/// A function of its own, as [`each`] is.
#[inline(always)]
fn add_each<O, E: Stored, const X: usize, const W: usize>(
    x: [&[E]; X],
    wide: [&[f32]; W],
    first: &mut [f32],
    second: &mut [f32],
    veil: Veil,
) where
    O: OpN<E, [f32; PAIR], X, 0, W>,
{
    for (i, (first, second)) in first.iter_mut().zip(second).enumerate() {
        // SAFETY: all operands have as many elements as there are sums.
        let (x, wide) = unsafe {
            (
                std::array::from_fn(|k| *x[k].get_unchecked(i)),
                std::array::from_fn(|k| *wide[k].get_unchecked(i)),
            )
        };
        let [a, b] = O::f(x, [], wide, veil);
        (*first, *second) = (*first + a, *second + b);
    }
}

macro_rules! version {
    ($(#[$meta:meta])* $name:ident, $sums:ident) => {
        $(#[$meta])*
        unsafe fn $name<O, E: Stored, R, const X: usize, const C: usize, const W: usize>(
            args: *const *const u8,
            out: *mut u8,
            n: usize,
            period: usize,
        ) where
            O: OpN<E, R, X, C, W>,
        {
            // SAFETY: promised by the caller of the strip.
            unsafe { body::<O, E, R, X, C, W>(args, out, n, period) }
        }

        $(#[$meta])*
        unsafe fn $sums<O, E: Stored, const X: usize, const W: usize>(
            args: *const *const u8,
            sums: *const *mut f32,
            n: usize,
            period: usize,
        ) where
            O: OpN<E, [f32; PAIR], X, 0, W>,
        {
            // SAFETY: promised by the caller of the strip.
            unsafe { sums_body::<O, E, X, W>(args, sums, n, period) }
        }
    };
}

version! {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2")]
    avx512, sums_avx512
}
version! {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    avx2, sums_avx2
}
version! { portable, sums_portable }
