//! Trees against their ops one by one.

use super::*;
use crate::elementwise::{Family, Scalar, SumsTree};
use crate::fuse::map::{Output, Step, Total};
use fovea_core::{Bf16, Shape, TensorType};

/// Elements of each operand.
const N: usize = 1_003;

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
    (0..N).map(|_| float(next())).collect()
}

/// A map whose result is a tree of inputs, which are as they are stored.
struct Builder {
    map: Map,
    stored: DType,
}

impl Builder {
    fn new(tree: &Tree, stored: DType) -> Builder {
        let input = |i| TensorType::new(tree.dtype(i, stored), Shape::of(&[N]));
        Builder::over(vec![N], (0..tree.arity()).map(input).collect(), stored)
    }

    fn over(shape: Vec<usize>, inputs: Vec<TensorType>, stored: DType) -> Builder {
        Builder { map: Map { shape, inputs, steps: vec![], results: vec![] }, stored }
    }

    fn step(&mut self, op: Ew, args: Vec<Arg>) -> Arg {
        let operand = self.map.dtype(*args.last().unwrap());
        let result = match op {
            Ew::Cast(to) => to,
            _ if matches!(op.family(), Family::Compare | Family::Logic) => DType::Bool,
            _ => operand,
        };
        let step = Step { op, args, operand, result };
        let known = self.map.steps.iter().position(|s| *s == step);
        let at = known.unwrap_or_else(|| {
            self.map.steps.push(step);
            self.map.steps.len() - 1
        });
        Arg::Step(at as u32)
    }

    fn arg(&mut self, pattern: &Pattern) -> Arg {
        match *pattern {
            Pattern::Operand(i) => Arg::Input(i as u32),
            // What is stored is compared with them, or gives way to them.
            Pattern::Number(n) => Arg::Constant(Scalar::new(self.stored, f64::from(n))),
            Pattern::Wide(x) | Pattern::Round(x) if self.stored == DType::F32 => self.arg(x),
            Pattern::Wide(x) => {
                let x = self.arg(x);
                self.step(Ew::Cast(DType::F32), vec![x])
            }
            Pattern::Round(x) => {
                let x = self.arg(x);
                self.step(Ew::Cast(self.stored), vec![x])
            }
            Pattern::Op(op, args) => {
                let args = args.iter().map(|arg| self.arg(arg)).collect();
                self.step(op, args)
            }
        }
    }

    fn result(mut self, pattern: &Pattern) -> Map {
        let arg = self.arg(pattern);
        let ty = TensorType::new(self.map.dtype(arg), Shape::of(&[N]));
        self.map.results.push(Output { arg, ty, total: None });
        self.map
    }
}

/// All trees, for all that may be stored.
fn versions() -> impl Iterator<Item = (usize, &'static Tree, DType)> {
    let versions = |(number, tree)| STORED.map(|stored| (number, tree, stored));
    let all = TREES.iter().enumerate().flat_map(versions);
    all.filter(|(_, tree, stored)| (tree.strip)(Isa::Portable, *stored).is_some())
}

/// Elements in room for as many words.
fn stored(dtype: DType, values: &[f32]) -> Vec<u32> {
    let mut words = vec![0; values.len()];
    let bytes = words.as_mut_ptr();
    for (i, &value) in values.iter().enumerate() {
        // SAFETY: an element is at most as large as a word.
        unsafe {
            match dtype {
                DType::F32 => bytes.cast::<f32>().add(i).write(value),
                DType::Bf16 => bytes.cast::<Bf16>().add(i).write(Bf16::from_f32(value)),
                _ => bytes.cast::<u8>().add(i).write(u8::from(value > 1.0)),
            }
        }
    }
    words
}

/// Floats as they are stored.
fn loaded(dtype: DType, words: &[u32]) -> Vec<f32> {
    let halves = words.iter().flat_map(|word| [*word as u16, (word >> 16) as u16]).take(words.len());
    match dtype {
        DType::Bf16 if cfg!(target_endian = "little") => {
            halves.map(|half| Bf16::from_bits(half).to_f32()).collect()
        }
        _ => words.iter().map(|word| f32::from_bits(*word)).collect(),
    }
}

/// The results of one strip after the other.
fn run(isa: Isa, map: &Map, strips: &[Strip], inputs: &[Vec<f32>]) -> Vec<f32> {
    let mut results: Vec<Vec<u32>> = vec![vec![]; map.steps.len()];
    for strip in strips {
        let arg = |arg: &Arg| match arg {
            Arg::Input(i) => stored(map.dtype(*arg), &inputs[*i as usize]),
            Arg::Constant(c) => stored(c.dtype, &vec![c.value() as f32; N]),
            Arg::Step(s) => results[*s as usize].clone(),
        };
        let args: Vec<Vec<u32>> = strip.args.iter().map(arg).collect();
        let pointers: Vec<*const u8> = args.iter().map(|arg| arg.as_ptr().cast()).collect();
        let mut out = vec![0u32; N];
        assert!(isa.is_available());
        // SAFETY: operands and the result have `N` words each, which is room for all elements.
        unsafe { strip.f.run(pointers.as_ptr(), out.as_mut_ptr().cast(), N, N) };
        results[strip.step] = out;
    }
    loaded(map.results[0].ty.dtype, &results.pop().unwrap_or_default())
}

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

#[test]
fn trees_have_the_bits_of_their_ops() {
    for (number, tree, stored) in versions() {
        let map = Builder::new(tree, stored).result(&tree.pattern);
        let inputs: Vec<Vec<f32>> = (0..tree.arity() as u32).map(floats).collect();
        for isa in isas() {
            let alone = |(step, s): (usize, &Step)| {
                Some(Strip { f: Loop::Op(s.op.strip(isa, s.operand)?), args: s.args.clone(), step })
            };
            let one_by_one: Vec<Strip> = map.steps.iter().enumerate().filter_map(alone).collect();
            assert_eq!(one_by_one.len(), map.steps.len());
            let want = run(isa, &map, &one_by_one, &inputs);
            let covered = cover(&map, isa).unwrap().strips;
            let got = run(isa, &map, &covered, &inputs);
            assert!(want.iter().any(|y| y.is_finite() && *y != 0.0), "{number}");
            for (i, (want, got)) in want.iter().zip(&got).enumerate() {
                let same = want.to_bits() == got.to_bits() || (want.is_nan() && got.is_nan());
                assert!(same, "tree {number} of {stored}, {isa:?}, {i}: {got} for {want}");
            }
        }
    }
}

#[test]
fn each_tree_is_one_strip_in_either_order_of_a_sum() {
    for (number, tree, stored) in versions() {
        let mut map = Builder::new(tree, stored).result(&tree.pattern);
        for _ in 0..2 {
            let covered = cover(&map, Isa::Portable).unwrap().strips;
            assert_eq!(covered.len(), 1, "tree {number} of {stored}");
            let in_order = (0..tree.arity() as u32).map(Arg::Input);
            assert!(in_order.clone().all(|arg| covered[0].args.contains(&arg)), "tree {number} of {stored}");
            let turned = map.steps.iter_mut().filter(|step| matches!(step.op, Ew::Add | Ew::Mul));
            turned.for_each(|step| step.args.reverse());
        }
    }
}

#[test]
fn what_leaves_the_map_is_computed_once() {
    let tree = &TREES[0];
    let mut map = Builder::new(tree, DType::F32).result(&tree.pattern);
    let normalised = map.steps.iter().position(|step| step.op == Ew::Relu6).unwrap();
    let kept = Output { arg: Arg::Step(normalised as u32), ..map.results[0].clone() };
    map.results.push(kept);
    let covered = cover(&map, Isa::Portable).unwrap().strips;
    let steps: Vec<usize> = covered.iter().map(|strip| strip.step).collect();
    assert!(steps.contains(&normalised) && steps.contains(&(map.steps.len() - 1)));
    // Nothing but the gate reads the activation, and the rest is another tree.
    assert_eq!(steps.len(), 3);
}

#[test]
fn numbers_must_be_those_of_the_tree() {
    let gate =
        TREES.iter().find(|t| t.arity() == 2 && matches!(t.pattern, Pattern::Op(Ew::Where, _))).unwrap();
    let mut map = Builder::new(gate, DType::F32).result(&gate.pattern);
    for step in &mut map.steps {
        for arg in step.args.iter_mut().filter(|arg| matches!(arg, Arg::Constant(_))) {
            *arg = Arg::Constant(Scalar::new(DType::F32, -0.0));
        }
    }
    assert_eq!(cover(&map, Isa::Portable).unwrap().strips.len(), map.steps.len());
}

/// How many sums each total has.
const KEPT: usize = 17;
/// Of `N` elements, those that make whole lines.
const SUMMED: usize = N / KEPT * KEPT;

/// The totals of a tree of sums, in either order.
fn summed(tree: &SumsTree, stored: DType, turned: bool) -> Map {
    let [x, w] = tree.operands;
    let shape = [SUMMED / KEPT, KEPT];
    let whole = (0..x).map(|_| TensorType::new(stored, Shape::of(&shape)));
    let lines = (0..w).map(|_| TensorType::new(DType::F32, Shape::of(&[KEPT])));
    let mut builder = Builder::over(shape.to_vec(), whole.chain(lines).collect(), stored);
    let mut args = tree.patterns.map(|pattern| {
        let arg = builder.arg(&pattern);
        // Sums are float32.
        if builder.map.dtype(arg) == DType::F32 { arg } else { builder.step(Ew::Cast(DType::F32), vec![arg]) }
    });
    if turned {
        args.reverse();
    }
    let ty = TensorType::new(DType::F32, Shape::of(&[KEPT]));
    builder.map.results = args.map(|arg| Output { arg, ty: ty.clone(), total: Some(Total::Sum) }).to_vec();
    builder.map
}

#[test]
fn totals_taken_together_are_those_of_their_ops() {
    for (number, tree) in SUMS.iter().enumerate() {
        for (stored, turned) in STORED.into_iter().flat_map(|stored| [(stored, false), (stored, true)]) {
            let map = summed(tree, stored, turned);
            let mild = |seed| floats(seed).into_iter().map(|x| if x.abs() < 100.0 { x } else { 1.5 });
            let inputs: Vec<Vec<f32>> = (0..map.inputs.len() as u32)
                .map(|seed| {
                    let line: Vec<f32> = mild(seed).take(KEPT).collect();
                    let whole = map.aligned(seed as usize);
                    if whole { mild(seed).collect() } else { line.into_iter().cycle().take(N).collect() }
                })
                .collect();
            for isa in isas() {
                let Cover { strips, sums } = cover(&map, isa).unwrap();
                assert!(strips.is_empty(), "{number} of {stored}");
                let sums = sums.unwrap();
                let operand = |arg: &Arg| match arg {
                    Arg::Input(i) => self::stored(map.dtype(*arg), &inputs[*i as usize]),
                    _ => unreachable!("sums read inputs"),
                };
                let args: Vec<Vec<u32>> = sums.args.iter().map(operand).collect();
                let pointers: Vec<*const u8> = args.iter().map(|arg| arg.as_ptr().cast()).collect();
                let mut got = [[0f32; KEPT]; PAIR];
                let to = got.each_mut().map(|sums| sums.as_mut_ptr());
                // SAFETY: operands have as many elements, and there are as many sums.
                unsafe { (sums.f)(pointers.as_ptr(), to.as_ptr(), SUMMED, KEPT) };
                for (got, result) in got.iter().zip(sums.results) {
                    let terms = terms(isa, &map, result, &inputs);
                    for (column, got) in got.iter().enumerate() {
                        let of = || terms[..SUMMED].iter().skip(column).step_by(KEPT).map(|&x| f64::from(x));
                        let (want, size) = (of().sum::<f64>(), of().map(f64::abs).sum::<f64>());
                        let near = (f64::from(*got) - want).abs() <= 1e-5 * size;
                        assert!(near, "{number} of {stored}, {isa:?}: {got} for {want}");
                    }
                    assert!(got.iter().any(|sum| *sum != 0.0), "{number} of {stored}: all gates are closed");
                }
            }
        }
    }
}

/// What a total adds, op by op.
fn terms(isa: Isa, map: &Map, result: usize, inputs: &[Vec<f32>]) -> Vec<f32> {
    let last = match map.results[result].arg {
        Arg::Step(step) => step as usize + 1,
        Arg::Input(i) => return inputs[i as usize].clone(),
        Arg::Constant(_) => unreachable!("no tree of sums adds a number"),
    };
    let ty = TensorType::new(DType::F32, Shape::of(&[N]));
    let results = vec![Output { ty, total: None, ..map.results[result].clone() }];
    let alone = Map { steps: map.steps[..last].to_vec(), results, ..map.clone() };
    let strip = |(step, s): (usize, &Step)| Strip {
        f: Loop::Op(s.op.strip(isa, s.operand).unwrap()),
        args: s.args.clone(),
        step,
    };
    let strips: Vec<Strip> = alone.steps.iter().enumerate().map(strip).collect();
    run(isa, &alone, &strips, inputs)
}

#[test]
fn totals_of_other_lines_are_taken_from_what_is_at_hand() {
    let map = summed(&SUMS[0], DType::F32, false);
    let square = Map { shape: vec![KEPT, SUMMED / KEPT], ..map.clone() };
    let written = Output { total: None, ..map.results[0].clone() };
    let stored = Map { results: vec![written, map.results[1].clone()], ..map.clone() };
    let alone = Map { results: map.results[..1].to_vec(), ..map };
    for map in [square, stored, alone] {
        assert!(cover(&map, Isa::Portable).unwrap().sums.is_none());
    }
}
