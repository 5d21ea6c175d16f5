use super::OneHot;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for OneHot {
    fn samples() -> Vec<Sample<OneHot>> {
        let sample = |depth, arg: Arg| Sample::exact(OneHot { depth }, vec![arg]);
        vec![
            sample(10, Arg::ints(DType::I32, &[64], 10, 1)),
            sample(3, Arg::ints(DType::I32, &[], 3, 1)),
            sample(1, Arg::ints(DType::I32, &[4], 2, 1)),
            sample(33, Arg::ints(DType::I32, &[2, 3], 33, 1)),
            sample(5, Arg::of(DType::I32, &[4], vec![-1.0, 5.0, 4.0, 1e9])),
            sample(0, Arg::ints(DType::I32, &[3], 5, 1)),
            sample(7, Arg::of(DType::I32, &[0], vec![])),
            sample(300, Arg::ints(DType::I32, &[3, 1, 2], 300, 1)),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let shape = [x[0].shape(), &[self.depth]].concat();
        let row = |&i: &f64| (0..self.depth).map(move |c| f64::from(i == c as f64));
        let data = x[0].iter().flat_map(row).collect();
        vec![ArrayD::from_shape_vec(shape, data).expect("a row for each index")]
    }
}
