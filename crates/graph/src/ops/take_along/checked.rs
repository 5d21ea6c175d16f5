use super::TakeAlong;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

/// Shapes of a tensor and of indices, and the axis.
pub(crate) const CASES: [(&[usize], &[usize], i64); 11] = [
    (&[5], &[3], 0),
    (&[5], &[0], 0),
    (&[3, 4], &[3, 6], 1),
    (&[3, 4], &[2, 4], 0),
    (&[3, 4], &[2, 1], 0),
    (&[2, 9, 3], &[2, 4, 1], 1),
    (&[2, 9, 3], &[2, 4, 3], -2),
    (&[2, 3, 5], &[2, 3, 1], 2),
    (&[1, 70, 40], &[1, 33, 1], 1),
    (&[2, 4, 1], &[2, 3, 1], 1),
    (&[0, 4, 2], &[0, 3, 2], 1),
];

pub(crate) fn indices(dtype: DType, x: &[usize], sizes: &[usize], axis: i64) -> Arg {
    let size = x[axis.rem_euclid(x.len() as i64) as usize] as u64;
    Arg::ints(dtype, sizes, size, 5)
}

/// Calls `f` with each place in the result, its index tensor's place, and the axis.
pub(crate) fn pairs(y: &[usize], indices: &[usize], mut f: impl FnMut(&[usize], &[usize])) {
    for place in ndarray::indices(y.to_vec()) {
        let place = ndarray::Dimension::slice(&place).to_vec();
        let from: Vec<usize> = place.iter().zip(indices).map(|(&p, &n)| if n == 1 { 0 } else { p }).collect();
        f(&place, &from);
    }
}

impl Checked for TakeAlong {
    fn samples() -> Vec<Sample<TakeAlong>> {
        let float = CASES.into_iter().map(|(x, i, axis)| {
            Sample::exact(TakeAlong { axis }, vec![Arg::float(x, 1), indices(DType::I32, x, i, axis)])
        });
        let whole = [DType::U8, DType::I64].into_iter().map(|dtype| {
            let x = Arg::ints(dtype, &[3, 4], 200, 1);
            Sample::exact(TakeAlong { axis: 1 }, vec![x, indices(dtype, &[3, 4], &[3, 2], 1)])
        });
        float.chain(whole).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let mut sizes = x[0].shape().to_vec();
        sizes[axis] = x[1].shape()[axis];
        let mut y = ArrayD::zeros(sizes.clone());
        pairs(&sizes, x[1].shape(), |place, index| {
            let mut from = place.to_vec();
            from[axis] = x[1][index] as usize;
            y[place] = x[0][&from[..]];
        });
        vec![y]
    }
}
