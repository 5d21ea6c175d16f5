use super::LeadingMoments;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for LeadingMoments {
    /// Values are positive: errors are measured in the variance of the absolute values.
    fn samples() -> Vec<Sample<LeadingMoments>> {
        let shapes: [(&[usize], usize); 9] = [
            (&[7], 1),
            (&[6, 5], 1),
            (&[2, 3, 4], 2),
            (&[2, 9, 8, 33], 3),
            (&[4, 3], 2),
            (&[5, 1, 6], 1),
            (&[3, 2], 0),
            (&[9001, 3], 1),
            (&[0, 3], 1),
        ];
        let sample = |(i, (sizes, axes)): (usize, (&[usize], usize))| {
            let x = Arg::float(sizes, i as u64);
            let apart = x.data.iter().map(|v| f64::from((8.0 + v) as f32)).collect();
            Sample::new(LeadingMoments { axes }, vec![Arg::of(DType::F32, sizes, apart)])
        };
        shapes.into_iter().enumerate().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let count: usize = x[0].shape()[..self.axes].iter().product();
        let mean = |y: ArrayD<f64>| {
            let total = (0..self.axes).fold(y, |y, axis| y.sum_axis(Axis(axis)).insert_axis(Axis(axis)));
            total / count as f64
        };
        let of = mean(x[0].clone());
        let deviations = &x[0] - &of;
        vec![of, mean(&deviations * &deviations)]
    }
}
