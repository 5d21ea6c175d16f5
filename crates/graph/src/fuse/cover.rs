//! Covers the steps of a map with as few strips as it can: the largest trees of ops that are compiled
//! into one (see `elementwise/trees.rs`) where they fit, single ops elsewhere. A step that only trees
//! contain is never computed by itself; one that several contain is computed in each, in registers.

use super::map::{Arg, Map};
use crate::elementwise::{Ew, Family, Pattern, TREES, Tree};
use fovea_core::{DType, Error, Result};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::StripFn;

/// A strip of a map, and the step whose result it gives.
pub(super) struct Strip {
    pub f: StripFn,
    pub args: Vec<Arg>,
    pub step: usize,
}

/// The strips that give a map's results, each after those that it reads.
pub(super) fn cover(map: &Map, isa: Isa) -> Result<Vec<Strip>> {
    let mut needed = vec![false; map.steps.len()];
    let need = |needed: &mut Vec<bool>, arg: &Arg| {
        if let Arg::Step(s) = arg {
            needed[*s as usize] = true;
        }
    };
    map.results.iter().for_each(|result| need(&mut needed, &result.arg));
    let kept = needed.clone();
    let mut strips = vec![];
    for step in (0..map.steps.len()).rev() {
        if needed[step] {
            let strip = strip(map, isa, &kept, step)?;
            strip.args.iter().for_each(|arg| need(&mut needed, arg));
            strips.push(strip);
        }
    }
    strips.reverse();
    Ok(strips)
}

/// The strip of the first tree that fits a step, or of its op alone.
fn strip(map: &Map, isa: Isa, kept: &[bool], step: usize) -> Result<Strip> {
    let fitting = TREES.iter().find_map(|tree| Some((tree, operands(map, kept, step, tree)?)));
    if let Some((tree, args)) = fitting {
        return Ok(Strip { f: (tree.strip)(isa), args, step });
    }
    let alone = &map.steps[step];
    let f = alone.op.strip(isa, alone.operand).ok_or_else(|| {
        Error::unsupported(format!("{} has no kernel for {}", alone.op.name(), alone.operand))
    })?;
    Ok(Strip { f, args: alone.args.clone(), step })
}

/// The operands of a tree whose result is that of a step, if it fits there.
fn operands(map: &Map, kept: &[bool], step: usize, tree: &Tree) -> Option<Vec<Arg>> {
    let fit = Fit { map, kept, root: step };
    let bound = fit.bind(&tree.pattern, Arg::Step(step as u32), vec![None; tree.operands])?;
    bound.into_iter().collect()
}

struct Fit<'a> {
    map: &'a Map,
    /// Steps whose results leave the map: what is at hand is not computed again.
    kept: &'a [bool],
    root: usize,
}

impl Fit<'_> {
    /// The operands, with those behind an argument that a pattern describes.
    fn bind(&self, pattern: &Pattern, arg: Arg, mut bound: Vec<Option<Arg>>) -> Option<Vec<Option<Arg>>> {
        match (pattern, arg) {
            (&Pattern::Operand(i), _) => {
                let same = *bound[i].get_or_insert(arg) == arg;
                same.then_some(bound)
            }
            (&Pattern::Number(n), Arg::Constant(c)) => {
                let same = c.dtype == DType::F32 && (c.value() as f32).to_bits() == n.to_bits();
                same.then_some(bound)
            }
            (&Pattern::Op(op, args), Arg::Step(s)) => {
                let step = &self.map.steps[s as usize];
                let suits = step.op == op && (step.operand == DType::F32 || op.family() == Family::Logic);
                if !suits || (s as usize != self.root && self.kept[s as usize]) {
                    return None;
                }
                let in_order = self.bind_all(args.iter().zip(&step.args), bound.clone());
                let turns = matches!(op, Ew::Add | Ew::Mul | Ew::And);
                in_order.or_else(|| self.bind_all(args.iter().rev().zip(&step.args), bound).filter(|_| turns))
            }
            _ => None,
        }
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
