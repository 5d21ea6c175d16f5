//! What follows a sum on its way to memory, element by element.

use super::pack::fetch;
use super::simd::Simd;
use super::statistics::Statistics;
use crate::routine::{Float, Operands};

/// What follows the sum, element by element. A NaN stays one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Activation {
    /// Nothing.
    #[default]
    None,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

impl Activation {
    /// Of each lane.
    #[inline(always)]
    pub(crate) fn vector<S: Simd>(self, simd: S, sum: S::Vector) -> S::Vector {
        // What may be a NaN stands second, so that it stays one.
        match self {
            Activation::None => sum,
            Activation::Relu => simd.max(simd.splat(0.0), sum),
            Activation::Relu6 => simd.min(simd.splat(6.0), simd.max(simd.splat(0.0), sum)),
        }
    }

    /// Of one number.
    #[inline(always)]
    fn number(self, sum: f32) -> f32 {
        match self {
            Activation::Relu | Activation::Relu6 if sum <= 0.0 => 0.0,
            Activation::Relu6 if sum > 6.0 => 6.0,
            _ => sum,
        }
    }
}

/// What a sum has to pass last: where it is shut, the result is zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Gate {
    /// Nothing.
    #[default]
    None,
    /// Open where another tensor, of bool, says so.
    Flags,
    /// The gradient of [`Activation::Relu`]: open where its result, of f32, is greater than 0.
    Relu,
    /// The gradient of [`Activation::Relu6`]: open where its result, of f32, is between 0 and 6.
    Relu6,
}

impl Gate {
    /// Bytes of so many elements of the tensor that says where it is open.
    #[inline(always)]
    pub(crate) fn bytes(self, count: usize) -> usize {
        if self == Gate::Flags { count } else { Float::F32.bytes(count) }
    }

    /// Each lane of `sum` where the gate is open, by what lies at `from`.
    ///
    /// # Safety
    /// What the mask's lanes need is readable there.
    #[inline(always)]
    pub(crate) unsafe fn vector<S: Simd>(
        self,
        simd: S,
        sum: S::Vector,
        from: *const u8,
        mask: S::Mask,
    ) -> S::Vector {
        // SAFETY: the caller's promise.
        let open = unsafe {
            match self {
                Gate::None => return sum,
                Gate::Flags => simd.load_bytes(from, mask),
                Gate::Relu | Gate::Relu6 => simd.load_masked(from.cast(), mask),
            }
        };
        let zero = simd.splat(0.0);
        let sum = simd.where_greater(open, zero, sum, zero);
        if self == Gate::Relu6 { simd.where_greater(simd.splat(6.0), open, sum, zero) } else { sum }
    }

    /// One number, by what lies at `from`.
    ///
    /// # Safety
    /// An element is readable there.
    unsafe fn number(self, sum: f32, from: *const u8) -> f32 {
        // SAFETY: the caller's promise. Operands are aligned to their elements.
        let open = unsafe {
            match self {
                Gate::None => true,
                Gate::Flags => *from != 0,
                Gate::Relu => *from.cast::<f32>() > 0.0,
                Gate::Relu6 => *from.cast::<f32>() > 0.0 && *from.cast::<f32>() < 6.0,
            }
        };
        if open { sum } else { 0.0 }
    }
}

/// What happens to a result on its way to memory: `gate(activation(sum + bias + addend))`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Epilogue {
    /// Whether a bias is added along the last axis of the output.
    pub bias: bool,
    /// Whether a tensor like the output, which is f32 then, is added.
    pub addend: bool,
    pub activation: Activation,
    /// Another tensor of the output's shape says where it is open; the output is f32 then.
    pub gate: Gate,
    /// Whether mean and variance of each channel of the result are found, which is f32 then and joined by no tensor.
    /// Direct convolutions can, which are no gradients.
    pub moments: bool,
}

impl Epilogue {
    /// Whether it reads tensors like the output.
    pub fn reads(self) -> bool {
        self.addend || self.gate != Gate::None
    }

    /// With the operands where they lie.
    pub(crate) fn finish(self, at: &Operands) -> Finish {
        Finish {
            bias: if self.bias { at.bias } else { std::ptr::null() },
            addend: if self.addend { at.addend } else { std::ptr::null() },
            activation: self.activation,
            gate: self.gate,
            open: at.gate,
            statistics: Statistics::NONE,
        }
    }
}

/// An [`Epilogue`] and its operands, from a place of the output on.
#[derive(Clone, Copy)]
pub(crate) struct Finish {
    /// One float a lane, unless null.
    pub bias: *const f32,
    /// Floats at the offsets of the output, unless null.
    pub addend: *const f32,
    pub activation: Activation,
    pub gate: Gate,
    /// Where the gate is open, if there is one: at the offsets of the output.
    pub open: *const u8,
    /// Where the moments of the results are found, if no tensor joins those.
    pub statistics: Statistics,
}

impl Finish {
    /// Nothing.
    pub const NONE: Finish = Finish {
        bias: std::ptr::null(),
        addend: std::ptr::null(),
        activation: Activation::None,
        gate: Gate::None,
        open: std::ptr::null(),
        statistics: Statistics::NONE,
    };

    /// Whether a tensor like the output is read.
    pub fn joins(&self) -> bool {
        !self.addend.is_null() || self.gate != Gate::None
    }

    /// From so many elements of the output on.
    pub fn at(self, elements: usize) -> Finish {
        let open = self.open.wrapping_add(self.gate.bytes(elements));
        Finish { addend: moved(self.addend, elements), open, ..self }
    }

    /// From so many lanes of the output on.
    pub fn at_lane(self, lane: usize) -> Finish {
        Finish { bias: moved(self.bias, lane), ..self.at(lane) }
    }

    /// Brings closer what it reads beside `count` elements from `at` on, of a result that begins at `c` and has been
    /// brought closer itself.
    #[inline(always)]
    pub fn fetch<S: Simd>(&self, simd: S, c: *const f32, at: usize, count: usize) {
        if !self.addend.is_null() && self.addend != c {
            fetch(simd, self.addend.wrapping_add(at).cast(), Float::F32.bytes(count));
        }
        if self.gate != Gate::None {
            fetch(simd, self.open.wrapping_add(self.gate.bytes(at)), self.gate.bytes(count));
        }
    }

    /// What follows a vector of sums, `lane` lanes and `at` elements further.
    ///
    /// # Safety
    /// What the mask's lanes need is readable there.
    #[inline(always)]
    pub unsafe fn vector<S: Simd>(
        &self,
        simd: S,
        sum: S::Vector,
        [lane, at]: [usize; 2],
        mask: S::Mask,
    ) -> S::Vector {
        let mut sum = sum;
        for (operand, at) in [(self.bias, lane), (self.addend, at)] {
            if !operand.is_null() {
                // SAFETY: the caller's promise.
                sum = simd.add(sum, unsafe { simd.load_masked(operand.wrapping_add(at), mask) });
            }
        }
        let sum = self.activation.vector(simd, sum);
        let open = self.open.wrapping_add(self.gate.bytes(at));
        // SAFETY: the caller's promise.
        unsafe { self.gate.vector(simd, sum, open, mask) }
    }

    /// One sum and what follows it, `lane` lanes and `at` elements further.
    ///
    /// # Safety
    /// The operands are readable there.
    pub unsafe fn number(&self, sum: f32, lane: usize, at: usize) -> f32 {
        let read = |operand: *const f32, at: usize| {
            // SAFETY: the caller's promise.
            (!operand.is_null()).then(|| unsafe { *operand.wrapping_add(at) })
        };
        let mut sum = sum;
        for operand in [read(self.bias, lane), read(self.addend, at)].into_iter().flatten() {
            sum += operand;
        }
        let open = self.open.wrapping_add(self.gate.bytes(at));
        // SAFETY: the caller's promise.
        unsafe { self.gate.number(self.activation.number(sum), open) }
    }
}

/// An operand that may be null, so many floats further.
fn moved(operand: *const f32, by: usize) -> *const f32 {
    if operand.is_null() { operand } else { operand.wrapping_add(by) }
}
