#[cfg(test)]
mod checked;
#[cfg(test)]
pub(crate) use checked::samples;

use crate::elementwise::Ew;
use crate::gpu::{Program, Shade};
use crate::graph::{Graph, Node, Value};
use crate::lower::Lower;
use crate::operator::Operator;
use crate::ops::{Conv2d, Kernel, MatMul, Op};
use fovea_core::{Result, TensorType};
use fovea_kernels::gemm::{Activation, Epilogue, GemmSpec};

use super::Fused;

/// What a fused epilogue can follow.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Product {
    Conv2d(Conv2d),
    MatMul(MatMul),
}

/// A convolution or matrix product that adds a bias over its last axis (input 2, if there) and
/// applies an activation before it stores.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FusedProduct {
    product: Product,
    epilogue: Epilogue,
}

impl FusedProduct {
    pub fn name(&self) -> &'static str {
        match self.product {
            Product::Conv2d(_) => Conv2d::NAME,
            Product::MatMul(_) => MatMul::NAME,
        }
    }

    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        match &self.product {
            Product::Conv2d(op) => op.infer(&x[..2]),
            Product::MatMul(op) => op.infer(&x[..2]),
        }
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        match &self.product {
            Product::Conv2d(op) => op.lower(cx, self.epilogue),
            Product::MatMul(op) => op.lower(cx, self.epilogue),
        }
    }

    /// Writes the shaders of the product and its epilogue.
    pub fn gpu(&self, cx: &Shade) -> Option<Program> {
        match &self.product {
            Product::Conv2d(op) => op.shade(cx, self.epilogue),
            Product::MatMul(op) => op.shade(cx, self.epilogue),
        }
    }

    /// How many inputs it has.
    pub(super) fn inputs(&self) -> usize {
        2 + usize::from(self.epilogue.bias)
    }

    /// A matrix product of operands of types `x` as the kernels want it; `None` for a convolution.
    pub(super) fn gemm(&self, x: &[TensorType]) -> Option<GemmSpec> {
        match &self.product {
            Product::MatMul(op) => Some(op.lowered(&x[0].sizes(), &x[1].sizes(), self.epilogue)),
            Product::Conv2d(_) => None,
        }
    }

    /// The product that a node is, with what it already has of an epilogue.
    pub(super) fn of(op: &Op) -> Option<FusedProduct> {
        let bare = |product| {
            Some(FusedProduct { product, epilogue: Epilogue { bias: false, activation: Activation::None } })
        };
        match op {
            Op::Kernel(Kernel::Conv2d(op)) => bare(Product::Conv2d(*op)),
            Op::Kernel(Kernel::MatMul(op)) => bare(Product::MatMul(*op)),
            Op::Fused(Fused::Product(p)) => Some(p.clone()),
            _ => None,
        }
    }
}

/// Lets bias additions and activations join the product before them, where nothing else reads it.
pub(super) fn fuse(mut graph: Graph) -> Graph {
    let (uses, assigned) = (graph.uses(), graph.assigned());
    for i in (0..graph.nodes.len()).filter(|&i| !assigned[i]) {
        let node = &graph.nodes[i];
        let joined = match node.op {
            Op::Elementwise(Ew::Add) => {
                let [a, b] = [node.inputs[0], node.inputs[1]];
                add_bias(&graph, &uses, a, b).or_else(|| add_bias(&graph, &uses, b, a))
            }
            Op::Elementwise(Ew::Relu) => activate(&graph, &uses, node.inputs[0], Activation::Relu),
            Op::Elementwise(Ew::Relu6) => activate(&graph, &uses, node.inputs[0], Activation::Relu6),
            _ => None,
        };
        // Only if the addition did not broadcast the product itself.
        if let Some(joined) = joined.filter(|j| j.types == graph.nodes[i].types) {
            graph.nodes[i] = joined;
        }
    }
    graph
}

fn add_bias(graph: &Graph, uses: &[u32], product: Value, bias: Value) -> Option<Node> {
    let before = single_use(graph, uses, product)?;
    let mut fused = FusedProduct::of(&before.op)?;
    let ty = &before.types[0];
    let channels = *ty.shape.last()?;
    let fits = graph.ty(bias).shape.dims() == [channels];
    if !fits || fused.epilogue.bias || fused.epilogue.activation != Activation::None {
        return None;
    }
    fused.epilogue.bias = true;
    let inputs = before.inputs.iter().copied().chain([bias]).collect();
    Some(Node {
        op: Op::Fused(Fused::Product(fused)),
        inputs,
        types: before.types.clone(),
        origin: before.origin,
    })
}

fn activate(graph: &Graph, uses: &[u32], product: Value, activation: Activation) -> Option<Node> {
    let before = single_use(graph, uses, product)?;
    let mut fused = FusedProduct::of(&before.op)?;
    if fused.epilogue.activation != Activation::None {
        return None;
    }
    fused.epilogue.activation = activation;
    Some(Node { op: Op::Fused(Fused::Product(fused)), ..before.clone() })
}

fn single_use<'g>(graph: &'g Graph, uses: &[u32], v: Value) -> Option<&'g Node> {
    (uses[v.node as usize] == 1).then(|| &graph.nodes[v.node as usize])
}
