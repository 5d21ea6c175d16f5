//! Every op. Kernel ops have a folder each and one line in the list below; elementwise ops are a
//! line in `elementwise.rs`, composites a function in `compose.rs`.

pub mod attribute;
pub(crate) mod axes;
pub(crate) mod movement;
pub(crate) mod pooling;
pub(crate) mod random;
pub(crate) mod shade;
pub(crate) mod split;
pub(crate) mod window;

use crate::autodiff::{GradOp, VjpOp};
use crate::compose::Composite;
use crate::elementwise::{Ew, Scalar};
use crate::fuse::Fused;
use crate::operator::ops;
use fovea_core::{Error, Result, TensorType};

pub use reduce::ReduceKind;
pub use window::Padding;

ops! {
    add_along::AddAlong,
    arg_reduce::ArgReduce,
    arg_sort::ArgSort,
    avg_pool2d::AvgPool2d,
    avg_pool2d_grad::AvgPool2dGrad,
    broadcast_to::BroadcastTo,
    concat::Concat,
    conv2d::Conv2d,
    conv2d_input_grad::Conv2dInputGrad,
    conv2d_kernel_grad::Conv2dKernelGrad,
    cumsum::Cumsum,
    gather::Gather,
    iota::Iota,
    leading_moments::LeadingMoments,
    mat_mul::MatMul,
    max_pool2d::MaxPool2d,
    max_pool2d_grad::MaxPool2dGrad,
    max_pool2d_take::MaxPool2dTake,
    one_hot::OneHot,
    pad::Pad,
    pick::Pick,
    pick_grad::PickGrad,
    random_bernoulli::RandomBernoulli,
    random_bits::RandomBits,
    random_normal::RandomNormal,
    random_truncated_normal::RandomTruncatedNormal,
    random_uniform::RandomUniform,
    reduce::Reduce,
    reshape::Reshape,
    resize::Resize,
    resize_grad::ResizeGrad,
    scatter_add::ScatterAdd,
    slice::Slice,
    take_along::TakeAlong,
    transpose::Transpose,
}

/// Whatever a node can be.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// What a run is given, by its number.
    Leaf(u32),
    /// A number of rank 0, known at compile time.
    Constant(Scalar),
    Elementwise(Ew),
    Kernel(Kernel),
    /// Stands for other ops and is expanded when the graph is built.
    Composite(Composite),
    /// Gradients of input 0 with respect to the others; expanded when the graph is built.
    Grad(GradOp),
    /// What a gradient of input 0, input 1, contributes to those of the others; expanded likewise.
    Vjp(VjpOp),
    /// Made by fusion, after autodiff: has no gradient.
    Fused(Fused),
}

impl Op {
    /// The op of a name and its attributes in JSON, as TypeScript writes them.
    pub fn parse(name: &str, json: &str) -> Result<Op> {
        if let Some(op) = Ew::parse(name, json) {
            return op.map(Op::Elementwise);
        }
        if let Some(op) = Kernel::parse(name, json) {
            return op.map(Op::Kernel);
        }
        if let Some(op) = Composite::parse(name, json) {
            return op.map(Op::Composite);
        }
        match name {
            GradOp::NAME => Ok(Op::Grad(GradOp)),
            VjpOp::NAME => Ok(Op::Vjp(VjpOp)),
            _ => Err(Error::argument(format!("there is no op '{name}'"))),
        }
    }

    /// Whether the output is the input's memory seen in another shape.
    pub fn is_view(&self) -> bool {
        matches!(self, Op::Kernel(Kernel::Reshape(_)))
    }

    pub fn name(&self) -> &'static str {
        match self {
            Op::Leaf(_) => "leaf",
            Op::Constant(_) => "constant",
            Op::Elementwise(op) => op.name(),
            Op::Kernel(op) => op.name(),
            Op::Composite(op) => op.name(),
            Op::Grad(_) => GradOp::NAME,
            Op::Vjp(_) => VjpOp::NAME,
            Op::Fused(op) => op.name(),
        }
    }

    /// The types of the outputs for inputs of these types, which may have unknown sides.
    pub fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let types = match self {
            Op::Elementwise(op) => op.infer(x),
            Op::Kernel(op) => op.infer(x),
            Op::Composite(op) => op.infer(x),
            Op::Grad(op) => op.infer(x),
            Op::Vjp(op) => op.infer(x),
            Op::Fused(op) => op.infer(x),
            Op::Leaf(_) | Op::Constant(_) => Err(Error::internal("a leaf's type is given, not inferred")),
        }?;
        types.iter().try_for_each(TensorType::check_size)?;
        Ok(types)
    }
}
