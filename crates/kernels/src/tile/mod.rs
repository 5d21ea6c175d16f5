//! The register tile and what stands next to it: choosing its size, packing, summing partial
//! results.

pub(crate) mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod kernel;
pub(crate) mod menu;
#[cfg(target_arch = "aarch64")]
mod neon;
pub(crate) mod pack;
pub(crate) mod portable;
pub(crate) mod simd;
pub(crate) mod tree;

use simd::{Operation, Simd};

use crate::isa::Isa;

impl Isa {
    /// The compiled tiles.
    pub(crate) fn menu(self) -> &'static kernel::Menu {
        match self {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => &avx512::MENU,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => &avx2::MENU,
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => &neon::MENU,
            _ => &portable::MENU,
        }
    }

    /// Runs an operation compiled for this instruction set, or for the baseline if the machine
    /// lacks it.
    ///
    /// # Safety
    /// As `operation` demands.
    pub(crate) unsafe fn enter<O: Operation>(self, operation: O) {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Isa::Avx512
                && let Some(simd) = avx512::Avx512::new()
            {
                // SAFETY: the caller's promise.
                return unsafe { simd.enter(operation) };
            }
            if self == Isa::Avx2
                && let Some(simd) = avx2::Avx2::new()
            {
                // SAFETY: the caller's promise.
                return unsafe { simd.enter(operation) };
            }
        }
        #[cfg(target_arch = "aarch64")]
        if self == Isa::Neon
            && let Some(simd) = neon::Neon::<true>::new()
        {
            // SAFETY: the caller's promise.
            return unsafe { simd.enter(operation) };
        }
        if let Some(simd) = portable::Portable::new() {
            // SAFETY: the caller's promise.
            unsafe { simd.enter(operation) }
        }
    }
}
