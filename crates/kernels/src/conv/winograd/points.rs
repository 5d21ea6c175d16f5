//! The algorithms, along one axis, after Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks" (2015): products of five small matrices with a line of vectors. They are written out
//! because rows share sums, and with few points most factors are 0 or 1.

use crate::tile::simd::Simd;

mod ten;

pub use ten::Ten;

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
