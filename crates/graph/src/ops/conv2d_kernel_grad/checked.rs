use super::Conv2dKernelGrad;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::Conv2d;
use crate::ops::conv2d::checked::{Case, cases, products, sides};
use ndarray::ArrayD;

impl Checked for Conv2dKernelGrad {
    fn samples() -> Vec<Sample<Conv2dKernelGrad>> {
        let sample = |c: Case| {
            let Conv2d { strides, dilation, groups, padding } = c.conv;
            let op = Conv2dKernelGrad {
                strides,
                dilation,
                groups,
                padding,
                kernel_size: [c.kernel[0], c.kernel[1]],
            };
            Sample::new(op, vec![Arg::float(&c.x, 5), Arg::float(&c.y(), 6)])
        };
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let (x, g) = (&x[0], &x[1]);
        let [kh, kw] = self.kernel_size;
        let kernel = [kh, kw, x.shape()[3] / self.groups, g.shape()[3]];
        let mut dk = ArrayD::zeros(kernel.to_vec());
        products(&self.conv(), sides(x), kernel, |xi, ki, yi| dk[&ki[..]] += x[&xi[..]] * g[&yi[..]]);
        vec![dk]
    }
}
