use super::Cumsum;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for Cumsum {
    fn samples() -> Vec<Sample<Cumsum>> {
        let sample = |arg: Arg, axis, reverse| Sample::new(Cumsum { axis, reverse }, vec![arg]);
        vec![
            sample(Arg::float(&[7], 1), 0, false),
            sample(Arg::float(&[7], 1), 0, true),
            sample(Arg::float(&[3, 5], 2), 1, false),
            sample(Arg::float(&[3, 5], 3), 0, true),
            sample(Arg::float(&[2, 3, 4], 4), -2, false),
            sample(Arg::float(&[4, 1, 3], 5), 1, false),
            sample(Arg::float(&[0, 3], 6), 0, false),
            sample(Arg::float(&[2, 1000], 7), 1, true),
            sample(Arg::float(&[3, 2, 5], 8), -1, true),
            sample(Arg::ints(DType::I32, &[3, 5], 100, 1), 1, false),
            sample(Arg::ints(DType::I64, &[3, 5], 100, 2), 0, true),
            sample(Arg::ints(DType::U32, &[9], 100, 3), 0, false),
            sample(Arg::ints(DType::U8, &[2, 9], 20, 4), 1, false),
            sample(Arg::ints(DType::I8, &[9, 2], 10, 5), 0, true),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let mut y = x[0].clone();
        for mut lane in y.lanes_mut(Axis(axis)) {
            let n = lane.len();
            let before = lane.to_vec();
            for i in 0..n {
                lane[i] = if self.reverse { before[i..].iter().sum() } else { before[..=i].iter().sum() };
            }
        }
        vec![y]
    }
}
