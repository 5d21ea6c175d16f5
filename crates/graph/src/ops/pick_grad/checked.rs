use super::PickGrad;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for PickGrad {
    fn samples() -> Vec<Sample<PickGrad>> {
        let sample = |rows: &[usize], size: usize, seed| {
            let labels = Arg::ints(DType::I32, rows, size as u64, seed);
            Sample::exact(PickGrad { size }, vec![Arg::float(rows, seed), labels])
        };
        vec![
            sample(&[], 10, 1),
            sample(&[64], 10, 2),
            sample(&[5], 1, 3),
            sample(&[2, 3], 4, 4),
            sample(&[2, 4, 4], 21, 5),
            sample(&[1], 1000, 6),
            sample(&[0], 5, 7),
            sample(&[3, 1], 2, 8),
            sample(&[1, 1], 1, 9),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let shape = [x[0].shape(), &[self.size]].concat();
        let row =
            |(&g, &label): (&f64, &f64)| (0..self.size).map(move |c| if label == c as f64 { g } else { 0.0 });
        let data = x[0].iter().zip(x[1].iter()).flat_map(row).collect();
        vec![ArrayD::from_shape_vec(shape, data).expect("a row for each label")]
    }
}
