//! Operands in guarded memory.

use fovea_core::{Bf16, DType};

const LINE: usize = 64;

/// A cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; LINE],
}

/// What unwritten memory holds: NaN as a float, out of range as an index, neither as a bool.
const GARBAGE: u8 = 0xFF;

/// Memory for an operand, with a guard on both sides.
#[derive(Clone)]
pub(super) struct Memory {
    lines: Vec<Line>,
    /// Bytes from the beginning to the operand.
    start: usize,
    len: usize,
}

impl Memory {
    /// Garbage, aligned to 64 bytes.
    pub fn new(len: usize) -> Memory {
        Memory { lines: vec![Line { _bytes: [GARBAGE; LINE] }; len.div_ceil(LINE) + 3], start: LINE, len }
    }

    /// A copy of `bytes`, `shift` bytes past a 64-byte boundary.
    pub fn of(bytes: &[u8], shift: usize) -> Memory {
        let mut memory = Memory { start: LINE + shift, ..Memory::new(bytes.len()) };
        let start = memory.start;
        memory.all_mut()[start..start + bytes.len()].copy_from_slice(bytes);
        memory
    }

    pub fn bytes(&self) -> &[u8] {
        &self.all()[self.start..self.start + self.len]
    }

    pub fn pointer(&mut self) -> *mut u8 {
        let start = self.start;
        self.all_mut()[start..].as_mut_ptr()
    }

    /// Whether nothing was written beside the operand.
    pub fn is_intact(&self) -> bool {
        let (before, rest) = self.all().split_at(self.start);
        before.iter().chain(&rest[self.len..]).all(|&b| b == GARBAGE)
    }

    fn all(&self) -> &[u8] {
        // SAFETY: lines are plain bytes without padding.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.lines.len() * LINE) }
    }

    fn all_mut(&mut self) -> &mut [u8] {
        // SAFETY: lines are plain bytes without padding.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.lines.len() * LINE) }
    }
}

/// Numbers as they lie in memory; integers wrap.
pub(super) fn encode(dtype: DType, values: impl IntoIterator<Item = f64>) -> Vec<u8> {
    let bytes = |v: f64| match dtype {
        DType::F32 => (v as f32).to_ne_bytes().to_vec(),
        DType::Bf16 => Bf16::from_f32(v as f32).to_bits().to_ne_bytes().to_vec(),
        DType::I64 => (v as i64).to_ne_bytes().to_vec(),
        DType::I32 => (v as i64 as i32).to_ne_bytes().to_vec(),
        DType::U32 => (v as i64 as u32).to_ne_bytes().to_vec(),
        DType::U8 | DType::I8 | DType::Bool => vec![v as i64 as u8],
    };
    values.into_iter().flat_map(bytes).collect()
}

pub(super) fn decode(dtype: DType, bytes: &[u8]) -> Vec<f64> {
    let number = |b: &[u8]| match (dtype, b) {
        (DType::F32, &[a, b, c, d]) => f64::from(f32::from_ne_bytes([a, b, c, d])),
        (DType::Bf16, &[a, b]) => f64::from(Bf16::from_bits(u16::from_ne_bytes([a, b])).to_f32()),
        (DType::I32, &[a, b, c, d]) => f64::from(i32::from_ne_bytes([a, b, c, d])),
        (DType::U32, &[a, b, c, d]) => f64::from(u32::from_ne_bytes([a, b, c, d])),
        (DType::I64, &[a, b, c, d, e, f, g, h]) => i64::from_ne_bytes([a, b, c, d, e, f, g, h]) as f64,
        (DType::I8, &[a]) => f64::from(a as i8),
        (_, &[a]) => f64::from(a),
        _ => unreachable!("chunks have the size of an element"),
    };
    bytes.chunks_exact(dtype.size()).map(number).collect()
}
