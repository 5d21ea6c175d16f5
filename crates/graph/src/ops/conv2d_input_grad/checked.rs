use super::Conv2dInputGrad;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::Conv2d;
use crate::ops::conv2d::checked::{Case, cases, products, sides};
use ndarray::ArrayD;

impl Checked for Conv2dInputGrad {
    fn samples() -> Vec<Sample<Conv2dInputGrad>> {
        let sample = |c: Case| {
            let Conv2d { strides, dilation, groups, padding } = c.conv;
            let op = Conv2dInputGrad { strides, dilation, groups, padding, input_shape: [c.x[1], c.x[2]] };
            Sample::new(op, vec![Arg::float(&c.y(), 3), Arg::float(&c.kernel, 4)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let (g, kernel) = (&x[0], &x[1]);
        let [kh, kw, per_group, co] = sides(kernel);
        let [h, w] = self.input_shape;
        let sides = [g.shape()[0], h, w, per_group * self.groups];
        let mut dx = ArrayD::zeros(sides.to_vec());
        products(&self.conv(), sides, [kh, kw, per_group, co], |xi, ki, yi| {
            dx[&xi[..]] += g[&yi[..]] * kernel[&ki[..]];
        });
        vec![dx]
    }
}
