//! What fusion and plans ask the device they work for, and how it lowers a node.

use crate::fuse::{Fused, FusedProduct, PooledGrad};
use crate::gpu::{Dispatch, Limits, Operand, Shade, word};
use crate::lower::{CpuWork, Io, Lower, Lowered};
use crate::ops::{Kernel, Op};
use crate::widen;
use fovea_core::{Code, Error, Result, TensorType};
use fovea_kernels::conv::{PooledShape, Precision};
use fovea_kernels::isa::Isa;

/// A kind of device that graphs are compiled for.
pub trait Target {
    /// What the device does in one phase of a plan.
    type Work;

    /// Offsets in the arena are multiples of so many bytes.
    fn align(&self) -> usize;

    /// How many bytes a value takes in the device's memory.
    fn bytes(&self, ty: &TensorType) -> usize;

    /// Whether a value of one type may lie where one of the other type lay, element for element.
    fn interchangeable(&self, a: &TensorType, b: &TensorType) -> bool;

    /// How many inputs and outputs elementwise ops that run in one pass may have together.
    fn most_operands(&self) -> usize;

    /// Whether such a pass can sum its values over leading axes.
    fn totals(&self) -> bool;

    /// Whether the device takes bfloat16 in an op as it is; every other op is computed in float32.
    fn takes_bf16(&self, op: &Op) -> bool;

    /// From how many elements on a matrix product and the elementwise ops after it run block by block
    /// in one pass, if the device can.
    fn mapped_elements(&self) -> Option<usize>;

    /// Whether products can add tensors like their results, and be gated by such, on their way to memory.
    fn joins_tensors(&self) -> bool;

    /// Whether a gradient of a convolution of these sizes is rather taken from what max pooling behind it took.
    fn takes_winners_alone(&self, grad: &PooledGrad, shape: &PooledShape) -> bool;

    /// Whether a convolution of operands of types `x` can find mean and variance of each channel of its result `y`.
    fn finds_moments(&self, convolution: &FusedProduct, x: &[TensorType], y: &TensorType) -> bool;

    /// Whether runs of a plan can keep what earlier ones made of variables that nobody has written since.
    fn keeps(&self) -> bool;

    /// Lowers a node with inputs of types `x` and outputs of types `y`; `lasting` says which inputs stay as
    /// they are from run to run.
    fn lower(
        &self,
        op: &Op,
        x: &[TensorType],
        y: &[TensorType],
        lasting: &[bool],
    ) -> Result<Lowered<Self::Work>>;

    /// Tests that input 0, a float32 number, is finite, and keeps variables from being written if not.
    fn guard(&self) -> Self::Work;

    /// Makes work that writes variables heed the guard.
    fn heed(&self, work: &mut Self::Work);
}

/// A CPU, for kernels of one instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    pub isa: Isa,
    pub precision: Precision,
}

impl Cpu {
    /// With the default precision.
    pub fn new(isa: Isa) -> Cpu {
        Cpu { isa, precision: Precision::default() }
    }
}

impl Target for Cpu {
    type Work = CpuWork;

    /// Cache lines, and the widest vectors.
    fn align(&self) -> usize {
        64
    }

    fn bytes(&self, ty: &TensorType) -> usize {
        ty.bytes()
    }

    fn interchangeable(&self, a: &TensorType, b: &TensorType) -> bool {
        a.bytes() == b.bytes()
    }

    fn most_operands(&self) -> usize {
        usize::MAX
    }

    fn totals(&self) -> bool {
        true
    }

    /// Products read pairs of bfloat16, and sum in float32.
    fn takes_bf16(&self, op: &Op) -> bool {
        let product = matches!(
            op,
            Op::Kernel(
                Kernel::MatMul(_)
                    | Kernel::Conv2d(_)
                    | Kernel::Conv2dInputGrad(_)
                    | Kernel::Conv2dKernelGrad(_)
            ) | Op::Fused(Fused::Product(_))
        );
        product || widen::everywhere(op) || matches!(op, Op::Kernel(Kernel::LeadingMoments(_)))
    }

    /// Less may stay in the caches between the passes.
    fn mapped_elements(&self) -> Option<usize> {
        Some(16 << 20)
    }

    fn joins_tensors(&self) -> bool {
        true
    }

    fn takes_winners_alone(&self, grad: &PooledGrad, shape: &PooledShape) -> bool {
        grad.estimate(self, shape).pays()
    }

    fn finds_moments(&self, convolution: &FusedProduct, x: &[TensorType], y: &TensorType) -> bool {
        convolution.finds_moments(*self, x, y)
    }

    fn keeps(&self) -> bool {
        true
    }

    fn lower(
        &self,
        op: &Op,
        x: &[TensorType],
        y: &[TensorType],
        lasting: &[bool],
    ) -> Result<Lowered<CpuWork>> {
        let mut cx = Lower { lasting, ..Lower::new(*self, x, y) };
        match op {
            Op::Leaf(_) => Ok(()),
            Op::Kernel(op) => op.cpu(&mut cx),
            Op::Fused(op) => op.cpu(&mut cx),
            _ => Err(unexpected(op)),
        }?;
        Ok(cx.lowered)
    }

    /// The phase fails, and what comes after it does not run.
    fn guard(&self) -> CpuWork {
        let run = |io: &Io, _| {
            // SAFETY: the guard is one float32, as the import of the graph checked.
            let loss = unsafe { *io.input::<f32>(0) };
            if loss.is_finite() {
                return Ok(());
            }
            Err(Error::not_finite(loss))
        };
        CpuWork { chunks: 1, scratch: 0, cost: 1.0, run: Box::new(run) }
    }

    fn heed(&self, _: &mut CpuWork) {}
}

/// A GPU, by what it allows.
#[derive(Clone, Copy, Debug)]
pub struct Gpu(pub Limits);

/// What a GPU does in one phase.
pub struct GpuWork {
    pub dispatch: Dispatch,
    /// Whether it does nothing once a loss was not finite.
    pub heeds: bool,
}

impl Target for Gpu {
    type Work = GpuWork;

    fn align(&self) -> usize {
        self.0.align
    }

    /// Nothing of no bytes can be bound.
    fn bytes(&self, ty: &TensorType) -> usize {
        (ty.elements() * word::size(ty.dtype)).max(4)
    }

    fn interchangeable(&self, a: &TensorType, b: &TensorType) -> bool {
        a.elements() == b.elements() && word::storage(a.dtype) == word::storage(b.dtype)
    }

    /// One binding is kept for the halt word.
    fn most_operands(&self) -> usize {
        self.0.bindings - 1
    }

    /// Workgroups that share a sum have a shader of their own.
    fn totals(&self) -> bool {
        false
    }

    fn takes_bf16(&self, op: &Op) -> bool {
        widen::everywhere(op)
    }

    fn mapped_elements(&self) -> Option<usize> {
        None
    }

    /// No shader reads such a tensor yet where another would be written over it.
    fn joins_tensors(&self) -> bool {
        false
    }

    /// A shader would wait for what it has to look up.
    fn takes_winners_alone(&self, _: &PooledGrad, _: &PooledShape) -> bool {
        false
    }

    /// Workgroups that share a sum have a shader of their own.
    fn finds_moments(&self, _: &FusedProduct, _: &[TensorType], _: &TensorType) -> bool {
        false
    }

    /// What shaders read lies in the arena, which plans share.
    fn keeps(&self) -> bool {
        false
    }

    fn lower(&self, op: &Op, x: &[TensorType], y: &[TensorType], _: &[bool]) -> Result<Lowered<GpuWork>> {
        let cx = Shade { inputs: x, outputs: y, limits: self.0 };
        if let Some(ty) = x.iter().chain(y).find(|ty| self.bytes(ty) > self.0.binding_bytes) {
            let most = self.0.binding_bytes;
            let message = format!(
                "{}: {ty} is more than the {most} bytes that this GPU lets a shader reach",
                op.name()
            );
            return Err(Error::new(
                Code::OutOfMemory,
                format!("{message}. Use a smaller batch, or the CPU."),
            ));
        }
        let program = match op {
            Op::Leaf(_) => return Ok(Lowered::default()),
            op if op.is_view() => return Ok(Lowered::default()),
            Op::Kernel(op) => op.gpu(&cx),
            Op::Fused(op) => op.gpu(&cx),
            _ => return Err(unexpected(op)),
        };
        let program = program.ok_or_else(|| {
            let types: Vec<String> = x.iter().map(ToString::to_string).collect();
            Error::unsupported(format!(
                "{} of {} has no kernel for the GPU yet. Use setDevice('cpu').",
                op.name(),
                types.join(", ")
            ))
        })?;
        let overwritable = match op {
            Op::Fused(op) => op.overwritable(),
            _ => vec![],
        };
        let work =
            program.dispatches.into_iter().map(|dispatch| GpuWork { dispatch, heeds: false }).collect();
        Ok(Lowered { work, temp: program.temp * 4, overwritable, flops: 0.0, prelude: None })
    }

    /// The halt word is set, and what heeds it does nothing.
    fn guard(&self) -> GpuWork {
        let dispatch = Dispatch {
            operands: vec![Operand::Input(0), Operand::Halt],
            items: String::new(),
            body: "if ((bitcast<u32>(x0[0]) & 0x7f800000u) == 0x7f800000u) { halt[0] = 1u; }".into(),
            size: [1, 1, 1],
            workgroups: [1, 1, 1],
        };
        GpuWork { dispatch, heeds: false }
    }

    fn heed(&self, work: &mut GpuWork) {
        work.heeds = true;
        work.dispatch.operands.push(Operand::Halt);
    }
}

fn unexpected(op: &Op) -> Error {
    Error::internal(format!("{} reached lowering", op.name()))
}
