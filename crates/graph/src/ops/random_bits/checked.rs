use super::RandomBits;
use crate::checked::{Checked, Sample};
use crate::ops::random::naive;
use ndarray::ArrayD;

impl Checked for RandomBits {
    fn samples() -> Vec<Sample<RandomBits>> {
        let sample = |(shape, inputs)| Sample::exact(RandomBits { shape }, inputs);
        naive::samples().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        naive::draw(&self.shape, x, |word, i| f64::from(word(i)))
    }
}
