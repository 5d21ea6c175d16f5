use super::Iota;
use crate::checked::{Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for Iota {
    fn samples() -> Vec<Sample<Iota>> {
        let sample =
            |dtype, shape: &[usize], axis| Sample::exact(Iota { dtype, shape: shape.to_vec(), axis }, vec![]);
        vec![
            sample(DType::F32, &[7], 0),
            sample(DType::I32, &[100_000], 0),
            sample(DType::I32, &[3, 4], 0),
            sample(DType::I32, &[3, 4], 1),
            sample(DType::I64, &[2, 3, 4], 1),
            sample(DType::U8, &[256], 0),
            sample(DType::I8, &[2, 128], 1),
            sample(DType::U32, &[0, 3], 0),
            sample(DType::F32, &[1, 1], 1),
        ]
    }

    fn oracle(&self, _: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        vec![ArrayD::from_shape_fn(self.shape.clone(), |at| at[self.axis] as f64)]
    }
}
