//! Covers the steps of a map with as few strips as it can: the largest trees of ops that are compiled
//! into one (see `elementwise/trees.rs`) where they fit, single ops elsewhere. A step that only trees
//! contain is never computed by itself; one that several contain is computed in each, in registers.

use super::map::{Arg, Map, Step};
use crate::elementwise::{Ew, Pattern, SUMS, TREES, Tree};
use fovea_core::{DType, Error, Result};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::{Loop, PAIR, SumsFn};

/// What trees know of large operands. To widen them in a strip of its own is the last resort.
const STORED: [DType; 2] = [DType::Bf16, DType::F32];

/// A strip of a map, and the step whose result it gives.
pub(super) struct Strip {
    pub f: Loop,
    pub args: Vec<Arg>,
    pub step: usize,
}

/// Totals that one loop takes: all results of their map.
pub(super) struct Sums {
    pub f: SumsFn,
    pub args: Vec<Arg>,
    /// The first operand that has an element for each of the sums.
    pub lines: usize,
    /// Which of the map's results, in the order of the loop's.
    pub results: [usize; PAIR],
}

/// How a map is computed.
pub(super) struct Cover {
    /// Each after those that it reads.
    pub strips: Vec<Strip>,
    pub sums: Option<Sums>,
}

/// The strips that give a map's results.
pub(super) fn cover(map: &Map, isa: Isa) -> Result<Cover> {
    let sums = sums(map, isa);
    let mut needed = vec![false; map.steps.len()];
    let need = |needed: &mut Vec<bool>, arg: &Arg| {
        if let Arg::Step(s) = arg {
            needed[*s as usize] = true;
        }
    };
    if sums.is_none() {
        map.results.iter().for_each(|result| need(&mut needed, &map.source(result)));
    }
    let kept = needed.clone();
    sums.iter().flat_map(|sums| &sums.args).for_each(|arg| need(&mut needed, arg));
    let mut strips = vec![];
    for step in (0..map.steps.len()).rev() {
        if needed[step] {
            let strip = strip(map, isa, &kept, step)?;
            strip.args.iter().for_each(|arg| need(&mut needed, arg));
            strips.push(strip);
        }
    }
    strips.reverse();
    Ok(Cover { strips, sums })
}

/// The totals that one loop can take, if they are all that the map makes: what is written is at hand for its
/// totals.
fn sums(map: &Map, isa: Isa) -> Option<Sums> {
    if map.results.len() != PAIR || map.results.iter().any(|result| result.total.is_none()) {
        return None;
    }
    let kept = vec![false; map.steps.len()];
    let orders = [[0, 1], [1, 0]];
    let versions = SUMS.iter().flat_map(|tree| STORED.map(|stored| (tree, stored)));
    let mut versions = versions.flat_map(|(tree, stored)| orders.map(|results| (tree, stored, results)));
    versions.find_map(|(tree, stored, results)| {
        let [x, w] = tree.operands;
        let dtype = move |operand: usize| if operand < x { stored } else { DType::F32 };
        let mut bound = vec![None; x + w];
        for (pattern, result) in tree.patterns.iter().zip(results) {
            let arg = map.source(&map.results[result]);
            let root = if let Arg::Step(step) = arg { step as usize } else { usize::MAX };
            let fit = Fit { map, kept: &kept, root, dtype: &dtype, stored };
            bound = fit.bind(pattern, arg, bound)?;
        }
        let args = bound.into_iter().collect::<Option<Vec<Arg>>>()?;
        let sums = map.results[0].ty.elements();
        let along = |arg: &Arg| match arg {
            Arg::Input(i) => {
                map.shape.last() == Some(&sums)
                    && map.inputs[*i as usize].elements() == sums
                    && !map.aligned(*i as usize)
            }
            _ => false,
        };
        let whole = |arg: &Arg| matches!(arg, Arg::Input(i) if map.aligned(*i as usize));
        let suits = args[..x].iter().all(whole) && args[x..].iter().all(along);
        let f = (tree.sums)(isa, stored).filter(|_| suits)?;
        Some(Sums { f, args, lines: x, results })
    })
}

/// The strip of the first tree that fits a step, or of its op alone.
fn strip(map: &Map, isa: Isa, kept: &[bool], step: usize) -> Result<Strip> {
    let mut versions = TREES.iter().flat_map(|tree| STORED.map(|stored| (tree, stored)));
    let fitting = versions.find_map(|(tree, stored)| {
        let args = operands(map, kept, step, tree, stored)?;
        Some(Strip { f: (tree.strip)(isa, stored)?, args, step })
    });
    if let Some(strip) = fitting {
        return Ok(strip);
    }
    let alone = &map.steps[step];
    let f = alone.op.strip(isa, alone.operand).ok_or_else(|| {
        Error::unsupported(format!("{} has no kernel for {}", alone.op.name(), alone.operand))
    })?;
    Ok(Strip { f: Loop::Op(f), args: alone.args.clone(), step })
}

/// The operands of a tree whose result is that of a step, if it fits there.
fn operands(map: &Map, kept: &[bool], step: usize, tree: &Tree, stored: DType) -> Option<Vec<Arg>> {
    let fit = Fit { map, kept, root: step, dtype: &|operand| tree.dtype(operand, stored), stored };
    let bound = fit.bind(&tree.pattern, Arg::Step(step as u32), vec![None; tree.arity()])?;
    bound.into_iter().collect()
}

struct Fit<'a> {
    map: &'a Map,
    /// Steps whose results leave the map: what is at hand is not computed again.
    kept: &'a [bool],
    root: usize,
    /// What an operand of the pattern is.
    dtype: &'a dyn Fn(usize) -> DType,
    /// What the tree's large operands are.
    stored: DType,
}

impl Fit<'_> {
    /// The operands, with those behind an argument that a pattern describes.
    fn bind(&self, pattern: &Pattern, arg: Arg, mut bound: Vec<Option<Arg>>) -> Option<Vec<Option<Arg>>> {
        match (pattern, arg) {
            (&Pattern::Operand(i), _) => {
                let same = *bound[i].get_or_insert(arg) == arg;
                (same && self.map.dtype(arg) == (self.dtype)(i)).then_some(bound)
            }
            (&Pattern::Number(n), Arg::Constant(c)) => {
                let same = c.dtype.is_float() && (c.value() as f32).to_bits() == n.to_bits();
                same.then_some(bound)
            }
            (&Pattern::Wide(x) | &Pattern::Round(x), _) if self.stored == DType::F32 => {
                self.bind(x, arg, bound)
            }
            // Nothing is cheaper than to widen what is at hand.
            (&Pattern::Wide(x), Arg::Step(s)) => {
                let step = &self.map.steps[s as usize];
                if step.op == Ew::Cast(DType::F32) { self.bind(x, step.args[0], bound) } else { None }
            }
            (&Pattern::Round(x), Arg::Step(s)) => {
                let step = self.step(s, Ew::Cast(self.stored))?;
                self.bind(x, step.args[0], bound)
            }
            (&Pattern::Op(op, args), Arg::Step(s)) => {
                let step = self.step(s, op)?;
                let in_order = self.bind_all(args.iter().zip(&step.args), bound.clone());
                let turns = matches!(op, Ew::Add | Ew::Mul | Ew::And);
                in_order.or_else(|| self.bind_all(args.iter().rev().zip(&step.args), bound).filter(|_| turns))
            }
            _ => None,
        }
    }

    /// A step if it is this op and not at hand.
    fn step(&self, s: u32, op: Ew) -> Option<&Step> {
        let s = s as usize;
        let step = &self.map.steps[s];
        (step.op == op && (s == self.root || !self.kept[s])).then_some(step)
    }

    fn bind_all<'p>(
        &self,
        mut pairs: impl Iterator<Item = (&'p Pattern, &'p Arg)>,
        bound: Vec<Option<Arg>>,
    ) -> Option<Vec<Option<Arg>>> {
        pairs.try_fold(bound, |bound, (pattern, &arg)| self.bind(pattern, arg, bound))
    }
}

#[cfg(test)]
mod checked;
