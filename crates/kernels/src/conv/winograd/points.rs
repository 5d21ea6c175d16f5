//! The algorithms, along one axis, after Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks" (2015): products of five small matrices with a line of vectors. They are written out
//! because rows share sums, and with few points most factors are 0 or 1.

use crate::tile::simd::Simd;

/// A product with a matrix of `TO` rows and `FROM` columns.
pub trait Line<const FROM: usize, const TO: usize> {
    fn apply<S: Simd>(simd: S, line: [S::Vector; FROM]) -> [S::Vector; TO];
}

/// The matrices of F(`M`, `T`), which finds `M` outputs of a kernel of `T` taps from the `R = M + T − 1` inputs that they
/// see: `y = Aᵀ [(G w) ⊙ (Bᵀ x)]`. In two dimensions each product is taken along both axes. The gradient for the kernel
/// is the transpose: `dw = Gᵀ [(Bᵀ x) ⊙ (A dy)]`. `P` is the set of `R` points where polynomials with these coefficients
/// are evaluated, [`Four`], [`Six`] or [`Ten`]: `Bᵀ` depends on nothing else, so that F(4, 3) and F(2, 5) share it.
///
/// `Bᵀ`.
pub struct Input<P>(P);
/// `G`.
pub struct Kernel<P>(P);
/// `Aᵀ`.
pub struct Output<P>(P);
/// `A`.
pub struct Gradient<P>(P);
/// `Gᵀ`.
pub struct KernelGradient<P>(P);

/// `factor · x + y`.
#[inline(always)]
fn plus<S: Simd>(simd: S, y: S::Vector, factor: f32, x: S::Vector) -> S::Vector {
    simd.multiply_add(simd.splat(factor), x, y)
}

/// `factor · x`.
#[inline(always)]
fn times<S: Simd>(simd: S, factor: f32, x: S::Vector) -> S::Vector {
    plus(simd, simd.splat(0.0), factor, x)
}

/// The sum and the difference.
#[inline(always)]
fn both<S: Simd>(simd: S, a: S::Vector, b: S::Vector) -> (S::Vector, S::Vector) {
    (simd.add(a, b), plus(simd, a, -1.0, b))
}

/// The points 0, ±1 and ∞.
pub struct Four;

impl Line<4, 4> for Input<Four> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::Vector; 4]) -> [S::Vector; 4] {
        let (sum, difference) = both(simd, c, b);
        [plus(simd, a, -1.0, c), sum, difference, plus(simd, d, -1.0, b)]
    }
}

impl Line<3, 4> for Kernel<Four> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c]: [S::Vector; 3]) -> [S::Vector; 4] {
        let (sum, difference) = both(simd, simd.add(a, c), b);
        [a, times(simd, 0.5, sum), times(simd, 0.5, difference), c]
    }
}

impl Line<4, 2> for Output<Four> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::Vector; 4]) -> [S::Vector; 2] {
        let (sum, difference) = both(simd, b, c);
        [simd.add(a, sum), simd.add(difference, d)]
    }
}

impl Line<2, 4> for Gradient<Four> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b]: [S::Vector; 2]) -> [S::Vector; 4] {
        let (sum, difference) = both(simd, a, b);
        [a, sum, difference, b]
    }
}

impl Line<4, 3> for KernelGradient<Four> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::Vector; 4]) -> [S::Vector; 3] {
        let (sum, difference) = both(simd, b, c);
        [plus(simd, a, 0.5, sum), times(simd, 0.5, difference), plus(simd, d, 0.5, sum)]
    }
}

/// The points 0, ±1, ±2 and ∞.
pub struct Six;

impl Line<6, 6> for Input<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::Vector; 6]) -> [S::Vector; 6] {
        let (one, minus_one) = both(simd, plus(simd, e, -4.0, c), plus(simd, d, -4.0, b));
        let (even, odd) = (plus(simd, e, -1.0, c), plus(simd, d, -1.0, b));
        [
            plus(simd, plus(simd, e, -5.0, c), 4.0, a),
            one,
            minus_one,
            plus(simd, even, 2.0, odd),
            plus(simd, even, -2.0, odd),
            plus(simd, plus(simd, f, -5.0, d), 4.0, b),
        ]
    }
}

impl Line<3, 6> for Kernel<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c]: [S::Vector; 3]) -> [S::Vector; 6] {
        let (one, minus_one) = both(simd, simd.add(a, c), b);
        let even = plus(simd, times(simd, 1.0 / 24.0, a), 1.0 / 6.0, c);
        [
            times(simd, 0.25, a),
            times(simd, -1.0 / 6.0, one),
            times(simd, -1.0 / 6.0, minus_one),
            plus(simd, even, 1.0 / 12.0, b),
            plus(simd, even, -1.0 / 12.0, b),
            c,
        ]
    }
}

impl Line<6, 4> for Output<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::Vector; 6]) -> [S::Vector; 4] {
        let (even_one, odd_one) = both(simd, b, c);
        let (even_two, odd_two) = both(simd, d, e);
        [
            simd.add(a, simd.add(even_one, even_two)),
            plus(simd, odd_one, 2.0, odd_two),
            plus(simd, even_one, 4.0, even_two),
            plus(simd, simd.add(odd_one, f), 8.0, odd_two),
        ]
    }
}

impl Line<4, 6> for Gradient<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d]: [S::Vector; 4]) -> [S::Vector; 6] {
        let (one, minus_one) = both(simd, simd.add(a, c), simd.add(b, d));
        let (even, odd) = (plus(simd, a, 4.0, c), plus(simd, b, 4.0, d));
        [a, one, minus_one, plus(simd, even, 2.0, odd), plus(simd, even, -2.0, odd), d]
    }
}

impl Line<6, 3> for KernelGradient<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::Vector; 6]) -> [S::Vector; 3] {
        let (even_one, odd_one) = both(simd, b, c);
        let (even_two, odd_two) = both(simd, d, e);
        let one = times(simd, -1.0 / 6.0, even_one);
        [
            plus(simd, plus(simd, one, 1.0 / 24.0, even_two), 0.25, a),
            plus(simd, times(simd, -1.0 / 6.0, odd_one), 1.0 / 12.0, odd_two),
            plus(simd, simd.add(one, f), 1.0 / 6.0, even_two),
        ]
    }
}

impl Line<5, 6> for Kernel<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e]: [S::Vector; 5]) -> [S::Vector; 6] {
        let (one, minus_one) = both(simd, simd.add(a, simd.add(c, e)), simd.add(b, d));
        let even = plus(simd, plus(simd, times(simd, 1.0 / 24.0, a), 1.0 / 6.0, c), 2.0 / 3.0, e);
        let odd = plus(simd, times(simd, 1.0 / 12.0, b), 1.0 / 3.0, d);
        let (two, minus_two) = both(simd, even, odd);
        [
            times(simd, 0.25, a),
            times(simd, -1.0 / 6.0, one),
            times(simd, -1.0 / 6.0, minus_one),
            two,
            minus_two,
            e,
        ]
    }
}

impl Line<6, 2> for Output<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::Vector; 6]) -> [S::Vector; 2] {
        let (even_one, odd_one) = both(simd, b, c);
        let (even_two, odd_two) = both(simd, d, e);
        [simd.add(a, simd.add(even_one, even_two)), plus(simd, simd.add(odd_one, f), 2.0, odd_two)]
    }
}

impl Line<2, 6> for Gradient<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b]: [S::Vector; 2]) -> [S::Vector; 6] {
        let (one, minus_one) = both(simd, a, b);
        [a, one, minus_one, plus(simd, a, 2.0, b), plus(simd, a, -2.0, b), b]
    }
}

impl Line<6, 5> for KernelGradient<Six> {
    #[inline(always)]
    fn apply<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::Vector; 6]) -> [S::Vector; 5] {
        let (even_one, odd_one) = both(simd, b, c);
        let (even_two, odd_two) = both(simd, d, e);
        let [even, odd] = [even_one, odd_one].map(|one| times(simd, -1.0 / 6.0, one));
        [
            plus(simd, plus(simd, even, 1.0 / 24.0, even_two), 0.25, a),
            plus(simd, odd, 1.0 / 12.0, odd_two),
            plus(simd, even, 1.0 / 6.0, even_two),
            plus(simd, odd, 1.0 / 3.0, odd_two),
            plus(simd, simd.add(even, f), 2.0 / 3.0, even_two),
        ]
    }
}

/// The points 0, ±1/2, ±3/4, ±5/4, ±5/2 and ∞: of sets of four pairs whose powers are floats, the one with the smallest
/// errors. There are no factors 1 to spare; rows of a pair share their even and their odd part.
pub struct Ten;

/// The positive points of [`Ten`], and their squares.
const PAIRS: [f64; 4] = [0.5, 0.75, 1.25, 2.5];
const SQUARES: [f64; 4] = squares();

const fn squares() -> [f64; 4] {
    let mut squares = PAIRS;
    let mut pair = 0;
    while pair < 4 {
        squares[pair] *= PAIRS[pair];
        pair += 1;
    }
    squares
}

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
            for tap in 0..7 {
                line[tap] =
                    plus(simd, line[tap], weight(pair, tap as i32), if tap % 2 == 0 { even } else { odd });
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::portable::Portable;
    use crate::tile::simd::Simd;
    use std::array::from_fn;

    /// The matrix behind a function of lines.
    fn matrix<S: Simd, const R: usize, const C: usize>(
        simd: S,
        line: impl Fn([S::Vector; C]) -> [S::Vector; R],
    ) -> [[f64; C]; R] {
        let columns: [[f64; R]; C] = from_fn(|column| {
            let unit = from_fn(|at| simd.splat(f32::from(u8::from(at == column))));
            line(unit).map(|value| {
                let mut lanes = [0.0; 16];
                // SAFETY: no register holds more than 16 floats.
                unsafe { simd.store(lanes.as_mut_ptr(), value) };
                f64::from(lanes[0])
            })
        });
        from_fn(|row| from_fn(|column| columns[column][row]))
    }

    /// `Σ A[r][y] G[r][t] B[r][x]` is 1 where `x = y + t` and 0 elsewhere, and the gradients are
    /// transposes.
    fn check<P, const T: usize, const R: usize, const M: usize>()
    where
        Input<P>: Line<R, R>,
        Kernel<P>: Line<T, R>,
        Output<P>: Line<R, M>,
        Gradient<P>: Line<M, R>,
        KernelGradient<P>: Line<R, T>,
    {
        let simd = Portable::new().unwrap();
        let input = matrix(simd, |x| Input::<P>::apply(simd, x));
        let kernel = matrix(simd, |w| Kernel::<P>::apply(simd, w));
        let output = matrix(simd, |p| Output::<P>::apply(simd, p));
        let gradient = matrix(simd, |dy| Gradient::<P>::apply(simd, dy));
        let kernel_gradient = matrix(simd, |p| KernelGradient::<P>::apply(simd, p));
        for r in 0..R {
            assert!((0..M).all(|y| gradient[r][y] == output[y][r]));
            assert!((0..T).all(|tap| (kernel_gradient[tap][r] - kernel[r][tap]).abs() < 1e-7));
        }
        for (y, tap, x) in (0..M * T * R).map(|i| (i / (T * R), i / R % T, i % R)) {
            let sum: f64 = (0..R).map(|r| output[y][r] * kernel[r][tap] * input[r][x]).sum();
            let expected = if x == y + tap { 1.0 } else { 0.0 };
            assert!((sum - expected).abs() < 1e-6, "F({M}, {T}): {sum} at output {y}, tap {tap}, input {x}");
        }
    }

    #[test]
    fn the_algorithms_are_convolutions() {
        check::<Four, 3, 4, 2>();
        check::<Six, 3, 6, 4>();
        check::<Six, 5, 6, 2>();
        check::<Ten, 7, 10, 4>();
    }
}
