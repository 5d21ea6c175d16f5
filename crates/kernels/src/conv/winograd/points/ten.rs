//! Ten points: too many to write out, so the matrices are computed when this is compiled.

use super::{Gradient, Input, Kernel, KernelGradient, Line, Output, both, plus, times};
use crate::tile::simd::Simd;

/// The points 0, ±1/2, ±3/4, ±5/4, ±5/2 and ∞: of sets of four pairs whose powers are floats, the one with the smallest
/// errors. There are no factors 1 to spare; rows of a pair share their even and their odd part.
pub struct Ten;

/// The positive points of [`Ten`], and their squares.
const PAIRS: [f64; 4] = [0.5, 0.75, 1.25, 2.5];
const SQUARES: [f64; 4] = [power(PAIRS[0], 2), power(PAIRS[1], 2), power(PAIRS[2], 2), power(PAIRS[3], 2)];

/// The coefficients of `Π (x − a²)` over all pairs but one, the lowest first.
const fn without(left_out: usize) -> [f64; 5] {
    let mut product = [1.0, 0.0, 0.0, 0.0, 0.0];
    let mut pair = 0;
    while pair < 4 {
        let mut power = 4;
        while pair != left_out && power > 0 {
            product[power] = product[power - 1] - SQUARES[pair] * product[power];
            power -= 1;
        }
        if pair != left_out {
            product[0] *= -SQUARES[pair];
        }
        pair += 1;
    }
    product
}

/// Of all pairs, and of all but each.
const ALL: [f64; 5] = without(4);
const OTHERS: [[f64; 5]; 4] = [without(0), without(1), without(2), without(3)];

/// What a pair's rows of `G` are divided by: `2 a² Π (a² − b²)` over the other pairs.
const fn divisor(pair: usize) -> f64 {
    let mut product = 2.0 * SQUARES[pair];
    let mut other = 0;
    while other < 4 {
        if other != pair {
            product *= SQUARES[pair] - SQUARES[other];
        }
        other += 1;
    }
    product
}

const DIVISORS: [f64; 4] = [divisor(0), divisor(1), divisor(2), divisor(3)];

/// A pair's factor of tap `tap`.
const fn weight(pair: usize, tap: i32) -> f32 {
    (power(PAIRS[pair], tap) / DIVISORS[pair]) as f32
}

const fn power(base: f64, exponent: i32) -> f64 {
    let (mut product, mut times) = (1.0, 0);
    while times < exponent {
        product *= base;
        times += 1;
    }
    product
}

impl Line<10, 10> for Input<Ten> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, d: [S::Vector; 10]) -> [S::Vector; 10] {
        // `Σ factors[i] · d[first + 2 i]`, the last factor being 1.
        let sum = |factors: &[f64], first: usize| {
            let last = factors.len() - 1;
            (0..last)
                .rev()
                .fold(d[first + 2 * last], |sum, i| plus(simd, sum, factors[i] as f32, d[first + 2 * i]))
        };
        let mut line = d;
        line[0] = sum(&ALL, 0);
        line[9] = sum(&ALL, 1);
        for pair in 0..4 {
            let (even, odd) = (sum(&OTHERS[pair][..4], 2), sum(&OTHERS[pair][..4], 1));
            line[1 + 2 * pair] = plus(simd, even, PAIRS[pair] as f32, odd);
            line[2 + 2 * pair] = plus(simd, even, -PAIRS[pair] as f32, odd);
        }
        line
    }
}

impl Line<7, 10> for Kernel<Ten> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, w: [S::Vector; 7]) -> [S::Vector; 10] {
        let mut line = [simd.splat(0.0); 10];
        line[0] = times(simd, (1.0 / ALL[0]) as f32, w[0]);
        line[9] = w[6];
        for pair in 0..4 {
            let mut parts = [0, 1].map(|tap| times(simd, weight(pair, tap as i32), w[tap]));
            for tap in 2..7 {
                parts[tap % 2] = plus(simd, parts[tap % 2], weight(pair, tap as i32), w[tap]);
            }
            [line[1 + 2 * pair], line[2 + 2 * pair]] = both(simd, parts[0], parts[1]).into();
        }
        line
    }
}

impl Line<10, 4> for Output<Ten> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, p: [S::Vector; 10]) -> [S::Vector; 4] {
        let zero = simd.splat(0.0);
        let mut line = [p[0], zero, zero, p[9]];
        for pair in 0..4 {
            let (even, odd) = both(simd, p[1 + 2 * pair], p[2 + 2 * pair]);
            line[0] = simd.add(line[0], even);
            line[1] = plus(simd, line[1], PAIRS[pair] as f32, odd);
            line[2] = plus(simd, line[2], SQUARES[pair] as f32, even);
            line[3] = plus(simd, line[3], power(PAIRS[pair], 3) as f32, odd);
        }
        line
    }
}

impl Line<4, 10> for Gradient<Ten> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::Vector; 4]) -> [S::Vector; 10] {
        let mut line = [a; 10];
        line[9] = d;
        for pair in 0..4 {
            let even = plus(simd, a, SQUARES[pair] as f32, c);
            let odd = plus(simd, times(simd, PAIRS[pair] as f32, b), power(PAIRS[pair], 3) as f32, d);
            [line[1 + 2 * pair], line[2 + 2 * pair]] = both(simd, even, odd).into();
        }
        line
    }
}

impl Line<10, 7> for KernelGradient<Ten> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, p: [S::Vector; 10]) -> [S::Vector; 7] {
        let mut line = [simd.splat(0.0); 7];
        line[0] = times(simd, (1.0 / ALL[0]) as f32, p[0]);
        line[6] = p[9];
        for pair in 0..4 {
            let (even, odd) = both(simd, p[1 + 2 * pair], p[2 + 2 * pair]);
            for (tap, sum) in line.iter_mut().enumerate() {
                let part = if tap % 2 == 0 { even } else { odd };
                *sum = plus(simd, *sum, weight(pair, tap as i32), part);
            }
        }
        line
    }
}
