use super::Gather;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for Gather {
    fn samples() -> Vec<Sample<Gather>> {
        let sample = |axis: i64, x: Arg, indices: &[usize]| {
            let size = x.data.shape()[axis.rem_euclid(x.data.ndim() as i64) as usize] as u64;
            Sample::exact(Gather { axis }, vec![x, Arg::ints(DType::I32, indices, size, 5)])
        };
        vec![
            sample(0, Arg::float(&[5], 1), &[3]),
            sample(0, Arg::float(&[5], 1), &[]),
            sample(0, Arg::float(&[10, 4], 2), &[7]),
            sample(0, Arg::float(&[10, 33], 3), &[2, 3]),
            sample(1, Arg::float(&[3, 6], 4), &[4]),
            sample(-1, Arg::float(&[2, 3, 5], 5), &[2, 2]),
            sample(1, Arg::float(&[2, 1, 5], 6), &[3]),
            sample(0, Arg::float(&[4, 2], 7), &[0]),
            Sample::exact(Gather { axis: 0 }, vec![Arg::float(&[3, 2], 8), Arg::ints(DType::U8, &[5], 3, 5)]),
            Sample::exact(
                Gather { axis: 0 },
                vec![Arg::float(&[3, 2], 9), Arg::ints(DType::I64, &[5], 3, 5)],
            ),
            sample(1, Arg::ints(DType::U8, &[3, 6, 2], 200, 1), &[4]),
            sample(0, Arg::ints(DType::I64, &[6], 200, 2), &[4]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let flat: Vec<usize> = x[1].iter().map(|&i| i as usize).collect();
        let y = x[0].select(Axis(axis), &flat);
        let (before, after) = (&x[0].shape()[..axis], &x[0].shape()[axis + 1..]);
        let shape = [before, x[1].shape(), after].concat();
        vec![y.as_standard_layout().into_owned().into_shape_with_order(shape).expect("the sizes agree")]
    }
}
