//! Random steps: whatever is assigned, read again, summed and guarded, a plan computes what plain
//! arithmetic in the same order computes.

use crate::cpu::{CpuPlan, run};
use crate::operand::Operand;
use crate::tests::{floats, held, machine, read, slot, variable};
use fovea_core::TensorType;
use fovea_core::rng::philox;
use fovea_graph::builder::{Builder, Sym};
use fovea_graph::elementwise::Ew;
use fovea_graph::graph::{Assign, Leaf, LeafKind};
use fovea_graph::ops::{Reduce, ReduceKind};
use fovea_graph::plan::compile;
use fovea_graph::target::Cpu;
use fovea_kernels::isa::Isa;

const SIZES: [usize; 2] = [4, 3];
const VARIABLES: usize = 4;

/// A stream of numbers below a bound.
struct Dice(u32, u32);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.1 += 1;
        philox([self.0, 0], [self.1, 0, 0, 0])[0] as usize % n
    }
}

/// A value of the graph, and what it should be; one number, or one for each place.
#[derive(Clone)]
struct Known<'b>(Sym<'b>, Vec<f32>);

fn zip(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let at = |x: &[f32], i: usize| x[if x.len() == 1 { 0 } else { i }];
    (0..a.len().max(b.len())).map(|i| f(at(a, i), at(b, i))).collect()
}

/// A new value made of known ones.
fn grow<'b>(dice: &mut Dice, known: &[Known<'b>]) -> Known<'b> {
    let mut pick = || known[dice.below(known.len())].clone();
    let (Known(x, a), Known(y, b)) = (pick(), pick());
    match dice.below(5) {
        0 => Known(x + y, zip(&a, &b, |a, b| a + b)),
        1 => Known(x - y, zip(&a, &b, |a, b| a - b)),
        2 => Known(x.zip(Ew::Maximum, y), zip(&a, &b, f32::max)),
        3 => Known(x * 0.5, zip(&a, &[0.5], |a, b| a * b)),
        // Halves are exact and few are added: the order of a sum does not matter.
        _ if a.len() == 1 => Known(-x, vec![-a[0]]),
        _ => {
            let reduce = |kind| x.apply(Reduce { kind, axes: vec![], keepdims: false });
            let total = a.iter().sum::<f32>();
            match dice.below(2) {
                0 => Known(reduce(ReduceKind::Sum) * 0.125, vec![total * 0.125]),
                _ => Known(reduce(ReduceKind::Mean), vec![total / a.len() as f32]),
            }
        }
    }
}

fn close(got: &[f32], want: &[f32]) -> bool {
    got.len() == want.len() && got.iter().zip(want).all(|(g, w)| (g - w).abs() <= 1e-4 * w.abs().max(1.0))
}

fn check(seed: u32) {
    let mut dice = Dice(seed, 0);
    let b = Builder::new();
    let ty = TensorType::f32(&SIZES);
    let start = |i: usize| move |j: usize| ((i * 5 + j * 3) % 7) as f32 - 3.0;
    let mut known: Vec<Known> = Vec::new();
    for i in 0..VARIABLES {
        let sym = b.leaf(variable(ty.clone()));
        known.push(Known(sym, (0..12).map(start(i)).collect()));
    }
    let input = b.leaf(Leaf { kind: LeafKind::Input, ty });
    known.push(Known(input, (0..12).map(start(9)).collect()));
    for _ in 0..4 + dice.below(20) {
        let next = grow(&mut dice, &known);
        known.push(next);
    }
    let full: Vec<Known> = known.iter().filter(|k| k.1.len() > 1).cloned().collect();
    let mut assigned: Vec<Option<Vec<f32>>> = vec![None; VARIABLES];
    let mut assigns = Vec::new();
    for (leaf, slot) in assigned.iter_mut().enumerate() {
        if dice.below(3) > 0 {
            let Known(value, want) = &full[dice.below(full.len())];
            assigns.push(Assign { leaf: leaf as u32, value: value.value });
            *slot = Some(want.clone());
        }
    }
    let outputs: Vec<Known> = (0..3).map(|_| known[dice.below(known.len())].clone()).collect();
    let guards: Vec<Known> = known.iter().filter(|k| k.1.len() == 1).cloned().collect();
    let guard = (!guards.is_empty() && dice.below(4) > 0).then(|| guards[dice.below(guards.len())].0.value);

    let values = outputs.iter().map(|k| k.0.value).collect();
    let wanted: Vec<Vec<f32>> = outputs.iter().map(|k| k.1.clone()).collect();
    let graph = b.finish(values, assigns, guard).unwrap();
    let plan =
        compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    let compiled = CpuPlan::new(plan, 2);
    let slots: Vec<_> = (0..VARIABLES).map(|i| slot(floats(&SIZES, start(i)))).collect();
    let mut operands: Vec<Operand> = slots.iter().map(|(_, o)| o.clone()).collect();
    operands.push(Operand::Buffer(floats(&SIZES, start(9))));
    let mut machine = machine(1);
    // The third time with what the second kept of variables that are not assigned.
    for turn in 0..3 {
        let mut got = vec![];
        run(&mut machine, &compiled, &operands, &mut got)
            .unwrap_or_else(|e| panic!("seed {seed}, turn {turn}: {e}"));
        for (got, want) in got.iter().zip(&wanted) {
            assert!(close(&read(got), want), "seed {seed}: an output is {:?}, expected {want:?}", read(got));
        }
        for (i, (v, _)) in slots.iter().enumerate() {
            let want = assigned[i].clone().unwrap_or_else(|| (0..12).map(start(i)).collect());
            assert!(close(&held(v), &want), "seed {seed}: variable {i} is {:?}, expected {want:?}", held(v));
            if assigned[i].is_some() {
                v.assign(floats(&SIZES, start(i))).unwrap();
            }
        }
    }
}

#[test]
fn a_plan_computes_what_its_graph_says() {
    (0..2000).for_each(check);
}
