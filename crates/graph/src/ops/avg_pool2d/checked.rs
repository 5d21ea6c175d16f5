use super::AvgPool2d;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::max_pool2d::checked::{Case, cases, visits};
use crate::ops::window::Window;
use crate::ops::window::checked::output_sides;
use ndarray::ArrayD;

/// How many elements of the input each window of an output of these sizes holds.
pub(crate) fn counts(w: &Window, x: &[usize]) -> ArrayD<f64> {
    let [oh, ow] = output_sides(w, [x[1], x[2]]);
    let mut counts = ArrayD::zeros(vec![x[0], oh, ow, x[3]]);
    visits(w, x, |_, yi, _| counts[&yi[..]] += 1.0);
    counts
}

impl Checked for AvgPool2d {
    fn samples() -> Vec<Sample<AvgPool2d>> {
        let sample = |c: Case| {
            let op = AvgPool2d { pool_size: c.pool_size, strides: c.strides, padding: c.padding };
            Sample::new(op, vec![Arg::float(&c.x, 12)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let counts = counts(&self.window(), x[0].shape());
        let mut sums = ArrayD::zeros(counts.shape().to_vec());
        visits(&self.window(), x[0].shape(), |xi, yi, _| sums[&yi[..]] += x[0][&xi[..]]);
        vec![sums / counts]
    }
}
