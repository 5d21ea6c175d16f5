use super::Transpose;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for Transpose {
    fn samples() -> Vec<Sample<Transpose>> {
        let sample = |arg: Arg, perm: &[usize]| Sample::exact(Transpose { perm: perm.to_vec() }, vec![arg]);
        vec![
            sample(Arg::float(&[], 1), &[]),
            sample(Arg::float(&[5], 1), &[0]),
            sample(Arg::float(&[3, 4], 1), &[1, 0]),
            sample(Arg::float(&[70, 33], 2), &[1, 0]),
            sample(Arg::float(&[2, 3, 4], 3), &[2, 0, 1]),
            sample(Arg::float(&[2, 5, 7, 3], 4), &[0, 3, 1, 2]),
            sample(Arg::float(&[2, 3, 5, 7], 5), &[0, 2, 3, 1]),
            sample(Arg::float(&[4, 1, 6], 6), &[1, 0, 2]),
            sample(Arg::float(&[2, 0, 3], 7), &[2, 1, 0]),
            sample(Arg::float(&[2, 3, 2, 3, 2], 8), &[4, 2, 0, 3, 1]),
            sample(Arg::ints(DType::U8, &[6, 5, 3], 200, 1), &[2, 0, 1]),
            sample(Arg::ints(DType::I64, &[6, 5], 200, 2), &[1, 0]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        vec![x[0].clone().permuted_axes(self.perm.clone())]
    }
}
