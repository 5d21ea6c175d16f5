//! From a graph to a plan: the phases in the order they run, and where every value lies.

mod memory;
mod schedule;
mod settle;

use crate::elementwise::Ew;
use crate::fuse::fuse;
use crate::graph::{Graph, Leaf, Node, Value};
use crate::lower::{Io, Loc, Lower, Lowered, Phase};
use crate::ops::Op;
use fovea_core::{Code, Error, Result, TensorType};
use fovea_kernels::isa::Isa;

/// Where a [`Loc`] lies when a plan runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At a byte offset in the arena, aligned to 64.
    Arena(usize),
    /// The buffer that the run is given for a leaf.
    Leaf(u32),
    /// The buffer that becomes output `k`.
    Output(u32),
    /// The new contents of the variable behind assignment `k`.
    Assigned(u32),
}

/// A variable that a plan writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Write {
    pub leaf: u32,
    /// Whether the old contents may be overwritten: everything that reads them runs before. If not,
    /// the new contents need a buffer of their own.
    pub in_place: bool,
}

/// What a device runs: phases in order, and where their operands lie. Plain data but for the
/// phases' functions; it can be run many times, by one run at a time.
pub struct Plan {
    pub phases: Vec<Phase>,
    /// By [`Loc`].
    pub places: Vec<Place>,
    pub arena_bytes: usize,
    /// The most scratch a chunk needs, in bytes.
    pub scratch_bytes: usize,
    pub leaves: Vec<Leaf>,
    pub outputs: Vec<TensorType>,
    pub writes: Vec<Write>,
    /// The first phase that writes a variable: a run that fails before it changed nothing.
    pub first_write: usize,
    /// Roughly how many floating-point operations a run is.
    pub cost: f64,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({} phases, {} arena bytes)", self.phases.len(), self.arena_bytes)
    }
}

/// Compiles a graph for a CPU.
pub fn compile(graph: Graph, isa: Isa) -> Result<Plan> {
    let graph = fuse(settle::settle(graph));
    let lowered = graph.nodes.iter().map(|n| lower(&graph, n, isa)).collect::<Result<Vec<_>>>()?;
    let roots = roots(&graph);
    let schedule = schedule::schedule(&graph, &roots)?;
    Ok(memory::lay_out(graph, lowered, &roots, schedule))
}

fn lower(graph: &Graph, node: &Node, isa: Isa) -> Result<Lowered> {
    let inputs: Vec<TensorType> = node.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let mut cx = Lower::new(isa, &inputs, &node.types);
    match &node.op {
        Op::Leaf(_) => Ok(()),
        Op::Kernel(op) => op.cpu(&mut cx),
        Op::Fused(op) => op.cpu(&mut cx),
        Op::Constant(_) | Op::Elementwise(_) | Op::Composite(_) | Op::Grad(_) => {
            Err(Error::internal(format!("{} reached lowering", node.op.name())))
        }
    }
    .map_err(|e| e.at(node.origin))?;
    Ok(cx.lowered)
}

/// For each node, the value whose memory its output 0 is.
fn roots(graph: &Graph) -> Vec<Value> {
    let mut roots: Vec<Value> = Vec::with_capacity(graph.nodes.len());
    for (i, node) in graph.nodes.iter().enumerate() {
        let own = Value { node: i as u32, out: 0 };
        roots.push(if node.op.is_view() { root(&roots, node.inputs[0]) } else { own });
    }
    roots
}

fn root(roots: &[Value], v: Value) -> Value {
    if v.out == 0 { roots[v.node as usize] } else { v }
}

/// The phase that ends a run whose loss is not finite, before any variable is written.
fn guard_phase(loss: Loc, origin: u32) -> Phase {
    let run = |io: &Io, _| {
        // SAFETY: the guard is one float32, as the import of the graph checked.
        let loss = unsafe { *io.input::<f32>(0) };
        if loss.is_finite() {
            return Ok(());
        }
        Err(Error::new(Code::NotFinite, format!("the loss is {loss}")))
    };
    Phase {
        name: "guard",
        origin,
        chunks: 1,
        scratch: 0,
        cost: 1.0,
        inputs: vec![loss],
        outputs: vec![],
        temp: None,
        results: vec![],
        run: Box::new(run),
    }
}

/// An op that gives its operand as it is, in memory of its own.
const COPY: Op = Op::Elementwise(Ew::StopGradient);

/// Whether this is a leaf, whose memory is not the plan's.
fn is_leaf(graph: &Graph, v: Value) -> bool {
    matches!(graph.nodes[v.node as usize].op, Op::Leaf(_))
}
