use super::AvgPool2dGrad;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::avg_pool2d::checked::counts;
use crate::ops::max_pool2d::checked::{Case, cases, visits};
use ndarray::ArrayD;

impl Checked for AvgPool2dGrad {
    fn samples() -> Vec<Sample<AvgPool2dGrad>> {
        let sample = |c: Case| {
            let op = AvgPool2dGrad {
                pool_size: c.pool_size,
                strides: c.strides,
                padding: c.padding,
                input_shape: c.input_shape(),
            };
            Sample::new(op, vec![Arg::float(&c.y(), 13)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let g = &x[0];
        let sides = [g.shape()[0], self.input_shape[0], self.input_shape[1], g.shape()[3]];
        let counts = counts(&self.window(), &sides);
        let mut dx = ArrayD::zeros(sides.to_vec());
        visits(&self.window(), &sides, |xi, yi, _| dx[&xi[..]] += g[&yi[..]] / counts[&yi[..]]);
        vec![dx]
    }
}
