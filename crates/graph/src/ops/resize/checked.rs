use super::{Interpolation, Resize};
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, IxDyn};

/// Image shapes, new sizes, whether filters widen.
pub(crate) const CASES: [(&[usize], [usize; 2], bool); 8] = [
    (&[2, 5, 7, 3], [8, 4], false),
    (&[2, 5, 7, 3], [8, 4], true),
    (&[1, 1, 1, 1], [3, 2], false),
    (&[1, 9, 1, 2], [4, 1], true),
    (&[3, 4, 4, 1], [4, 4], false),
    (&[1, 16, 12, 2], [3, 5], true),
    (&[2, 3, 2, 17], [7, 9], false),
    (&[0, 3, 3, 2], [2, 2], false),
];

pub(crate) const INTERPOLATIONS: [Interpolation; 5] = [
    Interpolation::Nearest,
    Interpolation::Bilinear,
    Interpolation::Bicubic,
    Interpolation::Lanczos3,
    Interpolation::Lanczos5,
];

/// Images around 1: with weights below 0, results near 0 would be the rounding of larger terms.
pub(crate) fn images(sizes: &[usize], seed: u64) -> Arg {
    let near = |v: &f64| f64::from((1.0 + 0.25 * v) as f32);
    Arg::of(DType::F32, sizes, Arg::float(sizes, seed).data.iter().map(near).collect())
}

/// The textbook kernel of an interpolation and how far it reaches.
fn kernel(interpolation: Interpolation, x: f64) -> (f64, f64) {
    let x = x.abs();
    let lanczos = |r: f64| {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        if x < r { sinc(std::f64::consts::PI * x) * sinc(std::f64::consts::PI * x / r) } else { 0.0 }
    };
    match interpolation {
        Interpolation::Nearest => (1.0, 0.0),
        Interpolation::Bilinear => ((1.0 - x).max(0.0), 1.0),
        Interpolation::Bicubic if x < 1.0 => (1.5 * x * x * x - 2.5 * x * x + 1.0, 2.0),
        Interpolation::Bicubic if x < 2.0 => (-0.5 * x * x * x + 2.5 * x * x - 4.0 * x + 2.0, 2.0),
        Interpolation::Bicubic => (0.0, 2.0),
        Interpolation::Lanczos3 => (lanczos(3.0), 3.0),
        Interpolation::Lanczos5 => (lanczos(5.0), 5.0),
    }
}

/// The matrix `[to, from]` that resamples a line.
pub(crate) fn matrix(interpolation: Interpolation, antialias: bool, from: usize, to: usize) -> Vec<Vec<f64>> {
    let step = from as f64 / to as f64;
    let row = |place: usize| {
        let at = (place as f64 + 0.5) * step - 0.5;
        if interpolation == Interpolation::Nearest {
            // Keras's nearest is the pixel in which the point lies.
            let nearest = ((at + 0.5).floor() as usize).min(from - 1);
            return (0..from).map(|i| f64::from(u8::from(i == nearest))).collect();
        }
        let width = if antialias { step.max(1.0) } else { 1.0 };
        // TensorFlow's cubic has a table of 1024 steps, its line goes on past the edge.
        let exact = antialias || !matches!(interpolation, Interpolation::Bicubic | Interpolation::Bilinear);
        let at = match interpolation {
            Interpolation::Bicubic if !exact => {
                at.floor() + ((at - at.floor()) * 1024.0).round_ties_even() / 1024.0
            }
            Interpolation::Bilinear if !exact => at.clamp(0.0, from as f64 - 1.0),
            _ => at,
        };
        let weights: Vec<f64> = (0..from).map(|i| kernel(interpolation, (i as f64 - at) / width).0).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect::<Vec<f64>>()
    };
    (0..to).map(row).collect()
}

/// Images with a matrix applied to their height and another to their width.
pub(crate) fn resampled(x: &ArrayD<f64>, rows: &[Vec<f64>], columns: &[Vec<f64>]) -> ArrayD<f64> {
    let [n, h, w, c] = x.shape().try_into().expect("images have four axes");
    ArrayD::from_shape_fn(IxDyn(&[n, rows.len(), columns.len(), c]), |at| {
        let mut sum = 0.0;
        for i in 0..h {
            for j in 0..w {
                sum += rows[at[1]][i] * columns[at[2]][j] * x[[at[0], i, j, at[3]]];
            }
        }
        sum
    })
}

impl Checked for Resize {
    fn samples() -> Vec<Sample<Resize>> {
        let all =
            CASES.into_iter().flat_map(|case| INTERPOLATIONS.map(|interpolation| (case, interpolation)));
        all.map(|((sizes, size, antialias), interpolation)| {
            // Places are rounded to f32 before they become weights, as in TensorFlow.
            let op = Resize { size, interpolation, antialias };
            Sample { ulps: 64.0, ..Sample::new(op, vec![images(sizes, 3)]) }
        })
        .collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let matrix =
            |axis: usize| matrix(self.interpolation, self.antialias, x[0].shape()[axis + 1], self.size[axis]);
        vec![resampled(&x[0], &matrix(0), &matrix(1))]
    }
}
