#[cfg(test)]
mod checked;
#[cfg(test)]
pub(crate) use checked::samples;

use crate::elementwise::Ew;
use crate::gpu::{Program, Shade};
use crate::graph::{Graph, Node, Value};
use crate::lower::{Lower, float, operands};
use crate::operator::Operator;
use crate::ops::{Conv2d, Conv2dInputGrad, Conv2dKernelGrad, Kernel, MatMul, Op, axes};
use crate::target::Cpu;
use fovea_core::{DType, Result, TensorType};
use fovea_kernels::conv::{Algorithm, Choice};
use fovea_kernels::gemm::{Activation, Epilogue, Gate, GemmSpec};
use fovea_kernels::routine::{Float, Floats};

use super::Fused;
use super::pooled::ConvGrad;

/// What a fused epilogue can follow: bias and activation the first two alone, tensors not the last.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Product {
    Conv2d(Conv2d),
    MatMul(MatMul),
    InputGrad(Conv2dInputGrad),
    KernelGrad(Conv2dKernelGrad),
}

/// A convolution, a gradient of one or a matrix product and what it does before it stores: it adds a bias over
/// its last axis and a tensor like its result, applies an activation, and is gated by what another one gave;
/// the operands of all this are inputs 2 and on. Mean and variance of its channels, if it finds them, are outputs 1
/// and 2. Or one of bfloat16 whose sums are stored as float32.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FusedProduct {
    product: Product,
    epilogue: Epilogue,
    /// Whether the result is float32 whatever the operands are.
    wide: bool,
}

impl FusedProduct {
    pub fn name(&self) -> &'static str {
        match self.product {
            Product::Conv2d(_) => Conv2d::NAME,
            Product::MatMul(_) => MatMul::NAME,
            Product::InputGrad(_) => Conv2dInputGrad::NAME,
            Product::KernelGrad(_) => Conv2dKernelGrad::NAME,
        }
    }

    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let mut types = match &self.product {
            Product::Conv2d(op) => op.infer(&x[..2]),
            Product::MatMul(op) => op.infer(&x[..2]),
            Product::InputGrad(op) => op.infer(&x[..2]),
            Product::KernelGrad(op) => op.infer(&x[..2]),
        }?;
        if self.wide {
            types.iter_mut().for_each(|ty| ty.dtype = DType::F32);
        }
        if self.epilogue.moments {
            let leading: Vec<usize> = (0..types[0].rank() - 1).collect();
            let moment = TensorType::new(DType::F32, axes::kept(&types[0].shape, &leading));
            types.extend([moment.clone(), moment]);
        }
        Ok(types)
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        match &self.product {
            Product::Conv2d(op) => op.lower(cx, self.epilogue),
            Product::MatMul(op) => op.lower(cx, self.epilogue),
            Product::InputGrad(op) => op.lower(cx, self.epilogue),
            Product::KernelGrad(op) => op.cpu(cx),
        }
    }

    /// Writes the shaders of the product and its epilogue, unless that reads tensors like the result or finds moments:
    /// such are not fused for a GPU.
    pub fn gpu(&self, cx: &Shade) -> Option<Program> {
        if self.epilogue.reads() || self.epilogue.moments {
            return None;
        }
        match &self.product {
            Product::Conv2d(op) => op.shade(cx, self.epilogue),
            Product::MatMul(op) => op.shade(cx, self.epilogue),
            Product::InputGrad(op) => op.gpu(cx),
            Product::KernelGrad(op) => op.gpu(cx),
        }
    }

    /// How many inputs it has.
    pub(super) fn inputs(&self) -> usize {
        2 + operands(self.epilogue).into_iter().flatten().count()
    }

    /// A matrix product of operands of types `x` as the kernels want it; `None` for another product.
    pub(super) fn gemm(&self, x: &[TensorType]) -> Option<GemmSpec> {
        match &self.product {
            Product::MatMul(op) => {
                let inputs = float(&x[0]);
                let output = if self.wide { Float::F32 } else { inputs };
                let spec = op.lowered(&x[0].sizes(), &x[1].sizes(), self.epilogue);
                Some(GemmSpec { floats: Floats { inputs, output }, ..spec })
            }
            _ => None,
        }
    }

    /// The product that a node is, with what it already has of an epilogue.
    pub(super) fn of(op: &Op) -> Option<FusedProduct> {
        let bare = |product| Some(FusedProduct { product, epilogue: Epilogue::default(), wide: false });
        match op {
            Op::Kernel(Kernel::Conv2d(op)) => bare(Product::Conv2d(*op)),
            Op::Kernel(Kernel::MatMul(op)) => bare(Product::MatMul(*op)),
            Op::Kernel(Kernel::Conv2dInputGrad(op)) => bare(Product::InputGrad(*op)),
            Op::Kernel(Kernel::Conv2dKernelGrad(op)) => bare(Product::KernelGrad(*op)),
            Op::Fused(Fused::Product(p)) => Some(p.clone()),
            _ => None,
        }
    }

    /// The gradient of a convolution that it is, if its result has the dtype of its operands.
    pub(super) fn conv_grad(&self) -> Option<ConvGrad> {
        match &self.product {
            Product::InputGrad(op) if !self.wide => Some(ConvGrad::Input(*op, self.epilogue)),
            Product::KernelGrad(op) if !self.wide => Some(ConvGrad::Kernel(*op)),
            _ => None,
        }
    }

    /// Whether a bias or an activation may still follow.
    fn is_open(&self) -> bool {
        let product = matches!(self.product, Product::Conv2d(_) | Product::MatMul(_));
        product && !self.wide && self.epilogue.activation == Activation::None
    }

    /// A convolution of operands of types `x` that finds the moments of its channels too: of float32, and if no tensor
    /// joins its result.
    pub(super) fn with_moments(self, x: &[TensorType]) -> Option<FusedProduct> {
        let plain =
            x.iter().all(|ty| ty.dtype == DType::F32) && !self.epilogue.reads() && !self.epilogue.moments;
        let epilogue = Epilogue { moments: true, ..self.epilogue };
        (matches!(self.product, Product::Conv2d(_)) && plain).then_some(FusedProduct { epilogue, ..self })
    }

    /// Whether a CPU computes its result `y` by an algorithm that can find moments.
    pub(crate) fn finds_moments(&self, cpu: Cpu, x: &[TensorType], y: &TensorType) -> bool {
        let Product::Conv2d(op) = &self.product else { return false };
        let shape = op.lowered(&x[0].sizes(), &x[1].sizes(), &y.sizes());
        Choice::forward(cpu.isa, cpu.precision, &shape, Float::F32).algorithm == Algorithm::Direct
    }

    /// With one more operand or activation at the end of its epilogue, if it can have that.
    pub(super) fn then(&self, next: Next) -> Option<FusedProduct> {
        let Epilogue { addend, activation, gate, .. } = self.epilogue;
        let free = activation == Activation::None && gate == Gate::None;
        let epilogue = match next {
            Next::Addend if free && !addend => Epilogue { addend: true, ..self.epilogue },
            Next::Activation(activation) if free => Epilogue { activation, ..self.epilogue },
            Next::Gate(gate) if free => Epilogue { gate, ..self.epilogue },
            _ => return None,
        };
        let takes = !matches!(self.product, Product::KernelGrad(_));
        takes.then(|| FusedProduct { epilogue, ..self.clone() })
    }
}

/// What may join an epilogue at its end.
#[derive(Clone, Copy)]
pub(super) enum Next {
    Addend,
    Activation(Activation),
    Gate(Gate),
}

/// Lets bias additions, activations and casts to float32 join the product before them, where nothing else
/// reads it.
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
            Op::Elementwise(Ew::Cast(DType::F32)) => keep_wide(&graph, &uses, node.inputs[0]),
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
    if !fits || fused.epilogue.bias || !fused.is_open() {
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
    if !fused.is_open() {
        return None;
    }
    fused.epilogue.activation = activation;
    Some(Node { op: Op::Fused(Fused::Product(fused)), ..before.clone() })
}

/// Sums are float32: rounded to bfloat16, they would only lose digits before they are cast.
fn keep_wide(graph: &Graph, uses: &[u32], product: Value) -> Option<Node> {
    let before = single_use(graph, uses, product)?;
    let mut fused = FusedProduct::of(&before.op)?;
    let ty = &before.types[0];
    if ty.dtype != DType::Bf16 {
        return None;
    }
    fused.wide = true;
    let types = vec![TensorType::new(DType::F32, ty.shape.clone())];
    Some(Node { op: Op::Fused(Fused::Product(fused)), types, ..before.clone() })
}

fn single_use<'g>(graph: &'g Graph, uses: &[u32], v: Value) -> Option<&'g Node> {
    (uses[v.node as usize] == 1).then(|| &graph.nodes[v.node as usize])
}
