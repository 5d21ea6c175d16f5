use super::BroadcastTo;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for BroadcastTo {
    fn samples() -> Vec<Sample<BroadcastTo>> {
        let sample = |arg: Arg, to: &[i64]| Sample::exact(BroadcastTo { shape: to.to_vec() }, vec![arg]);
        vec![
            sample(Arg::float(&[], 1), &[2, 3]),
            sample(Arg::float(&[1], 2), &[5]),
            sample(Arg::float(&[3], 3), &[4, 3]),
            sample(Arg::float(&[4, 1], 4), &[4, 3]),
            sample(Arg::float(&[2, 1, 3, 1], 5), &[2, 4, 3, 5]),
            sample(Arg::float(&[2, 3], 6), &[-1, 3]),
            sample(Arg::float(&[1, 5], 7), &[0, 5]),
            sample(Arg::float(&[1, 1, 33], 8), &[2, 17, 33]),
            sample(Arg::float(&[3, 1, 1], 9), &[3, 2, 5]),
            sample(Arg::float(&[1, 4, 1], 10), &[2, 4, 3]),
            sample(Arg::ints(DType::U8, &[3, 1], 200, 1), &[2, 3, 4]),
            sample(Arg::ints(DType::I64, &[1, 3], 200, 2), &[5, 3]),
            sample(Arg::ints(DType::Bool, &[2, 1], 2, 3), &[2, 9]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let new = self.shape.len() - x[0].ndim();
        let side = |(i, &n): (usize, &i64)| if n == -1 { x[0].shape()[i - new] } else { n as usize };
        let shape: Vec<usize> = self.shape.iter().enumerate().map(side).collect();
        vec![x[0].broadcast(shape).expect("samples broadcast").to_owned()]
    }
}
