use super::ScatterAdd;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for ScatterAdd {
    fn samples() -> Vec<Sample<ScatterAdd>> {
        let sample = |axis, size, g: &[usize], indices: &[usize]| {
            let indices = Arg::ints(DType::I32, indices, size as u64, 5);
            Sample::new(ScatterAdd { axis, size }, vec![Arg::float(g, 1), indices])
        };
        vec![
            sample(0, 5, &[3], &[3]),
            sample(0, 5, &[], &[]),
            sample(0, 10, &[7, 4], &[7]),
            sample(0, 4, &[2, 3, 300], &[2, 3]),
            sample(1, 6, &[3, 4], &[4]),
            sample(2, 5, &[2, 3, 2, 2], &[2, 2]),
            sample(1, 1, &[2, 3, 5], &[3]),
            sample(0, 4, &[0, 2], &[0]),
            sample(1, 7, &[1, 5, 3], &[5]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let after = self.axis + x[1].ndim();
        let (outer, inner) = (&x[0].shape()[..self.axis], &x[0].shape()[after..]);
        let flat = [outer, &[x[1].len()], inner].concat();
        let g = x[0].clone().into_shape_with_order(flat).expect("the sizes agree");
        let mut y = ArrayD::zeros([outer, &[self.size], inner].concat());
        for (k, &i) in x[1].iter().enumerate() {
            let mut row = y.index_axis_mut(Axis(self.axis), i as usize);
            row += &g.index_axis(Axis(self.axis), k);
        }
        vec![y]
    }
}
