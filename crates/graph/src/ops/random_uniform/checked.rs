use super::RandomUniform;
use crate::checked::{Checked, Sample};
use crate::ops::random::naive;
use ndarray::ArrayD;

impl Checked for RandomUniform {
    fn samples() -> Vec<Sample<RandomUniform>> {
        let sample = |(shape, inputs)| Sample::exact(RandomUniform { shape }, inputs);
        naive::samples().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        naive::draw(&self.shape, x, |word, i| f64::from(word(i) >> 8) / f64::from(1 << 24))
    }
}
