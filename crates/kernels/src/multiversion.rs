//! One loop, compiled for every instruction set.

/// Defines a function that takes an [`Isa`](crate::isa::Isa) before its own arguments and runs its
/// body as compiled for that instruction set. The body is plain Rust that LLVM vectorises; it
/// must not depend on the instruction set itself. Fused multiply-add is never enabled for the
/// sake of equal bits: Rust does not contract `a * b + c`.
macro_rules! multiversioned {
    ($(#[$meta:meta])* $vis:vis fn $name:ident $(<$($g:ident $(: $bound:path)?),+>)? (
        $($arg:ident: $ty:ty),* $(,)?
    ) $body:block) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name $(<$($g $(: $bound)?),+>)? (isa: $crate::isa::Isa, $($arg: $ty),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn body $(<$($g $(: $bound)?),+>)? ($($arg: $ty),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2")]
            #[allow(clippy::too_many_arguments)]
            fn avx512 $(<$($g $(: $bound)?),+>)? ($($arg: $ty),*) {
                body $(::<$($g),+>)? ($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            #[allow(clippy::too_many_arguments)]
            fn avx2 $(<$($g $(: $bound)?),+>)? ($($arg: $ty),*) {
                body $(::<$($g),+>)? ($($arg),*)
            }

            match isa {
                // SAFETY: an `Isa` is only handed to a routine where `is_available` holds.
                #[cfg(target_arch = "x86_64")]
                $crate::isa::Isa::Avx512 => unsafe { avx512 $(::<$($g),+>)? ($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::isa::Isa::Avx2 => unsafe { avx2 $(::<$($g),+>)? ($($arg),*) },
                // NEON has no version of its own: aarch64's baseline includes it.
                _ => body $(::<$($g),+>)? ($($arg),*),
            }
        }
    };
}

pub(crate) use multiversioned;
