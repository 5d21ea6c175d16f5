//! What an elementwise program says, before it is planned.

use fovea_core::{DType, Element};

use super::strip::StripFn;
use super::tree::{PAIR, SumsFn, TreeFn};

/// An operand in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Load {
    /// Its element type.
    pub dtype: DType,
    /// Element strides over the iteration shape, 0 where it is broadcast.
    pub strides: Vec<usize>,
}

/// A scalar known when the program is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Constant {
    /// Its element type.
    pub dtype: DType,
    /// Its bytes, the first in memory of the word.
    pub bits: u64,
}

impl Constant {
    /// The constant of a Rust number.
    pub fn of<T: Element>(value: T) -> Constant {
        let mut bytes = [0u8; 8];
        // SAFETY: an `Element` is plain old data of `DTYPE.size()` ≤ 8 bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(
                (&raw const value).cast::<u8>(),
                bytes.as_mut_ptr(),
                T::DTYPE.size(),
            );
        }
        Constant { dtype: T::DTYPE, bits: u64::from_ne_bytes(bytes) }
    }
}

/// How a strip is computed.
#[derive(Clone, Copy, Debug)]
pub enum Loop {
    /// One operation: each operand has as many elements as the strip.
    Op(StripFn),
    /// Several: operands from number `lines` on may have fewer, a line that serves again and again.
    Tree { f: TreeFn, lines: usize },
}

impl Loop {
    /// Computes `n` elements; operands that may have fewer begin anew after `period`.
    ///
    /// # Safety
    /// As [`StripFn`] and [`TreeFn`].
    #[inline]
    pub unsafe fn run(self, args: *const *const u8, out: *mut u8, n: usize, period: usize) {
        // SAFETY: passed on.
        unsafe {
            match self {
                Loop::Op(f) => f(args, out, n),
                Loop::Tree { f, .. } => f(args, out, n, period),
            }
        }
    }
}

/// One operation on registers.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it computes.
    pub f: Loop,
    /// The registers of its operands, at most 8.
    pub args: Vec<u16>,
    /// The register of its result; written by this step alone.
    pub out: u16,
    /// The element type of its result.
    pub dtype: DType,
}

/// A result, written contiguously in the iteration shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store {
    /// The register that holds it: of a step, a load or a constant.
    pub reg: u16,
    /// Its element type, which is the register's.
    pub dtype: DType,
}

/// A result that is the sum of a register's elements over the leading sides, in `f32`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    /// The register: of a step, or of a load that is contiguous over the iteration shape. None of what one of the
    /// program's [`Sums`] adds.
    pub reg: Option<u16>,
    /// Its element type: `f32` or `bf16`.
    pub dtype: DType,
    /// How many results there are: the product of the last sides, over which nothing is summed.
    pub kept: usize,
    /// Whether sums are divided by the number of their elements.
    pub mean: bool,
}

impl Total {
    /// Element strides of the results over an iteration shape, 0 where it is summed over.
    pub(super) fn strides(&self, shape: &[usize]) -> Vec<usize> {
        let mut run = 1;
        let mut stride = |&n: &usize| {
            let here = if run < self.kept { run } else { 0 };
            run *= n;
            here
        };
        let mut strides: Vec<usize> = shape.iter().rev().map(&mut stride).collect();
        strides.reverse();
        strides
    }
}

/// Totals of what one loop computes and adds, and nothing else reads.
#[derive(Clone, Debug)]
pub struct Sums {
    /// What it computes.
    pub f: SumsFn,
    /// The registers of its operands, at most 8.
    pub args: Vec<u16>,
    /// From which on they are lines: contiguous along the last dimension, the same over all others. Its totals keep
    /// that dimension.
    pub lines: usize,
    /// Which of the program's totals, in the order of its results.
    pub totals: [usize; PAIR],
}

/// An elementwise program. Registers are numbered loads first, then constants, then the results
/// of the steps in their order (`steps[i].out = loads + constants + i`).
#[derive(Clone, Debug)]
pub struct MapProgram {
    /// The shape that is iterated over; may be empty (a scalar) or hold zeros (nothing to do).
    pub shape: Vec<usize>,
    /// Operands, in the order of the pointers given to `run`.
    pub loads: Vec<Load>,
    /// Immediate scalars.
    pub constants: Vec<Constant>,
    /// The operations, each after those it reads.
    pub steps: Vec<Step>,
    /// Results, in the order of the pointers given to `run`.
    pub stores: Vec<Store>,
    /// More results, whose pointers follow those of `stores`.
    pub totals: Vec<Total>,
    /// How some of them are taken.
    pub sums: Vec<Sums>,
}
