use crate::bf16::Bf16;
use std::fmt;

/// The element types a tensor can have. `Bool` is stored as one byte, 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum DType {
    F32,
    /// The upper half of a float32: 8 bits of exponent, 8 of precision. Arithmetic is done in float32
    /// and rounded.
    Bf16,
    I32,
    U32,
    I64,
    U8,
    I8,
    Bool,
}

impl DType {
    pub const ALL: [DType; 8] =
        [DType::F32, DType::Bf16, DType::I32, DType::U32, DType::I64, DType::U8, DType::I8, DType::Bool];

    /// Bytes per element.
    pub const fn size(self) -> usize {
        match self {
            DType::F32 | DType::I32 | DType::U32 => 4,
            DType::I64 => 8,
            DType::Bf16 => 2,
            DType::U8 | DType::I8 | DType::Bool => 1,
        }
    }

    pub const fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::Bf16)
    }

    /// The name users see, NumPy's and Keras's.
    pub const fn name(self) -> &'static str {
        match self {
            DType::F32 => "float32",
            DType::Bf16 => "bfloat16",
            DType::I32 => "int32",
            DType::U32 => "uint32",
            DType::I64 => "int64",
            DType::U8 => "uint8",
            DType::I8 => "int8",
            DType::Bool => "bool",
        }
    }

    pub fn from_name(name: &str) -> Option<DType> {
        DType::ALL.into_iter().find(|d| d.name() == name)
    }

    /// The type two operands meet in, as Keras's `result_type` says for the types Fovea has:
    /// bool < uint8/int8 < wider integers < bfloat16 < float32; mixed signs go to the next wider signed type.
    pub fn promote(self, other: DType) -> DType {
        use DType::*;
        match (self.min(other), self.max(other)) {
            (a, b) if a == b => a,
            (F32, _) => F32,
            (Bf16, _) => Bf16,
            (a, Bool) => a,
            (I32, U32) => I64,
            (_, I64) | (I64, _) => I64,
            (I32, _) => I32,
            (U32, U8) => U32,
            (U32, I8) => I64,
            (U8, I8) => I32,
            (_, _) => I64,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Rust type that is the storage of one [`DType`].
///
/// # Safety
/// The type must be plain old data of `DTYPE.size()` bytes, aligned to at most 8.
pub unsafe trait Element: Copy + Send + Sync + 'static {
    const DTYPE: DType;
}

macro_rules! elements {
    ($($t:ty => $d:ident),*) => {
        $(
            // SAFETY: a primitive number, or one wrapped transparently, of exactly `DTYPE.size()` bytes.
            unsafe impl Element for $t { const DTYPE: DType = DType::$d; }
        )*
    };
}
elements!(f32 => F32, Bf16 => Bf16, i32 => I32, u32 => U32, i64 => I64, u8 => U8, i8 => I8);
