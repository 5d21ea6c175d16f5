//! Behind max pooling, one output of each window alone has a gradient in each channel: the gradients of the convolution
//! before it are taken from those winners, and what is zero else is never written.

use super::{Fused, FusedProduct};
use crate::explain::Explanation;
use crate::graph::{Graph, Node, Value};
use crate::lower::Lower;
use crate::operator::Operator;
use crate::ops::{Conv2dInputGrad, Conv2dKernelGrad, Kernel, MaxPool2dGrad, Op};
use crate::target::{Cpu, Target};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::conv::{self, PooledShape, WinnersAlone};
use fovea_kernels::gemm::Epilogue;
use fovea_kernels::routine::Floats;

/// Which gradient of a convolution.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ConvGrad {
    /// And what follows it.
    Input(Conv2dInputGrad, Epilogue),
    Kernel(Conv2dKernelGrad),
}

/// A gradient of a convolution that max pooling follows. The gradient of the pooled values stands where that of the
/// convolution's output would; the last input is the pooling's index.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PooledGrad {
    of: ConvGrad,
    pool: MaxPool2dGrad,
    /// How many nodes would read the gradient of pooling: if all of them pass it by, it is not made.
    readers: u32,
}

impl ConvGrad {
    /// Which input is the gradient of the convolution's output.
    fn gradient(&self) -> usize {
        match self {
            ConvGrad::Input(..) => 0,
            ConvGrad::Kernel(_) => 1,
        }
    }
}

impl PooledGrad {
    pub fn name(&self) -> &'static str {
        match self.of {
            ConvGrad::Input(..) => Conv2dInputGrad::NAME,
            ConvGrad::Kernel(_) => Conv2dKernelGrad::NAME,
        }
    }

    /// The first two inputs as they would be without pooling.
    fn dense(&self, x: &[TensorType]) -> Result<[TensorType; 2]> {
        let (mut inputs, gradient) = ([x[0].clone(), x[1].clone()], self.of.gradient());
        let pooled = [inputs[gradient].clone(), x[x.len() - 1].clone()];
        inputs[gradient] = self.pool.infer(&pooled)?.remove(0);
        Ok(inputs)
    }

    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let inputs = self.dense(x)?;
        match &self.of {
            ConvGrad::Input(op, _) => op.infer(&inputs),
            ConvGrad::Kernel(op) => op.infer(&inputs),
        }
    }

    /// The sizes, if it can be computed so.
    fn shape(&self, x: &[TensorType], y: &TensorType) -> Option<PooledShape> {
        let [a, b] = self.dense(x).ok()?.map(|ty| ty.sizes());
        let (conv, gradient) = match &self.of {
            ConvGrad::Input(op, _) => (op.conv().lowered(&y.sizes(), &b, &a), &a),
            ConvGrad::Kernel(op) => (op.conv().lowered(&a, &y.sizes(), &b), &b),
        };
        let pool = self.pool.window().lowered(gradient, &x[self.of.gradient()].sizes());
        PooledShape::new(conv, pool)
    }

    /// What it takes on a CPU, beside the dense sum.
    pub(crate) fn estimate(&self, cpu: &Cpu, shape: &PooledShape) -> WinnersAlone {
        let estimate = match self.of {
            ConvGrad::Input(..) => WinnersAlone::input_grad,
            ConvGrad::Kernel(_) => WinnersAlone::kernel_grad,
        };
        estimate(cpu.isa, cpu.precision, shape).sparing(1.0 / f64::from(self.readers), shape)
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let shape = self.shape(cx.input_types, &cx.output_types[0]);
        let shape = shape.ok_or_else(|| Error::internal(format!("{} of other sizes", self.name())))?;
        let (routine, epilogue) = match self.of {
            ConvGrad::Input(_, epilogue) => (conv::pooled_input_grad(cx.isa, &shape, epilogue), epilogue),
            ConvGrad::Kernel(_) => (conv::pooled_kernel_grad(cx.isa, &shape), Epilogue::default()),
        };
        let how = self.estimate(&cx.device(), &shape);
        let explanation = Explanation { op: self.name(), sizes: &shape, floats: Floats::F32, how: &how };
        let winners = cx.input_types.len() - 1;
        // SAFETY: the operands have the sizes of `shape`, which was made from their types.
        unsafe { cx.planned(&explanation, epilogue, Some(winners), routine) };
        cx.may_overwrite_beside(epilogue);
        Ok(())
    }
}

/// Takes gradients from winners alone wherever the target gains by it. Nothing may join their epilogues afterwards.
pub(super) fn fuse<T: Target>(mut graph: Graph, target: &T) -> Graph {
    let uses = graph.uses();
    for i in 0..graph.nodes.len() {
        if let Some(node) = pooled(&graph, &uses, &graph.nodes[i], target) {
            graph.nodes[i] = node;
        }
    }
    graph
}

fn pooled<T: Target>(graph: &Graph, uses: &[u32], node: &Node, target: &T) -> Option<Node> {
    let of = FusedProduct::of(&node.op)?.conv_grad()?;
    let gradient = of.gradient();
    let before = &graph.nodes[node.inputs[gradient].node as usize];
    let Op::Kernel(Kernel::MaxPool2dGrad(pool)) = &before.op else { return None };
    let &[values, index] = &before.inputs[..] else { return None };
    // Of other numbers nobody knows whether they are places in their windows.
    let from = &graph.nodes[index.node as usize].op;
    let own = matches!(from, Op::Kernel(Kernel::MaxPool2d(from)) if from.window() == pool.window());
    let mut inputs: Vec<Value> = node.inputs.clone();
    inputs[gradient] = values;
    inputs.push(index);
    let x: Vec<TensorType> = inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    let plain = x[..2].iter().chain(&node.types).all(|ty| ty.dtype == DType::F32);
    let readers = uses[node.inputs[gradient].node as usize];
    let grad = PooledGrad { of, pool: *pool, readers };
    let shape = grad.shape(&x, &node.types[0]).filter(|_| own && plain)?;
    let op = Op::Fused(Fused::Pooled(grad.clone()));
    target.takes_winners_alone(&grad, &shape).then(|| Node { op, inputs, ..node.clone() })
}
