//! What the tests of tiled routines share: memory with guards, a serial driver, a bound.
#![allow(dead_code)]

use std::alloc::{Layout, alloc, dealloc};

use fovea_kernels::gemm::Activation;
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Float, Floats, PhaseSpec, Routine};

/// The bits that guards are made of: a NaN, so that reading one shows in the result.
const GUARD: u32 = 0x7fc0_dead;
/// Guard floats on each side: whole cache lines.
const GUARDS: usize = 64;

/// 64-byte aligned floats between guards.
pub struct Memory {
    base: *mut f32,
    len: usize,
}

impl Memory {
    /// Filled with NaN.
    pub fn uninit(len: usize) -> Memory {
        let layout = Memory::layout(len);
        // SAFETY: the layout is never empty.
        let base = unsafe { alloc(layout).cast::<f32>() };
        for index in 0..len + 2 * GUARDS {
            // SAFETY: inside the allocation.
            unsafe { base.add(index).write(f32::from_bits(GUARD)) };
        }
        Memory { base, len }
    }

    pub fn of(values: &[f32]) -> Memory {
        let memory = Memory::uninit(values.len());
        // SAFETY: inside the allocation.
        unsafe { memory.ptr().copy_from_nonoverlapping(values.as_ptr(), values.len()) };
        memory
    }

    pub fn bytes(count: usize) -> Memory {
        assert_eq!(count % 4, 0);
        Memory::uninit(count / 4)
    }

    /// So many elements, filled with NaN.
    pub fn elements(float: Float, len: usize) -> Memory {
        Memory::uninit(float.bytes(len).div_ceil(4))
    }

    /// Holds the values as they are, or the bf16 that they are.
    pub fn holding(float: Float, values: &[f32]) -> Memory {
        if float == Float::F32 {
            return Memory::of(values);
        }
        let memory = Memory::elements(float, values.len());
        for (index, value) in values.iter().enumerate() {
            // SAFETY: inside the allocation.
            unsafe { memory.ptr().cast::<u16>().add(index).write((value.to_bits() >> 16) as u16) };
        }
        memory
    }

    /// The first `len` elements.
    pub fn read(&self, float: Float, len: usize) -> Vec<f32> {
        // SAFETY: inside the allocation.
        let half = |index: usize| unsafe { self.ptr().cast::<u16>().add(index).read() };
        match float {
            Float::F32 => self.values()[..len].to_vec(),
            Float::Bf16 => (0..len).map(|index| f32::from_bits(u32::from(half(index)) << 16)).collect(),
        }
    }

    fn layout(len: usize) -> Layout {
        Layout::from_size_align((len + 2 * GUARDS) * 4, 64).unwrap()
    }

    pub fn ptr(&self) -> *mut f32 {
        self.base.wrapping_add(GUARDS)
    }

    pub fn values(&self) -> &[f32] {
        // SAFETY: initialised by `uninit`.
        unsafe { std::slice::from_raw_parts(self.ptr(), self.len) }
    }

    pub fn assert_guards(&self, what: &str) {
        for index in (0..GUARDS).chain(GUARDS + self.len..2 * GUARDS + self.len) {
            // SAFETY: inside the allocation.
            let bits = unsafe { (*self.base.add(index)).to_bits() };
            assert_eq!(bits, GUARD, "{what}: written outside, at {}", index as isize - 64);
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout.
        unsafe { dealloc(self.base.cast(), Memory::layout(self.len)) };
    }
}

/// A small generator of test values.
pub struct Values(u64);

impl Values {
    pub fn new(seed: u64) -> Values {
        Values(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// In −1 … 1.
    pub fn floats(&mut self, len: usize) -> Vec<f32> {
        (0..len).map(|_| (self.bits() >> 40) as f32 / (1u64 << 23) as f32 - 1.0).collect()
    }
}

/// What the operands of products and convolutions can be.
pub const FLOATS: [Floats; 3] = [
    Floats::F32,
    Floats { inputs: Float::Bf16, output: Float::Bf16 },
    Floats { inputs: Float::Bf16, output: Float::F32 },
];

/// The values, cut to bf16 if they are to be.
pub fn held(float: Float, values: Vec<f32>) -> Vec<f32> {
    match float {
        Float::F32 => values,
        Float::Bf16 => values.into_iter().map(|value| f32::from_bits(value.to_bits() >> 16 << 16)).collect(),
    }
}

/// The instruction sets of this machine.
pub fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

/// In which order the driver runs the chunks of a phase.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    Forward,
    Backward,
    Shuffled(u64),
}

/// Runs the phases one after another and their chunks in the given order, with garbage in the
/// shared and private memory, and checks that nothing is written past either.
pub fn drive(
    phases: &[PhaseSpec],
    temp: usize,
    order: Order,
    mut run: impl FnMut(usize, usize, *mut u8, *mut u8),
) {
    let temp = Memory::bytes(temp);
    for (phase, spec) in phases.iter().enumerate() {
        let mut chunks: Vec<usize> = (0..spec.chunks).collect();
        match order {
            Order::Forward => {}
            Order::Backward => chunks.reverse(),
            Order::Shuffled(seed) => {
                let mut values = Values::new(seed);
                for index in (1..chunks.len()).rev() {
                    chunks.swap(index, values.below(index + 1));
                }
            }
        }
        for chunk in chunks {
            let scratch = Memory::bytes(spec.scratch);
            run(phase, chunk, temp.ptr().cast(), scratch.ptr().cast());
            scratch.assert_guards("scratch");
        }
    }
    temp.assert_guards("temp");
}

/// The inputs of a phase: what it has no business to read, as its routine's prelude says, is not there.
pub fn inputs_of(
    routine: &dyn Routine,
    phase: usize,
    inputs: [&Memory; 2],
    none: &Memory,
) -> [*const f32; 2] {
    let read = |k| routine.prelude().is_none_or(|of| (phase < of.phases) == (k == of.input));
    [0, 1].map(|k| if read(k) { inputs[k] } else { none }.ptr().cast_const())
}

/// A sum in double precision, and the sum of its terms' magnitudes.
#[derive(Clone, Copy, Default)]
pub struct Sum {
    pub value: f64,
    pub magnitude: f64,
}

impl Sum {
    pub fn add(&mut self, a: f32, b: f32) {
        let term = f64::from(a) * f64::from(b);
        self.value += term;
        self.magnitude += term.abs();
    }
}

/// What an activation is, in double precision.
pub fn activated(activation: Activation, value: f64) -> f64 {
    match activation {
        Activation::None => value,
        Activation::Relu => value.max(0.0),
        Activation::Relu6 => value.clamp(0.0, 6.0),
    }
}

/// The bound of a sum's error, and of its rounding if it is rounded to bf16: half a last place.
pub fn bound(float: Float, value: f64, sum: f64) -> f64 {
    match float {
        Float::F32 => sum,
        // Eight digits: half of the last is this part of the first.
        Float::Bf16 => sum + ((value.abs() + sum).log2().floor() - 8.0).exp2(),
    }
}

/// `|actual − value| ≤ 8 ε Σ|terms|` for every element, and half a last place more if it was rounded to
/// bf16.
pub fn assert_close(actual: &[f32], expected: &[Sum], float: Float, activation: Activation, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (index, (&actual, expected)) in actual.iter().zip(expected).enumerate() {
        let value = activated(activation, expected.value);
        let bound = bound(float, value, 8.0 * f64::from(f32::EPSILON) * expected.magnitude);
        let error = (f64::from(actual) - value).abs();
        // Written so that a NaN fails.
        assert!(error <= bound, "{what}: [{index}] is {actual}, not {value} (± {bound:e})");
    }
}
