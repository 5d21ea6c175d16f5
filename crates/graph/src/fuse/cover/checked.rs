//! Trees against their ops one by one.

use super::*;
use crate::elementwise::Scalar;
use crate::fuse::map::{Output, Step};
use fovea_core::TensorType;

/// Numbers where activations bend, what is no number, and others.
fn floats(seed: u32) -> Vec<f32> {
    let edges = [0.0, -0.0, 6.0, -6.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e-30];
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let float = |bits: u32| match bits as usize % 40 {
        i if i < edges.len() => edges[i],
        _ => bits as f32 / 1e6 - 8.0,
    };
    (0..1_003).map(|_| float(next())).collect()
}

/// A map whose result is a pattern of inputs.
struct Builder(Map);

impl Builder {
    fn new(operands: usize) -> Builder {
        let input = TensorType::f32(&[1_003]);
        Builder(Map { shape: vec![1_003], inputs: vec![input; operands], steps: vec![], results: vec![] })
    }

    fn arg(&mut self, pattern: &Pattern) -> Arg {
        match *pattern {
            Pattern::Operand(i) => Arg::Input(i as u32),
            Pattern::Number(n) => Arg::Constant(Scalar::new(DType::F32, f64::from(n))),
            Pattern::Op(op, args) => {
                let args = args.iter().map(|arg| self.arg(arg)).collect();
                let bool = matches!(op.family(), Family::Compare | Family::Logic);
                let operand = if op.family() == Family::Logic { DType::Bool } else { DType::F32 };
                let step = Step { op, args, operand, result: if bool { DType::Bool } else { DType::F32 } };
                let known = self.0.steps.iter().position(|s| *s == step);
                let at = known.unwrap_or_else(|| {
                    self.0.steps.push(step);
                    self.0.steps.len() - 1
                });
                Arg::Step(at as u32)
            }
        }
    }

    fn result(mut self, pattern: &Pattern) -> Map {
        let arg = self.arg(pattern);
        self.0.results.push(Output { arg, ty: TensorType::f32(&[1_003]), total: None });
        self.0
    }
}

/// The results of one strip after the other, of bytes or words.
fn run(isa: Isa, map: &Map, strips: &[Strip], inputs: &[Vec<f32>]) -> Vec<f32> {
    let n = inputs[0].len();
    let mut results: Vec<Vec<f32>> = vec![vec![]; map.steps.len()];
    for strip in strips {
        let args: Vec<Vec<f32>> = strip
            .args
            .iter()
            .map(|arg| match arg {
                Arg::Input(i) => inputs[*i as usize].clone(),
                Arg::Constant(c) => vec![c.value() as f32; n],
                Arg::Step(s) => results[*s as usize].clone(),
            })
            .collect();
        let pointers: Vec<*const u8> = args.iter().map(|arg| arg.as_ptr().cast()).collect();
        let mut out = vec![0f32; n];
        assert!(isa.is_available());
        // SAFETY: operands and the result have `n` words each, which is room for as many bytes.
        unsafe { (strip.f)(pointers.as_ptr(), out.as_mut_ptr().cast(), n) };
        results[strip.step] = out;
    }
    results.pop().unwrap_or_default()
}

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

#[test]
fn trees_have_the_bits_of_their_ops() {
    for (number, tree) in TREES.iter().enumerate() {
        let map = Builder::new(tree.operands).result(&tree.pattern);
        let inputs: Vec<Vec<f32>> = (0..tree.operands as u32).map(floats).collect();
        for isa in isas() {
            let alone = |(step, s): (usize, &Step)| {
                Some(Strip { f: s.op.strip(isa, s.operand)?, args: s.args.clone(), step })
            };
            let one_by_one: Vec<Strip> = map.steps.iter().enumerate().filter_map(alone).collect();
            assert_eq!(one_by_one.len(), map.steps.len());
            let want = run(isa, &map, &one_by_one, &inputs);
            let covered = cover(&map, isa).unwrap();
            let got = run(isa, &map, &covered, &inputs);
            assert!(want.iter().any(|y| y.is_finite() && *y != 0.0), "{number}");
            for (i, (want, got)) in want.iter().zip(&got).enumerate() {
                let same = want.to_bits() == got.to_bits() || (want.is_nan() && got.is_nan());
                assert!(same, "tree {number}, {isa:?}, {i}: {got} for {want}");
            }
        }
    }
}

#[test]
fn each_tree_is_one_strip_in_either_order_of_a_sum() {
    for (number, tree) in TREES.iter().enumerate() {
        let mut map = Builder::new(tree.operands).result(&tree.pattern);
        for _ in 0..2 {
            let covered = cover(&map, Isa::Portable).unwrap();
            assert_eq!(covered.len(), 1, "tree {number}");
            let in_order = (0..tree.operands as u32).map(Arg::Input);
            assert!(in_order.clone().all(|arg| covered[0].args.contains(&arg)), "tree {number}");
            let turned = map.steps.iter_mut().filter(|step| matches!(step.op, Ew::Add | Ew::Mul));
            turned.for_each(|step| step.args.reverse());
        }
    }
}

#[test]
fn what_leaves_the_map_is_computed_once() {
    let tree = &TREES[0];
    let mut map = Builder::new(tree.operands).result(&tree.pattern);
    let normalised = map.steps.iter().position(|step| step.op == Ew::Relu6).unwrap();
    let kept = Output { arg: Arg::Step(normalised as u32), ..map.results[0].clone() };
    map.results.push(kept);
    let covered = cover(&map, Isa::Portable).unwrap();
    let steps: Vec<usize> = covered.iter().map(|strip| strip.step).collect();
    assert!(steps.contains(&normalised) && steps.contains(&(map.steps.len() - 1)));
    // Nothing but the gate reads the activation, and the rest is another tree.
    assert_eq!(steps.len(), 3);
}

#[test]
fn numbers_must_be_those_of_the_tree() {
    let gate =
        TREES.iter().find(|t| t.operands == 2 && matches!(t.pattern, Pattern::Op(Ew::Where, _))).unwrap();
    let mut map = Builder::new(2).result(&gate.pattern);
    for step in &mut map.steps {
        for arg in step.args.iter_mut().filter(|arg| matches!(arg, Arg::Constant(_))) {
            *arg = Arg::Constant(Scalar::new(DType::F32, -0.0));
        }
    }
    assert_eq!(cover(&map, Isa::Portable).unwrap().len(), map.steps.len());
}
