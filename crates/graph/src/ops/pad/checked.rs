use super::Pad;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::attribute::Float;
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for Pad {
    fn samples() -> Vec<Sample<Pad>> {
        let sample = |arg: Arg, low: &[usize], high: &[usize], interior: &[usize], value: f64| {
            let [low, high, interior] = [low, high, interior].map(<[usize]>::to_vec);
            Sample::exact(Pad { low, high, interior, value: Float::new(value) }, vec![arg])
        };
        vec![
            sample(Arg::float(&[], 1), &[], &[], &[], 0.0),
            sample(Arg::float(&[4], 1), &[2], &[1], &[0], 0.0),
            sample(Arg::float(&[4], 2), &[0], &[3], &[2], 0.0),
            sample(Arg::float(&[1], 3), &[1], &[1], &[5], 0.0),
            sample(Arg::float(&[0], 4), &[2], &[1], &[3], 0.0),
            sample(Arg::float(&[3, 4], 5), &[1, 0], &[0, 2], &[0, 0], f64::NEG_INFINITY),
            sample(Arg::float(&[2, 5, 4, 3], 6), &[0, 1, 2, 0], &[0, 2, 1, 0], &[0; 4], 0.0),
            sample(Arg::float(&[2, 3, 4, 33], 7), &[0; 4], &[0; 4], &[0, 1, 2, 0], 0.0),
            sample(Arg::float(&[3, 2], 8), &[0, 1], &[1, 1], &[2, 1], 0.0),
            sample(Arg::ints(DType::U8, &[3, 4], 200, 1), &[1, 1], &[1, 1], &[0, 0], 7.0),
            sample(Arg::ints(DType::I64, &[3], 200, 2), &[1], &[1], &[0], -3.0),
            sample(Arg::ints(DType::U8, &[3, 4], 200, 1), &[1, 1], &[1, 1], &[0, 1], 0.0),
            sample(Arg::ints(DType::Bool, &[3], 2, 3), &[1], &[1], &[0], 1.0),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let side = |(i, &n): (usize, &usize)| {
            self.low[i] + self.high[i] + n + n.saturating_sub(1) * self.interior[i]
        };
        let shape: Vec<usize> = x[0].shape().iter().enumerate().map(side).collect();
        let mut y = ArrayD::from_elem(shape, self.value.get());
        for (at, &v) in x[0].indexed_iter() {
            let to: Vec<usize> =
                (0..x[0].ndim()).map(|i| self.low[i] + at[i] * (self.interior[i] + 1)).collect();
            y[to.as_slice()] = v;
        }
        vec![y]
    }
}
