use super::MaxPool2dTake;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::max_pool2d::checked::{Case, cases, visits};
use ndarray::ArrayD;

impl Checked for MaxPool2dTake {
    fn samples() -> Vec<Sample<MaxPool2dTake>> {
        let sample = |c: Case| {
            let op = MaxPool2dTake { pool_size: c.pool_size, strides: c.strides, padding: c.padding };
            Sample::exact(op, vec![Arg::float(&c.x, 10), c.index(11)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let (x, index) = (&x[0], &x[1]);
        let mut y = ArrayD::zeros(index.shape().to_vec());
        visits(&self.window(), x.shape(), |xi, yi, place| {
            if index[&yi[..]] == place as f64 {
                y[&yi[..]] = x[&xi[..]];
            }
        });
        vec![y]
    }
}
