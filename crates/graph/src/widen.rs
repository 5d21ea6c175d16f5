//! bfloat16 where a device has no kernel for it: such an op is computed in float32, between casts that
//! run in the passes of the elementwise ops around them.

use crate::elementwise::Ew;
use crate::graph::{Graph, Node, Value};
use crate::ops::{Kernel, Op};
use fovea_core::{DType, TensorType};
use std::collections::HashMap;

/// Whether an op takes bfloat16 on every device: elements are computed one by one, or only moved.
pub(crate) fn everywhere(op: &Op) -> bool {
    match op {
        Op::Leaf(_) | Op::Constant(_) | Op::Elementwise(_) => true,
        Op::Kernel(kernel) => matches!(
            kernel,
            Kernel::BroadcastTo(_)
                | Kernel::Concat(_)
                | Kernel::Gather(_)
                | Kernel::Iota(_)
                | Kernel::Pad(_)
                | Kernel::Reshape(_)
                | Kernel::Slice(_)
                | Kernel::TakeAlong(_)
                | Kernel::Transpose(_)
        ),
        _ => false,
    }
}

/// Puts casts around the ops that read or write bfloat16 and that the device does not take as they are.
/// Each result is rounded as if the op had written bfloat16 itself. An op that the device does take reads past
/// casts to float32, if its results are float32 all the same.
pub(crate) fn widen(graph: Graph, takes: impl Fn(&Op) -> bool) -> Graph {
    let narrow = |ty: &TensorType| ty.dtype == DType::Bf16;
    if !graph.nodes.iter().any(|node| node.types.iter().any(narrow)) {
        return graph;
    }
    let mut wide = Widened { nodes: Vec::with_capacity(graph.nodes.len()), casts: HashMap::new() };
    let mut moved: Vec<Vec<Value>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let inputs = node.inputs.iter().map(|v| moved[v.node as usize][v.out as usize]);
        let reads = node.inputs.iter().map(|&v| graph.ty(v));
        let taken = takes(&node.op);
        if taken || !reads.chain(&node.types).any(narrow) {
            let inputs: Vec<Value> = inputs.collect();
            let before = if taken { wide.before_casts(node, &inputs) } else { None };
            moved.push(wide.push(Node { inputs: before.unwrap_or(inputs), ..node.clone() }));
            continue;
        }
        let inputs: Vec<Value> = inputs.map(|v| wide.cast(v, DType::Bf16, DType::F32, node.origin)).collect();
        let types =
            node.types.iter().map(|ty| if narrow(ty) { in_dtype(DType::F32, ty) } else { ty.clone() });
        let computed = wide.push(Node { inputs, types: types.collect(), ..node.clone() });
        let outputs = computed.into_iter().zip(&node.types);
        moved.push(outputs.map(|(v, ty)| wide.cast(v, DType::F32, ty.dtype, node.origin)).collect());
    }
    let mut graph = Graph { nodes: wide.nodes, ..graph };
    graph.map_results(|v| moved[v.node as usize][v.out as usize]);
    graph
}

fn in_dtype(dtype: DType, ty: &TensorType) -> TensorType {
    TensorType::new(dtype, ty.shape.clone())
}

/// The graph that is written, and the casts it has.
struct Widened {
    nodes: Vec<Node>,
    casts: HashMap<(Value, DType), Value>,
}

impl Widened {
    fn ty(&self, v: Value) -> &TensorType {
        &self.nodes[v.node as usize].types[v.out as usize]
    }

    /// Writes a node; gives its outputs.
    fn push(&mut self, node: Node) -> Vec<Value> {
        let (index, outputs) = (self.nodes.len() as u32, node.types.len() as u32);
        self.nodes.push(node);
        (0..outputs).map(|out| Value { node: index, out }).collect()
    }

    /// The operands of a kernel op without the casts from bfloat16 to float32 before them, if it has any and
    /// gives results of the same types.
    fn before_casts(&self, node: &Node, inputs: &[Value]) -> Option<Vec<Value>> {
        let before = |&v: &Value| match &self.nodes[v.node as usize] {
            cast if cast.op == Op::Elementwise(Ew::Cast(DType::F32)) => {
                Some(cast.inputs[0]).filter(|&x| self.ty(x).dtype == DType::Bf16)
            }
            _ => None,
        };
        if !matches!(node.op, Op::Kernel(_)) || !inputs.iter().any(|v| before(v).is_some()) {
            return None;
        }
        let narrow: Vec<Value> = inputs.iter().map(|v| before(v).unwrap_or(*v)).collect();
        let types: Vec<TensorType> = narrow.iter().map(|&v| self.ty(v).clone()).collect();
        (node.op.infer(&types).ok()? == node.types).then_some(narrow)
    }

    /// A value in dtype `to` if it is of dtype `from`; else as it is.
    fn cast(&mut self, v: Value, from: DType, to: DType, origin: u32) -> Value {
        if self.ty(v).dtype != from || from == to {
            return v;
        }
        if let Some(&known) = self.casts.get(&(v, to)) {
            return known;
        }
        let ty = in_dtype(to, self.ty(v));
        let cast = Node { op: Op::Elementwise(Ew::Cast(to)), inputs: vec![v], types: vec![ty], origin };
        let value = self.push(cast)[0];
        self.casts.insert((v, to), value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Builder, Sym};
    use crate::graph::{Leaf, LeafKind};
    use crate::ops::{LeadingMoments, MatMul};
    use fovea_core::Shape;

    #[test]
    fn a_value_that_two_ops_read_is_cast_once_and_elementwise_ops_stay() {
        let b = Builder::new();
        let ty = TensorType::new(DType::Bf16, Shape::of(&[3, 3]));
        let x = b.leaf(Leaf { kind: LeafKind::Input, ty });
        let product =
            |a: Sym<'_>, c: Sym<'_>| b.one(MatMul { transpose_a: false, transpose_b: false }, &[a, c]).value;
        let outputs = vec![product(x, x), product(x, x + 1.0)];
        let graph = widen(b.finish(outputs, vec![], None).unwrap(), everywhere);
        let names: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
        assert_eq!(names, ["leaf", "cast", "matmul", "cast", "constant", "add", "cast", "matmul", "cast"]);
        assert!(graph.outputs.iter().all(|&v| graph.ty(v).dtype == DType::Bf16));
    }

    #[test]
    fn what_gives_float32_all_the_same_reads_bfloat16_where_the_device_takes_it() {
        let b = Builder::new();
        let ty = TensorType::new(DType::Bf16, Shape::of(&[5, 3]));
        let x = b.leaf(Leaf { kind: LeafKind::Input, ty }).cast(DType::F32);
        let results = vec![x.apply(LeadingMoments { axes: 1 }).value, (x + 1.0).value];
        let graph = b.finish(results, vec![], None).unwrap();
        let names = |graph: &Graph| -> Vec<&str> { graph.nodes.iter().map(|node| node.op.name()).collect() };
        let reads = |graph: &Graph| graph.ty(graph.nodes[2].inputs[0]).dtype;
        let taken = widen(graph.clone(), |_| true);
        assert_eq!(names(&taken), ["leaf", "cast", "leadingMoments", "constant", "add"]);
        assert_eq!(reads(&taken), DType::Bf16);
        assert_eq!(reads(&widen(graph, everywhere)), DType::F32);
    }
}
