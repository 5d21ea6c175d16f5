use super::RandomBernoulli;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::attribute::Float;
use crate::ops::random::naive;
use ndarray::ArrayD;

impl Checked for RandomBernoulli {
    fn samples() -> Vec<Sample<RandomBernoulli>> {
        let coins = [(0.5, 2.0), (0.8, 1.25), (0.0, 1.0), (1.0, 3.0), (0.1, 1.0 / 0.9)];
        let coin = |(i, (shape, inputs)): (usize, (Vec<usize>, Vec<Arg>))| {
            let (p, scale) = coins[i % coins.len()];
            Sample::exact(RandomBernoulli { shape, p: Float::new(p), scale: Float::new(scale) }, inputs)
        };
        naive::samples().into_iter().enumerate().map(coin).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        naive::draw(&self.shape, x, |word, i| {
            let share = f64::from(word(i)) / 2f64.powi(32);
            if share < self.p.get() { f64::from(self.scale.get() as f32) } else { 0.0 }
        })
    }
}
