use super::RandomNormal;
use crate::checked::{Checked, Sample};
use crate::ops::random::naive;
use ndarray::ArrayD;

impl Checked for RandomNormal {
    fn samples() -> Vec<Sample<RandomNormal>> {
        let sample = |(shape, inputs)| {
            let mut sample = Sample::new(RandomNormal { shape }, inputs);
            // The logarithm, the root, the cosine and their product each round.
            sample.ulps = 8.0;
            sample
        };
        naive::samples().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        naive::draw(&self.shape, x, |word, i| {
            let even = i / 2 * 2;
            let u = f64::from((word(even) >> 8) + 1) / f64::from(1 << 24);
            let turn = std::f64::consts::TAU * f64::from(word(even + 1) >> 8) / f64::from(1 << 24);
            (-2.0 * u.ln()).sqrt() * if i == even { turn.cos() } else { turn.sin() }
        })
    }
}
