use super::RandomTruncatedNormal;
use crate::checked::{Checked, Sample};
use crate::ops::random::naive;
use ndarray::ArrayD;

impl Checked for RandomTruncatedNormal {
    fn samples() -> Vec<Sample<RandomTruncatedNormal>> {
        let sample = |(shape, inputs)| {
            let mut sample = Sample::new(RandomTruncatedNormal { shape }, inputs);
            // The inverse of erf makes a rounding error of its argument up to 4.4 times as large.
            sample.ulps = 16.0;
            sample
        };
        naive::samples().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let erf = crate::conformance::erf;
        naive::draw(&self.shape, x, |word, i| {
            let odd = f64::from((word(i) >> 9) * 2 + 1) - f64::from(1 << 23);
            let share = odd / f64::from(1 << 23) * erf(std::f64::consts::SQRT_2);
            // erf is inverted by bisection.
            let (mut low, mut high) = (-2.0, 2.0);
            for _ in 0..60 {
                let middle: f64 = (low + high) / 2.0;
                if erf(middle / std::f64::consts::SQRT_2) < share { low = middle } else { high = middle }
            }
            (low + high) / 2.0
        })
    }
}
