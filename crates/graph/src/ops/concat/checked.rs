use super::Concat;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for Concat {
    fn samples() -> Vec<Sample<Concat>> {
        let sample = |axis: i64, sizes: &[&[usize]]| {
            let inputs = sizes.iter().enumerate().map(|(i, s)| Arg::float(s, i as u64)).collect();
            Sample::exact(Concat { axis }, inputs)
        };
        let ints = |dtype| vec![Arg::ints(dtype, &[2, 3], 100, 1), Arg::ints(dtype, &[2, 2], 100, 2)];
        vec![
            sample(0, &[&[3]]),
            sample(0, &[&[3], &[4]]),
            sample(0, &[&[2, 3], &[1, 3]]),
            sample(1, &[&[2, 3], &[2, 1], &[2, 4]]),
            sample(-1, &[&[2, 3, 4, 5], &[2, 3, 4, 1]]),
            sample(2, &[&[2, 1, 2, 3], &[2, 1, 5, 3]]),
            sample(0, &[&[0, 3], &[2, 3]]),
            sample(-1, &[&[2, 7, 7, 16], &[2, 7, 7, 33], &[2, 7, 7, 8]]),
            Sample::exact(Concat { axis: 1 }, ints(DType::U8)),
            Sample::exact(Concat { axis: -1 }, ints(DType::I64)),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let views: Vec<_> = x.iter().map(|a| a.view()).collect();
        vec![ndarray::concatenate(Axis(axis), &views).expect("samples fit together")]
    }
}
