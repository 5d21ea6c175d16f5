//! From a graph to a plan: the phases in the order they run, and where every value lies.

mod anew;
mod assemble;
mod layout;
mod prepare;
mod schedule;
mod settle;

use crate::dependence::Dependence;
use crate::elementwise::Ew;
use crate::fuse::fuse;
use crate::graph::{Graph, Leaf, Node, Value};
use crate::lower::{CpuWork, Lowered, Phase};
use crate::ops::Op;
use crate::target::Target;
use fovea_core::{DType, Result, TensorType};
use prepare::Preparation;
pub use prepare::Prepared;

/// Where a [`Loc`] lies when a plan runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// At a byte offset in the arena, aligned as the target wants.
    Arena(usize),
    /// The buffer that the run is given for a leaf.
    Leaf(u32),
    /// The buffer that becomes output `k`.
    Output(u32),
    /// The new contents of the variable behind assignment `k`.
    Assigned(u32),
    /// At a byte offset in what runs keep of [`Prepared`] phases, aligned as the target wants.
    Kept(usize),
}

/// What lies in a place of a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// In the device's memory.
    pub bytes: usize,
    /// Of the values; `None` where phases share memory.
    pub dtype: Option<DType>,
}

/// A variable that a plan writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Write {
    pub leaf: u32,
    /// Whether the old contents may be overwritten: everything that reads them runs before. If not,
    /// the new contents need a buffer of their own.
    pub in_place: bool,
}

/// What a device runs: phases in order, and where their operands lie. Plain data but for what the
/// phases do; it can be run many times, by one run at a time.
pub struct Plan<W> {
    pub phases: Vec<Phase<W>>,
    /// By [`Loc`](crate::lower::Loc).
    pub places: Vec<Place>,
    /// By [`Loc`](crate::lower::Loc): what lies there.
    pub extents: Vec<Extent>,
    pub arena_bytes: usize,
    /// What need not run again while variables stay as they are.
    pub prepared: Prepared,
    pub leaves: Vec<Leaf>,
    pub outputs: Vec<TensorType>,
    pub writes: Vec<Write>,
    /// The first phase that writes a variable: a run that fails before it changed nothing.
    pub first_write: usize,
    /// Whether there is a loss that must be finite before any variable is written.
    pub guarded: bool,
}

impl Plan<CpuWork> {
    /// The most scratch a chunk needs, in bytes.
    pub fn scratch_bytes(&self) -> usize {
        self.phases.iter().map(|p| p.work.scratch).max().unwrap_or(0)
    }

    /// Bytes of a phase's inputs and outputs. What is written over is counted twice: read and written.
    pub fn bytes(&self, phase: &Phase<CpuWork>) -> usize {
        let mut operands = phase.inputs.clone();
        operands.sort_unstable();
        operands.dedup();
        operands.iter().chain(&phase.outputs).map(|at| self.extents[at.0 as usize].bytes).sum()
    }

    /// Roughly how many floating-point operations a run is from a phase on.
    pub fn cost(&self, first: usize) -> f64 {
        self.phases[first..].iter().map(|p| p.work.cost).sum()
    }
}

impl<W> std::fmt::Debug for Plan<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plan({} phases, {} arena bytes)", self.phases.len(), self.arena_bytes)
    }
}

/// Compiles a graph for a device.
pub fn compile<T: Target>(graph: Graph, target: &T) -> Result<Plan<T::Work>> {
    let draft = Draft::of(fuse(settle::settle(graph), target), target)?;
    let remade = anew::remade(&draft.graph, &draft.lowered);
    let plan = draft.plan(target)?;
    let Some(remade) = remade.filter(|remade| remade.may_pay(&plan)) else { return Ok(plan) };
    let leaner = Draft::of(remade.graph, target)?.plan(target)?;
    Ok(if anew::pays(&plan, &leaner) { leaner } else { plan })
}

/// A graph whose nodes are lowered.
struct Draft<W> {
    graph: Graph,
    /// Where what stays as it is from run to run can be kept.
    dependence: Option<Dependence>,
    lowered: Vec<Lowered<W>>,
}

impl<W> Draft<W> {
    fn of<T: Target<Work = W>>(graph: Graph, target: &T) -> Result<Draft<W>> {
        let dependence = target.keeps().then(|| Dependence::of(&graph));
        let lasting = |i| dependence.as_ref().map_or(vec![], |on| on.lasting_inputs(&graph, i));
        let lower = |(i, node)| lower(&graph, node, &lasting(i), target);
        let lowered = graph.nodes.iter().enumerate().map(lower).collect::<Result<_>>()?;
        Ok(Draft { graph, dependence, lowered })
    }

    fn plan<T: Target<Work = W>>(self, target: &T) -> Result<Plan<W>> {
        let Draft { graph, dependence, lowered } = self;
        let roots = roots(&graph);
        let preparation = match &dependence {
            Some(on) => Preparation::of(&graph, &roots, on, &lowered),
            None => Preparation::none(&graph),
        };
        let schedule = schedule::schedule(&graph, &roots)?;
        Ok(assemble::assemble(graph, lowered, &roots, schedule, &preparation, target))
    }
}

fn lower<T: Target>(graph: &Graph, node: &Node, lasting: &[bool], target: &T) -> Result<Lowered<T::Work>> {
    let inputs: Vec<TensorType> = node.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    target.lower(&node.op, &inputs, &node.types, lasting).map_err(|e| e.at(node.origin))
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

/// The name of the phase that tests the loss.
pub const GUARD: &str = "guard";

/// An op that gives its operand as it is, in memory of its own.
const COPY: Op = Op::Elementwise(Ew::StopGradient);

/// Whether this is a leaf, whose memory is not the plan's.
fn is_leaf(graph: &Graph, v: Value) -> bool {
    matches!(graph.nodes[v.node as usize].op, Op::Leaf(_))
}
