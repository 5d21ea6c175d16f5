//! From one expression of the table to a strip function for each dtype of its family.

macro_rules! numeric {
    ($dtype:expr, |$t:ident| $make:expr) => {
        match $dtype {
            DType::F32 => {
                type $t = f32;
                Some($make)
            }
            DType::Bf16 => {
                type $t = Bf16;
                Some($make)
            }
            DType::I32 => {
                type $t = i32;
                Some($make)
            }
            DType::U32 => {
                type $t = u32;
                Some($make)
            }
            DType::I64 => {
                type $t = i64;
                Some($make)
            }
            DType::U8 => {
                type $t = u8;
                Some($make)
            }
            DType::I8 => {
                type $t = i8;
                Some($make)
            }
            DType::Bool => None,
        }
    };
}

/// As [`numeric`], for whole numbers: bool is one of one bit.
macro_rules! whole {
    ($dtype:expr, |$t:ident| $make:expr) => {
        match $dtype {
            DType::F32 | DType::Bf16 => None,
            DType::I32 => {
                type $t = i32;
                Some($make)
            }
            DType::U32 => {
                type $t = u32;
                Some($make)
            }
            DType::I64 => {
                type $t = i64;
                Some($make)
            }
            DType::U8 => {
                type $t = u8;
                Some($make)
            }
            DType::I8 => {
                type $t = i8;
                Some($make)
            }
            DType::Bool => {
                type $t = Bool;
                Some($make)
            }
        }
    };
}

macro_rules! strips {
    ($op:ident Num ($a:ident) $cpu:expr) => {
        impl<T: Num> Op1<T, T> for $op {
            #[inline(always)]
            fn f($a: T) -> T {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                // Arithmetic promotes booleans; `stopGradient` passes their bytes on.
                let d = if d == DType::Bool { DType::U8 } else { d };
                numeric!(d, |T| strip1::<$op, T, T>(isa))
            }
        }
    };
    ($op:ident Num ($a:ident, $b:ident) $cpu:expr) => {
        impl<T: Num> Op2<T, T, T> for $op {
            #[inline(always)]
            fn f($a: T, $b: T) -> T {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                numeric!(d, |T| strip2::<$op, T, T, T>(isa))
            }
        }
    };
    ($op:ident Compare ($a:ident, $b:ident) $cpu:expr) => {
        impl<T: Num> Op2<T, T, u8> for $op {
            #[inline(always)]
            fn f($a: T, $b: T) -> u8 {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                // Booleans compare as the bytes they are stored in.
                let d = if d == DType::Bool { DType::U8 } else { d };
                numeric!(d, |T| strip2::<$op, T, T, u8>(isa))
            }
        }
    };
    ($op:ident Float ($a:ident) $cpu:expr) => {
        impl Op1<f32, f32> for $op {
            #[inline(always)]
            fn f($a: f32) -> f32 {
                $cpu
            }
        }
        impl Op1<Bf16, Bf16> for $op {
            #[inline(always)]
            fn f(a: Bf16) -> Bf16 {
                Bf16::from_f32(<$op as Op1<f32, f32>>::f(a.to_f32()))
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                match d {
                    DType::F32 => Some(strip1::<$op, f32, f32>(isa)),
                    DType::Bf16 => Some(strip1::<$op, Bf16, Bf16>(isa)),
                    _ => None,
                }
            }
        }
    };
    ($op:ident Float ($a:ident, $b:ident) $cpu:expr) => {
        impl Op2<f32, f32, f32> for $op {
            #[inline(always)]
            fn f($a: f32, $b: f32) -> f32 {
                $cpu
            }
        }
        impl Op2<Bf16, Bf16, Bf16> for $op {
            #[inline(always)]
            fn f(a: Bf16, b: Bf16) -> Bf16 {
                Bf16::from_f32(<$op as Op2<f32, f32, f32>>::f(a.to_f32(), b.to_f32()))
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                match d {
                    DType::F32 => Some(strip2::<$op, f32, f32, f32>(isa)),
                    DType::Bf16 => Some(strip2::<$op, Bf16, Bf16, Bf16>(isa)),
                    _ => None,
                }
            }
        }
    };
    ($op:ident Test ($a:ident) $cpu:expr) => {
        impl Op1<f32, u8> for $op {
            #[inline(always)]
            fn f($a: f32) -> u8 {
                $cpu
            }
        }
        impl Op1<Bf16, u8> for $op {
            #[inline(always)]
            fn f(a: Bf16) -> u8 {
                <$op as Op1<f32, u8>>::f(a.to_f32())
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                match d {
                    DType::F32 => Some(strip1::<$op, f32, u8>(isa)),
                    DType::Bf16 => Some(strip1::<$op, Bf16, u8>(isa)),
                    _ => None,
                }
            }
        }
    };
    ($op:ident Logic ($a:ident) $cpu:expr) => {
        impl Op1<u8, u8> for $op {
            #[inline(always)]
            fn f($a: u8) -> u8 {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                (d == DType::Bool).then(|| strip1::<$op, u8, u8>(isa))
            }
        }
    };
    ($op:ident Logic ($a:ident, $b:ident) $cpu:expr) => {
        impl Op2<u8, u8, u8> for $op {
            #[inline(always)]
            fn f($a: u8, $b: u8) -> u8 {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                (d == DType::Bool).then(|| strip2::<$op, u8, u8, u8>(isa))
            }
        }
    };
    ($op:ident Bits ($a:ident) $cpu:expr) => {
        impl<T: Bits> Op1<T, T> for $op {
            #[inline(always)]
            fn f($a: T) -> T {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                whole!(d, |T| strip1::<$op, T, T>(isa))
            }
        }
    };
    ($op:ident Bits ($a:ident, $b:ident) $cpu:expr) => {
        impl<T: Bits> Op2<T, T, T> for $op {
            #[inline(always)]
            fn f($a: T, $b: T) -> T {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                whole!(d, |T| strip2::<$op, T, T, T>(isa))
            }
        }
    };
    ($op:ident Select ($a:ident, $b:ident, $c:ident) $cpu:expr) => {
        impl<T: Copy> Op3<u8, T, T, T> for $op {
            #[inline(always)]
            fn f($a: u8, $b: T, $c: T) -> T {
                $cpu
            }
        }
        impl $op {
            pub fn strip(isa: Isa, d: DType) -> Option<StripFn> {
                let d = if d == DType::Bool { DType::U8 } else { d };
                numeric!(d, |T| strip3::<$op, u8, T, T, T>(isa))
            }
        }
    };
}

pub(super) use {numeric, strips, whole};
