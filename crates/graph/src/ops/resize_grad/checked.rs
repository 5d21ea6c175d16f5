use super::ResizeGrad;
use crate::checked::{Checked, Sample};
use crate::ops::resize::checked::{CASES, INTERPOLATIONS, images, matrix, resampled};
use ndarray::ArrayD;

impl Checked for ResizeGrad {
    fn samples() -> Vec<Sample<ResizeGrad>> {
        let all =
            CASES.into_iter().flat_map(|case| INTERPOLATIONS.map(|interpolation| (case, interpolation)));
        all.map(|((sizes, size, antialias), interpolation)| {
            let op = ResizeGrad { interpolation, antialias, input_shape: [sizes[1], sizes[2]] };
            let g = [sizes[0], size[0], size[1], sizes[3]];
            // Places are rounded to f32 before they become weights, as in TensorFlow.
            Sample { ulps: 64.0, ..Sample::new(op, vec![images(&g, 4)]) }
        })
        .collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let back = |axis: usize| {
            let (from, to) = (self.input_shape[axis], x[0].shape()[axis + 1]);
            let forward = matrix(self.interpolation, self.antialias, from, to);
            (0..from).map(|i| forward.iter().map(|row| row[i]).collect()).collect::<Vec<Vec<f64>>>()
        };
        vec![resampled(&x[0], &back(0), &back(1))]
    }
}
