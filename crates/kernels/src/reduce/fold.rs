//! The operations that reduce two elements to one.

use crate::map::Num;

/// An associative operation with an identity; zero-sized marker types.
pub(crate) trait Fold<T> {
    const IDENTITY: T;
    fn fold(a: T, b: T) -> T;

    /// The result, from everything folded and the count of elements.
    #[inline(always)]
    fn finish(folded: T, _count: usize) -> T {
        folded
    }
}

/// Extremes of an element type, the identities of minimum and maximum.
pub(crate) trait Bounded: Num {
    const LEAST: Self;
    const GREATEST: Self;
}

impl Bounded for f32 {
    const LEAST: f32 = f32::NEG_INFINITY;
    const GREATEST: f32 = f32::INFINITY;
}

macro_rules! bounded {
    ($($t:ident),*) => {
        $(
            impl Bounded for $t {
                const LEAST: $t = $t::MIN;
                const GREATEST: $t = $t::MAX;
            }
        )*
    };
}
bounded!(i32, u32, i64, u8, i8);

pub(crate) struct Sum;
impl<T: Num> Fold<T> for Sum {
    const IDENTITY: T = T::ZERO;
    #[inline(always)]
    fn fold(a: T, b: T) -> T {
        a.add(b)
    }
}

pub(crate) struct Mean;
impl Fold<f32> for Mean {
    const IDENTITY: f32 = 0.0;
    #[inline(always)]
    fn fold(a: f32, b: f32) -> f32 {
        a + b
    }
    #[inline(always)]
    fn finish(folded: f32, count: usize) -> f32 {
        folded / count as f32
    }
}

pub(super) struct Prod;
impl<T: Num> Fold<T> for Prod {
    const IDENTITY: T = T::ONE;
    #[inline(always)]
    fn fold(a: T, b: T) -> T {
        a.mul(b)
    }
}

pub(super) struct Max;
impl<T: Bounded> Fold<T> for Max {
    const IDENTITY: T = T::LEAST;
    #[inline(always)]
    fn fold(a: T, b: T) -> T {
        a.max(b)
    }
}

pub(super) struct Min;
impl<T: Bounded> Fold<T> for Min {
    const IDENTITY: T = T::GREATEST;
    #[inline(always)]
    fn fold(a: T, b: T) -> T {
        a.min(b)
    }
}

/// Of truth values, any byte but 0 being true.
pub(super) struct All;
impl Fold<u8> for All {
    const IDENTITY: u8 = 1;
    #[inline(always)]
    fn fold(a: u8, b: u8) -> u8 {
        u8::from(a != 0) & u8::from(b != 0)
    }
}

/// Of truth values, any byte but 0 being true.
pub(super) struct Any;
impl Fold<u8> for Any {
    const IDENTITY: u8 = 0;
    #[inline(always)]
    fn fold(a: u8, b: u8) -> u8 {
        u8::from((a | b) != 0)
    }
}
