//! Conversions between element types.

use fovea_core::{Bf16, DType};

use super::bits::Bool;
use super::strip::{Op1, StripFn, strip1};
use crate::isa::Isa;

/// The marker of every conversion.
struct Cast;

macro_rules! numbers {
    ($from:ty => $($to:ty),*) => {
        $(
            impl Op1<$from, $to> for Cast {
                #[inline(always)]
                #[allow(clippy::unnecessary_cast)]
                fn f(a: $from) -> $to {
                    a as $to
                }
            }
        )*
        impl Op1<$from, Bool> for Cast {
            #[inline(always)]
            fn f(a: $from) -> Bool {
                Bool(u8::from(a != 0 as $from))
            }
        }
        impl Op1<$from, Bf16> for Cast {
            #[inline(always)]
            #[allow(clippy::unnecessary_cast)]
            fn f(a: $from) -> Bf16 {
                Bf16::from_f32(a as f32)
            }
        }
        impl Op1<Bf16, $from> for Cast {
            #[inline(always)]
            #[allow(clippy::unnecessary_cast)]
            fn f(a: Bf16) -> $from {
                a.to_f32() as $from
            }
        }
        impl Op1<Bool, $from> for Cast {
            #[inline(always)]
            fn f(a: Bool) -> $from {
                a.0 as $from
            }
        }
    };
}
numbers!(f32 => f32, i32, u32, i64, u8, i8);
numbers!(i32 => f32, i32, u32, i64, u8, i8);
numbers!(u32 => f32, i32, u32, i64, u8, i8);
numbers!(i64 => f32, i32, u32, i64, u8, i8);
numbers!(u8 => f32, i32, u32, i64, u8, i8);
numbers!(i8 => f32, i32, u32, i64, u8, i8);

impl Op1<Bool, Bool> for Cast {
    #[inline(always)]
    fn f(a: Bool) -> Bool {
        a
    }
}

impl Op1<Bf16, Bf16> for Cast {
    #[inline(always)]
    fn f(a: Bf16) -> Bf16 {
        a
    }
}

impl Op1<Bf16, Bool> for Cast {
    #[inline(always)]
    fn f(a: Bf16) -> Bool {
        Bool(u8::from(a.to_f32() != 0.0))
    }
}

impl Op1<Bool, Bf16> for Cast {
    #[inline(always)]
    fn f(a: Bool) -> Bf16 {
        Bf16::from_f32(f32::from(a.0))
    }
}

/// The strip that converts `from` to `to`. Floats are truncated towards zero and saturate (NaN
/// becomes 0), integers wrap, a
/// bfloat16 is rounded to the nearest, anything but 0 is true, and a truth value becomes 0 or 1.
pub fn cast(isa: Isa, from: DType, to: DType) -> StripFn {
    macro_rules! to {
        ($from:ty) => {
            match to {
                DType::F32 => strip1::<Cast, $from, f32>(isa),
                DType::Bf16 => strip1::<Cast, $from, Bf16>(isa),
                DType::I32 => strip1::<Cast, $from, i32>(isa),
                DType::U32 => strip1::<Cast, $from, u32>(isa),
                DType::I64 => strip1::<Cast, $from, i64>(isa),
                DType::U8 => strip1::<Cast, $from, u8>(isa),
                DType::I8 => strip1::<Cast, $from, i8>(isa),
                DType::Bool => strip1::<Cast, $from, Bool>(isa),
            }
        };
    }
    match from {
        DType::F32 => to!(f32),
        DType::Bf16 => to!(Bf16),
        DType::I32 => to!(i32),
        DType::U32 => to!(u32),
        DType::I64 => to!(i64),
        DType::U8 => to!(u8),
        DType::I8 => to!(i8),
        DType::Bool => to!(Bool),
    }
}
