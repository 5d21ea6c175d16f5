//! Every kernel on every instruction set of this machine against the f64 oracle, with its chunks
//! in order and shuffled.

use super::check::{check, fused};
use super::memory::{Memory, encode};
use super::samples;
use crate::checked::AnySample;
use crate::graph::{Graph, Node};
use crate::lower::{Io, Lower};
use crate::ops::Op;
use crate::target::Cpu;
use fovea_core::TensorType;
use fovea_kernels::isa::Isa;

/// How a plan could run a graph: the results must be the same bits.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    /// Chunks in order, everything in memory of its own that is aligned to cache lines.
    Plain,
    /// Chunks in another order, leaves aligned to their elements only, and outputs where inputs
    /// lie if the op allows it.
    Awkward,
}

/// The bytes of the sample's outputs.
pub(super) fn run(isa: Isa, sample: &AnySample, graph: &Graph, manner: Manner) -> Vec<Vec<u8>> {
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
    let mut cx = Lower::new(Cpu::new(isa), types, &node.types);
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
    let fits = |&i: &usize| {
        let (x, y) = (&types[i], &node.types[0]);
        x.bytes() == y.bytes() && x.dtype.size() == y.dtype.size()
    };
    let in_place = lowered.overwritable.iter().copied().find(fits).filter(|_| manner == Manner::Awkward);
    if let Some(i) = in_place {
        pointers[0] = inputs[i].pointer();
    }
    let operands: Vec<*const u8> = inputs.iter_mut().map(|m| m.pointer().cast_const()).collect();
    let mut temp = Memory::new(lowered.temp);
    for work in &lowered.work {
        for i in 0..work.chunks {
            // From the last to the first, odd ones before even ones.
            let chunk = match manner {
                Manner::Plain => i,
                Manner::Awkward if i < work.chunks / 2 => work.chunks / 2 * 2 - 1 - 2 * i,
                Manner::Awkward => 2 * (work.chunks - 1 - i),
            };
            let mut scratch = Memory::new(work.scratch);
            let io = Io {
                inputs: &operands,
                outputs: &pointers,
                temp: temp.pointer(),
                scratch: scratch.pointer(),
            };
            (work.run)(&io, chunk).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(scratch.is_intact(), "{name}: {isa:?} writes beside its scratch memory");
        }
    }
    assert!(temp.is_intact(), "{name}: {isa:?} writes beside its temporary memory");
    if let Some(i) = in_place {
        outputs[0] = inputs[i].clone();
    }
    outputs
}

#[test]
fn kernels_are_their_oracles_in_any_order() {
    let (mut runs, mut elements, mut wrong) = (0, 0, Vec::new());
    let available: Vec<Isa> = Isa::ALL.into_iter().filter(|isa| isa.is_available()).collect();
    for sample in &samples() {
        let graph = fused(sample, &Cpu::new(Isa::Portable));
        for &isa in &available {
            let outputs = run(isa, sample, &graph, Manner::Plain);
            match check(&format!("{isa:?}"), sample, &outputs) {
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
