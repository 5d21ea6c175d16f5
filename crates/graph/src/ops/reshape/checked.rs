use super::Reshape;
use crate::checked::{Arg, Checked, Sample};
use ndarray::ArrayD;

impl Checked for Reshape {
    fn samples() -> Vec<Sample<Reshape>> {
        let sample = |from: &[usize], to: &[i64]| {
            Sample::exact(Reshape { shape: to.to_vec() }, vec![Arg::float(from, 1)])
        };
        vec![
            sample(&[2, 3], &[3, 2]),
            sample(&[2, 3], &[-1]),
            sample(&[4], &[2, -1, 1]),
            sample(&[], &[1, 1]),
            sample(&[1], &[]),
            sample(&[2, 0, 3], &[0, 5]),
            sample(&[2, 3, 4], &[-1, 12]),
            sample(&[1, 1, 7], &[7]),
            sample(&[5, 1], &[1, 5, 1]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let known: i64 = self.shape.iter().filter(|&&n| n >= 0).product();
        let side = |&n: &i64| if n == -1 { x[0].len() / known as usize } else { n as usize };
        let shape: Vec<usize> = self.shape.iter().map(side).collect();
        vec![x[0].as_standard_layout().into_owned().into_shape_with_order(shape).expect("samples have matching sizes")]
    }
}
