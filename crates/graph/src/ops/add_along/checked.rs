use super::AddAlong;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::take_along::checked::{CASES, indices, pairs};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for AddAlong {
    fn samples() -> Vec<Sample<AddAlong>> {
        let sample = |(x, i, axis): (&[usize], &[usize], i64)| {
            let at = axis.rem_euclid(x.len() as i64) as usize;
            let mut g = x.to_vec();
            g[at] = i[at];
            let op = AddAlong { axis: at, size: x[at] };
            Sample::new(op, vec![Arg::float(&g, 2), indices(DType::I32, x, i, axis)])
        };
        CASES.into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let mut sizes = x[0].shape().to_vec();
        sizes[self.axis] = self.size;
        let mut y = ArrayD::zeros(sizes);
        pairs(x[0].shape(), x[1].shape(), |place, index| {
            let mut to = place.to_vec();
            to[self.axis] = x[1][index] as usize;
            y[&to[..]] += x[0][place];
        });
        vec![y]
    }
}
