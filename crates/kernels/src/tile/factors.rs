//! What the factors of a sum are.

use super::simd::Simd;

/// How words of operands are multiplied. A word is 32 bits.
pub trait Factors<S: Simd> {
    /// Parts of a word that are multiplied one after the other.
    const PARTS: usize;

    /// Such a part as what `multiply_add` takes.
    fn part(simd: S, words: S::Vector, part: usize) -> S::Vector;

    /// `a · b + c` for a part of two words.
    fn multiply_add(simd: S, a: S::Vector, b: S::Vector, c: S::Vector) -> S::Vector;
}

/// A word is an f32.
pub struct Singles;

impl<S: Simd> Factors<S> for Singles {
    const PARTS: usize = 1;

    #[inline(always)]
    fn part(_: S, words: S::Vector, _: usize) -> S::Vector {
        words
    }

    #[inline(always)]
    fn multiply_add(simd: S, a: S::Vector, b: S::Vector, c: S::Vector) -> S::Vector {
        simd.multiply_add(a, b, c)
    }
}

/// A word is two bf16, neighbours along the sum: their products are taken in f32, one after the other.
pub struct Pairs;

impl<S: Simd> Factors<S> for Pairs {
    const PARTS: usize = 2;

    #[inline(always)]
    fn part(simd: S, words: S::Vector, part: usize) -> S::Vector {
        if part == 0 { simd.first(words) } else { simd.second(words) }
    }

    #[inline(always)]
    fn multiply_add(simd: S, a: S::Vector, b: S::Vector, c: S::Vector) -> S::Vector {
        simd.multiply_add(a, b, c)
    }
}
