use super::Pick;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for Pick {
    fn samples() -> Vec<Sample<Pick>> {
        let sample = |sizes: &[usize], seed| {
            let (&classes, rows) = sizes.split_last().expect("samples have a last axis");
            let labels = Arg::ints(DType::I32, rows, classes as u64, seed);
            Sample::exact(Pick {}, vec![Arg::float(sizes, seed), labels])
        };
        vec![
            sample(&[10], 1),
            sample(&[64, 10], 2),
            sample(&[5, 1], 3),
            sample(&[2, 3, 4], 4),
            sample(&[2, 4, 4, 21], 5),
            sample(&[1, 1000], 6),
            sample(&[0, 5], 7),
            sample(&[3, 1, 2], 8),
            sample(&[1, 1], 9),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let picked = x[1].indexed_iter().map(|(at, &label)| {
            let mut place: Vec<usize> = (0..x[1].ndim()).map(|i| at[i]).collect();
            place.push(label as usize);
            x[0][place.as_slice()]
        });
        vec![ArrayD::from_shape_vec(x[1].shape().to_vec(), picked.collect()).expect("one for each label")]
    }
}
