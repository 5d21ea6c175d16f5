//! Every kernel on every instruction set of this machine against the f64 oracle, with its chunks
//! in order and shuffled.

use super::memory::{Memory, decode, encode};
use super::samples;
use crate::builder::Builder;
use crate::checked::AnySample;
use crate::fuse::fuse;
use crate::graph::{Graph, Leaf, LeafKind, Node};
use crate::lower::{Io, Lower};
use crate::ops::Op;
use fovea_core::TensorType;
use fovea_kernels::isa::Isa;
use ndarray::ArrayD;

/// How a plan could run a graph: the results must be the same bits.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Chunks in order, everything in memory of its own that is aligned to cache lines.
    Plain,
    /// Chunks in another order, leaves aligned to their elements only, and outputs where inputs
    /// lie if the op allows it.
    Awkward,
}

/// The sample's op as a graph, fused as any other.
fn graph(sample: &AnySample) -> Graph {
    let b = Builder::new();
    let leaf = |ty: TensorType| b.leaf(Leaf { kind: LeafKind::Input, ty });
    let leaves: Vec<_> = sample.types().into_iter().map(leaf).collect();
    let outputs = b.apply(sample.op.clone(), &leaves).iter().map(|y| y.value).collect();
    fuse(b.finish(outputs, vec![], None).unwrap_or_else(|e| panic!("{}: {e}", sample.describe())))
}

/// The bytes of the sample's outputs.
fn run(isa: Isa, sample: &AnySample, graph: &Graph, manner: Manner) -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<Memory>> = Vec::new();
    for node in &graph.nodes {
        let computed = match &node.op {
            Op::Leaf(i) => {
                let arg = &sample.inputs[*i as usize];
                let shift = if manner == Manner::Awkward { arg.ty.dtype.size() } else { 0 };
                vec![Memory::of(&encode(arg.ty.dtype, arg.data.iter().copied()), shift)]
            }
            Op::Constant(number) => vec![Memory::of(&encode(number.dtype, [number.value()]), 0)],
            _ => {
                let types: Vec<_> = node.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
                let inputs = node.inputs.iter().map(|v| values[v.node as usize][v.out as usize].clone());
                run_node(isa, node, &types, inputs.collect(), manner)
            }
        };
        for (memory, ty) in computed.iter().zip(&node.types) {
            assert!(memory.is_intact(), "{}: {isa:?} writes beside {ty}", sample.describe());
        }
        values.push(computed);
    }
    graph.outputs.iter().map(|v| values[v.node as usize][v.out as usize].bytes().to_vec()).collect()
}

fn run_node(
    isa: Isa,
    node: &Node,
    types: &[TensorType],
    mut inputs: Vec<Memory>,
    manner: Manner,
) -> Vec<Memory> {
    let name = node.op.name();
    if node.op.is_view() {
        return vec![Memory::of(inputs[0].bytes(), 0)];
    }
    let mut cx = Lower::new(isa, types, &node.types);
    match &node.op {
        Op::Kernel(op) => op.cpu(&mut cx),
        Op::Fused(op) => op.cpu(&mut cx),
        op => unreachable!("{} does not run", op.name()),
    }
    .unwrap_or_else(|e| panic!("{name}: {e}"));
    let lowered = cx.lowered;
    let mut outputs: Vec<Memory> = node.types.iter().map(|t| Memory::new(t.bytes())).collect();
    let mut pointers: Vec<*mut u8> = outputs.iter_mut().map(Memory::pointer).collect();
    // One output in the place of one input, as the planner would put it.
    let fits = |&i: &usize| inputs[i].bytes().len() == outputs[0].bytes().len();
    let in_place = lowered.overwritable.iter().copied().find(fits).filter(|_| manner == Manner::Awkward);
    if let Some(i) = in_place {
        pointers[0] = inputs[i].pointer();
    }
    let operands: Vec<*const u8> = inputs.iter_mut().map(|m| m.pointer().cast_const()).collect();
    let mut temp = Memory::new(lowered.temp);
    for (spec, run) in &lowered.phases {
        for i in 0..spec.chunks {
            // From the last to the first, odd ones before even ones.
            let chunk = match manner {
                Manner::Plain => i,
                Manner::Awkward if i < spec.chunks / 2 => spec.chunks / 2 * 2 - 1 - 2 * i,
                Manner::Awkward => 2 * (spec.chunks - 1 - i),
            };
            let mut scratch = Memory::new(spec.scratch);
            let io = Io {
                inputs: &operands,
                outputs: &pointers,
                temp: temp.pointer(),
                scratch: scratch.pointer(),
            };
            run(&io, chunk).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(scratch.is_intact(), "{name}: {isa:?} writes beside its scratch memory");
        }
    }
    assert!(temp.is_intact(), "{name}: {isa:?} writes beside its temporary memory");
    if let Some(i) = in_place {
        outputs[0] = inputs[i].clone();
    }
    outputs
}

/// What an output's error is measured in: Σ|a||b| for sums of products, which is the oracle of
/// absolute values; the result itself for elementwise ops.
fn magnitudes(sample: &AnySample, oracle: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
    match sample.op {
        Op::Elementwise(_) => oracle.iter().map(|y| y.mapv(f64::abs)).collect(),
        _ => {
            let x: Vec<_> = sample.inputs.iter().map(|a| a.data.mapv(f64::abs)).collect();
            (sample.oracle)(&x).iter().map(|y| y.mapv(f64::abs)).collect()
        }
    }
}

/// Checks the outputs' bytes against the oracle; gives the number of elements, or what is wrong.
fn check(isa: Isa, sample: &AnySample, outputs: &[Vec<u8>]) -> Result<usize, String> {
    let x: Vec<_> = sample.inputs.iter().map(|a| a.data.clone()).collect();
    let oracle = (sample.oracle)(&x);
    let magnitudes = magnitudes(sample, &oracle);
    let types = sample.op.infer(&sample.types()).expect("a sample is valid");
    let mut checked = 0;
    for (out, ty) in types.iter().enumerate() {
        assert_eq!(outputs[out].len(), ty.bytes(), "{}: output {out}", sample.describe());
        // Integers wrap as they would in memory.
        let expected: Vec<f64> = match ty.dtype.is_float() {
            true => oracle[out].iter().copied().collect(),
            false => decode(ty.dtype, &encode(ty.dtype, oracle[out].iter().copied())),
        };
        let allowed = if ty.dtype.is_float() { sample.ulps * f64::from(f32::EPSILON) } else { 0.0 };
        let received = decode(ty.dtype, &outputs[out]);
        for (i, ((r, e), m)) in received.iter().zip(&expected).zip(&magnitudes[out]).enumerate() {
            let right = (r - e).abs() <= allowed * m || r == e || r.is_nan() && e.is_nan();
            if !right {
                let (what, bound) = (sample.describe(), allowed * m);
                return Err(format!(
                    "{what} on {isa:?}: element {i} of output {out} is {r}, expected {e} ± {bound}"
                ));
            }
        }
        checked += received.len();
    }
    Ok(checked)
}

#[test]
fn kernels_are_their_oracles_in_any_order() {
    let (mut runs, mut elements, mut wrong) = (0, 0, Vec::new());
    let available: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();
    for sample in &samples() {
        let graph = graph(sample);
        for &isa in &available {
            let outputs = run(isa, sample, &graph, Manner::Plain);
            match check(isa, sample, &outputs) {
                Ok(checked) => elements += checked,
                Err(what) => wrong.push(what),
            }
            if outputs != run(isa, sample, &graph, Manner::Awkward) {
                wrong.push(format!("{} on {isa:?}: the order of chunks shows", sample.describe()));
            }
            runs += 1;
        }
    }
    let shown: Vec<&str> = wrong.iter().take(30).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {runs} runs are wrong:\n{}", wrong.len(), shown.join("\n"));
    assert!(
        runs > 1000 * available.len() && elements > 100_000 * available.len(),
        "{runs} runs, {elements} elements"
    );
}
