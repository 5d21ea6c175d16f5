//! Strips: one elementwise operation over a run of elements that fits the first-level cache.

use std::mem::MaybeUninit;
use std::slice;

use crate::isa::Isa;
use crate::multiversion::multiversioned;

/// Computes `n` elements: `args[i]` points to `n` elements of the operation's i-th operand, `out`
/// to room for `n` results.
///
/// # Safety
/// Every pointer is valid for `n` elements and aligned to its element type; `out` overlaps no
/// operand.
pub type StripFn = unsafe fn(args: *const *const u8, out: *mut u8, n: usize);

/// An operation of one operand, as a zero-sized marker type. `f` should be `#[inline(always)]`.
pub trait Op1<A, R> {
    /// The result for one element.
    fn f(a: A) -> R;
}

/// An operation of two operands; see [`Op1`].
pub trait Op2<A, B, R> {
    /// The result for one element.
    fn f(a: A, b: B) -> R;
}

/// An operation of three operands; see [`Op1`].
pub trait Op3<A, B, C, R> {
    /// The result for one element.
    fn f(a: A, b: B, c: C) -> R;
}

macro_rules! strips {
    ($(#[$meta:meta])* $make:ident, $versions:ident, $op:ident: $($arg:ident $ty:ident $i:literal),+) => {
        mod $versions {
            use super::*;

            #[inline(always)]
            unsafe fn body<O: $op<$($ty),+, R>, $($ty: Copy),+, R>(
                args: *const *const u8, out: *mut u8, n: usize,
            ) {
                // Slices and not pointers: the loop then carries no checks in any profile.
                // SAFETY: promised by the caller of the strip.
                unsafe {
                    $(let $arg = slice::from_raw_parts((*args.add($i)).cast::<$ty>(), n);)+
                    let out = slice::from_raw_parts_mut(out.cast::<MaybeUninit<R>>(), n);
                    for i in 0..n {
                        out[i] = MaybeUninit::new(O::f($($arg[i]),+));
                    }
                }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2")]
            pub unsafe fn avx512<O: $op<$($ty),+, R>, $($ty: Copy),+, R>(
                args: *const *const u8, out: *mut u8, n: usize,
            ) {
                // SAFETY: promised by the caller of the strip.
                unsafe { body::<O, $($ty),+, R>(args, out, n) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            pub unsafe fn avx2<O: $op<$($ty),+, R>, $($ty: Copy),+, R>(
                args: *const *const u8, out: *mut u8, n: usize,
            ) {
                // SAFETY: promised by the caller of the strip.
                unsafe { body::<O, $($ty),+, R>(args, out, n) }
            }

            pub unsafe fn portable<O: $op<$($ty),+, R>, $($ty: Copy),+, R>(
                args: *const *const u8, out: *mut u8, n: usize,
            ) {
                // SAFETY: promised by the caller of the strip.
                unsafe { body::<O, $($ty),+, R>(args, out, n) }
            }
        }

        $(#[$meta])*
        pub fn $make<O: $op<$($ty),+, R>, $($ty: Copy),+, R>(isa: Isa) -> StripFn {
            match isa {
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512 => $versions::avx512::<O, $($ty),+, R>,
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2 => $versions::avx2::<O, $($ty),+, R>,
                _ => $versions::portable::<O, $($ty),+, R>,
            }
        }
    };
}

strips! {
    /// The strip of an operation of one operand, compiled for `isa`.
    strip1, versions1, Op1: a A 0
}
strips! {
    /// The strip of an operation of two operands, compiled for `isa`.
    strip2, versions2, Op2: a A 0, b B 1
}
strips! {
    /// The strip of an operation of three operands, compiled for `isa`.
    strip3, versions3, Op3: a A 0, b B 1, c C 2
}

multiversioned! {
    /// `out[i] = base[offsets[i]]`; `offsets` lie within what `base` points to.
    fn gather_words<T: Copy>(base: *const T, offsets: &[usize], out: &mut [MaybeUninit<T>]) {
        for (o, &offset) in out.iter_mut().zip(offsets) {
            // SAFETY: the caller's offsets point into the operand.
            *o = MaybeUninit::new(unsafe { base.add(offset).read() });
        }
    }
}

/// Copies the elements of `size` bytes at `offsets` (in elements) from `base` to `out`.
///
/// # Safety
/// All offsets lie within `base`'s buffer, `out` has room, both are aligned to `size`.
pub(super) unsafe fn gather(isa: Isa, size: usize, base: *const u8, offsets: &[usize], out: *mut u8) {
    // SAFETY: promised by the caller.
    unsafe {
        let n = offsets.len();
        match size {
            1 => gather_words(isa, base, offsets, slice::from_raw_parts_mut(out.cast(), n)),
            2 => gather_words(isa, base.cast::<u16>(), offsets, slice::from_raw_parts_mut(out.cast(), n)),
            4 => gather_words(isa, base.cast::<u32>(), offsets, slice::from_raw_parts_mut(out.cast(), n)),
            _ => gather_words(isa, base.cast::<u64>(), offsets, slice::from_raw_parts_mut(out.cast(), n)),
        }
    }
}

/// Writes `n` copies of the element of `size` bytes at `value` to `out`.
///
/// # Safety
/// `value` holds an element, `out` has room for `n`, both are aligned to `size`.
pub(super) unsafe fn splat(size: usize, value: *const u8, out: *mut u8, n: usize) {
    // SAFETY: promised by the caller.
    unsafe {
        match size {
            1 => slice::from_raw_parts_mut(out, n).fill(*value),
            2 => slice::from_raw_parts_mut(out.cast::<u16>(), n).fill(value.cast::<u16>().read()),
            4 => slice::from_raw_parts_mut(out.cast::<u32>(), n).fill(value.cast::<u32>().read()),
            _ => slice::from_raw_parts_mut(out.cast::<u64>(), n).fill(value.cast::<u64>().read()),
        }
    }
}
