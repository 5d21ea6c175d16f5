//! Chan's formula, in a pairwise tree.

use crate::isa::Isa;
use crate::multiversion::multiversioned;

multiversioned! {
    /// Lets the moments of `more` rows join those of `count`.
    pub(super) fn join_moments(
        count: usize, mean: &mut [f32], spread: &mut [f32],
        more: usize, their_mean: &[f32], their_spread: &[f32],
    ) {
        let all = (count + more) as f64;
        let share = (more as f64 / all) as f32;
        let weight = (count as f64 * (more as f64 / all)) as f32;
        for j in 0..mean.len() {
            let apart = their_mean[j] - mean[j];
            mean[j] += apart * share;
            spread[j] += their_spread[j] + apart * apart * weight;
        }
    }
}

/// Moments that wait for partners: a binary counter of pairs.
pub(super) struct Tree<'s> {
    levels: &'s mut [f32],
    width: usize,
    /// Rows behind each level.
    counts: Vec<usize>,
    pushed: usize,
}

impl<'s> Tree<'s> {
    /// Floats of the levels where so many moments of `width` columns meet.
    pub fn floats(pushed: usize, width: usize) -> usize {
        2 * (pushed.max(1).ilog2() as usize + 2) * width
    }

    pub fn new(levels: &'s mut [f32], width: usize) -> Tree<'s> {
        Tree { levels, width, counts: vec![], pushed: 0 }
    }

    /// Where the next means and sums of squared deviations go, before they are pushed.
    pub fn top(&mut self) -> (&mut [f32], &mut [f32]) {
        let at = 2 * self.width * self.counts.len();
        self.levels[at..at + 2 * self.width].split_at_mut(self.width)
    }

    /// Takes what is at the top, which is that of `count` rows.
    pub fn push(&mut self, isa: Isa, count: usize) {
        self.counts.push(count);
        for _ in 0..self.pushed.trailing_ones() {
            self.merge(isa);
        }
        self.pushed += 1;
    }

    fn merge(&mut self, isa: Isa) {
        let (Some(more), Some(count)) = (self.counts.pop(), self.counts.pop()) else { return };
        let pair = 2 * self.width;
        let (below, above) = self.levels.split_at_mut(pair * (self.counts.len() + 1));
        let (mean, spread) = below[pair * self.counts.len()..].split_at_mut(self.width);
        let (their_mean, their_spread) = above[..pair].split_at(self.width);
        join_moments(isa, count, mean, spread, more, their_mean, their_spread);
        self.counts.push(count + more);
    }

    /// All that was pushed; zeros if nothing was.
    pub fn finish(mut self, isa: Isa, mean: &mut [f32], spread: &mut [f32]) {
        while self.counts.len() > 1 {
            self.merge(isa);
        }
        match self.counts.pop() {
            Some(_) => {
                let (all, rest) = self.levels.split_at(self.width);
                mean.copy_from_slice(all);
                spread.copy_from_slice(&rest[..self.width]);
            }
            None => [mean, spread].into_iter().for_each(|to| to.fill(0.0)),
        }
    }
}
