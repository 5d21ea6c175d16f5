//! A large matrix product and the elementwise ops that alone read it: the product is mapped block by
//! block in the cache and never reaches memory. So the weight gradient of a dense layer lives as long as
//! a block of it takes through the optimizer.

use super::{Fused, FusedProduct, Map};
use crate::explain::{self, Explanation};
use crate::graph::{Graph, Node, Value};
use crate::lower::Lower;
use crate::ops::Op;
use fovea_core::{Error, Result, TensorType};
use fovea_kernels::gemm::{GemmSpec, Mapped, MappedOperands};
use fovea_kernels::routine::Sizes;
use std::sync::Arc;

/// A product and a map of its shape. Inputs: those of the product, then those of the map but for the
/// product itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MappedProduct {
    product: FusedProduct,
    map: Arc<Map>,
    /// Which input of the map is the product.
    slot: usize,
}

impl MappedProduct {
    pub const NAME: &'static str = "matmulMap";

    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        self.product.infer(&x[..self.product.inputs()])?;
        Ok(self.map.types())
    }

    /// Inputs where outputs may lie: those of the map at the same place. A factor is read again and again.
    pub fn overwritable(&self) -> Vec<usize> {
        let others = (0..self.map.inputs.len()).filter(|&i| i != self.slot).enumerate();
        others.filter(|&(_, i)| self.map.aligned(i)).map(|(at, _)| self.product.inputs() + at).collect()
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let spec = self.spec(cx.input_types)?;
        let mapped = Mapped::new(cx.isa, spec, &self.map.program(cx)?, self.slot);
        explain::say(|| {
            let how = format!("{}, then {} elementwise steps", mapped.product().how(), self.map.steps.len());
            Explanation { op: Self::NAME, sizes: &spec, floats: spec.floats, how: &how }
                .line(cx.isa, mapped.product())
        });
        cx.lowered.flops = spec.work();
        self.overwritable().into_iter().for_each(|i| cx.may_overwrite(i));
        let first = self.product.inputs();
        cx.routine(mapped.phases().to_vec(), mapped.temp(), move |phase, chunk, io| {
            let (of_product, loads) = io.inputs.split_at(first);
            let at = MappedOperands {
                factors: [of_product[0].cast(), of_product[1].cast()],
                bias: of_product.get(2).map_or(std::ptr::null(), |bias| bias.cast()),
                loads,
                stores: io.outputs,
                temp: io.temp,
                scratch: io.scratch,
            };
            // SAFETY: the plan gives an operand of the declared type for each input and output; fusion
            // saw to it that no output lies where a factor or the bias does.
            unsafe { mapped.run(phase, chunk, &at) }
        });
        Ok(())
    }

    fn spec(&self, x: &[TensorType]) -> Result<GemmSpec> {
        self.product.gemm(x).ok_or_else(|| Error::internal("a mapped product is no matrix product"))
    }
}

/// Joins each map with a product of at least so many elements, if nothing else reads that.
pub(super) fn fuse(mut graph: Graph, least_elements: usize) -> Graph {
    let uses = graph.uses();
    for i in 0..graph.nodes.len() {
        let Op::Fused(Fused::Map(map)) = &graph.nodes[i].op else { continue };
        // The totals of a map are those of all its strips, and blocks come in another order.
        let joins = map.shape.iter().product::<usize>() >= least_elements
            && map.results.iter().all(|output| output.total.is_none());
        let slots = (0..map.inputs.len()).filter(|_| joins);
        let joined = slots.into_iter().find_map(|slot| join(&graph, &uses, i, map, slot));
        if let Some(joined) = joined {
            graph.nodes[i] = joined;
        }
    }
    graph
}

/// Map `i` and the product that is its input `slot` as one node.
fn join(graph: &Graph, uses: &[u32], i: usize, map: &Arc<Map>, slot: usize) -> Option<Node> {
    let node = &graph.nodes[i];
    let read = node.inputs[slot];
    let before = &graph.nodes[read.node as usize];
    let product = FusedProduct::of(&before.op)?;
    let x: Vec<TensorType> = before.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let suits = uses[read.node as usize] == 1
        && map.aligned(slot)
        && Mapped::suits(&product.gemm(&x)?)
        && !writes_over(graph, i, slot, &before.inputs);
    let others = node.inputs.iter().enumerate().filter(|&(k, _)| k != slot).map(|(_, &v)| v);
    suits.then(|| Node {
        op: Op::Fused(Fused::Mapped(Arc::new(MappedProduct { product, map: map.clone(), slot }))),
        inputs: before.inputs.iter().copied().chain(others).collect(),
        types: node.types.clone(),
        origin: before.origin,
    })
}

/// Whether map `i` might write where one of these values lies: over another of its own inputs, or into
/// a variable.
fn writes_over(graph: &Graph, i: usize, slot: usize, values: &[Value]) -> bool {
    let node = &graph.nodes[i];
    let assigned = graph.assigns.iter().filter(|a| a.value.node as usize == i);
    let variables = assigned.filter_map(|a| graph.leaf_value(a.leaf));
    let inputs = node.inputs.iter().enumerate().filter(|&(k, _)| k != slot).map(|(_, &v)| v);
    let written: Vec<Value> = inputs.chain(variables).map(|v| behind_views(graph, v)).collect();
    values.iter().any(|&v| written.contains(&behind_views(graph, v)))
}

/// The value whose memory this one is.
fn behind_views(graph: &Graph, mut v: Value) -> Value {
    while graph.nodes[v.node as usize].op.is_view() {
        v = graph.nodes[v.node as usize].inputs[0];
    }
    v
}
