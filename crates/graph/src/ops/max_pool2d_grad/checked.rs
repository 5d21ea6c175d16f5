use super::MaxPool2dGrad;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::max_pool2d::checked::{Case, cases, visits};
use ndarray::ArrayD;

impl Checked for MaxPool2dGrad {
    fn samples() -> Vec<Sample<MaxPool2dGrad>> {
        let sample = |c: Case| {
            let op = MaxPool2dGrad {
                pool_size: c.pool_size,
                strides: c.strides,
                padding: c.padding,
                input_shape: c.input_shape(),
            };
            Sample::new(op, vec![Arg::float(&c.y(), 8), c.index(9)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let (g, index) = (&x[0], &x[1]);
        let sides = [g.shape()[0], self.input_shape[0], self.input_shape[1], g.shape()[3]];
        let mut dx = ArrayD::zeros(sides.to_vec());
        visits(&self.window(), &sides, |xi, yi, place| {
            if index[&yi[..]] == place as f64 {
                dx[&xi[..]] += g[&yi[..]];
            }
        });
        vec![dx]
    }
}
