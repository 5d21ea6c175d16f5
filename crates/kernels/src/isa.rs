//! The instruction set, chosen once when the process first asks.

use std::sync::OnceLock;

use fovea_core::{Error, Result};

/// An instruction set that the kernels are compiled for. Results are promised bit for bit per
/// instruction set, not across them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Isa {
    /// AVX-512 F, VL, DQ and BW: 16 lanes, 32 registers.
    Avx512,
    /// AVX2 and FMA: 8 lanes, 16 registers.
    Avx2,
    /// NEON, which every 64-bit ARM processor has: 4 lanes, 32 registers.
    Neon,
    /// Whatever the target's baseline offers, without fused multiply-add.
    Portable,
}

impl Isa {
    /// Every instruction set, the fastest first.
    pub const ALL: [Isa; 4] = [Isa::Avx512, Isa::Avx2, Isa::Neon, Isa::Portable];

    /// The fastest instruction set of this machine, or the one that the environment variable
    /// `FOVEA_ISA` names (`avx512`, `avx2`, `neon` or `portable`). The first answer is kept.
    ///
    /// # Errors
    /// `BAD_ARGUMENT` if `FOVEA_ISA` names no instruction set, or one this machine lacks.
    pub fn detect() -> Result<Isa> {
        static CHOICE: OnceLock<Result<Isa>> = OnceLock::new();
        CHOICE.get_or_init(|| choose(std::env::var("FOVEA_ISA").ok().as_deref())).clone()
    }

    /// Whether this machine can run it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            Isa::Avx512 | Isa::Avx2 => false,
            Isa::Neon => cfg!(target_arch = "aarch64"),
            Isa::Portable => true,
        }
    }

    /// Whether this machine multiplies pairs of bf16 in one instruction of it, at twice the rate of f32.
    /// Elsewhere they are multiplied as f32, which gives sums of other bits.
    pub fn multiplies_bf16(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => is_x86_feature_detected!("avx512bf16"),
            _ => false,
        }
    }

    /// The name that `FOVEA_ISA` understands.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Avx512 => "avx512",
            Isa::Avx2 => "avx2",
            Isa::Neon => "neon",
            Isa::Portable => "portable",
        }
    }
}

/// The fastest available instruction set, or the forced one.
fn choose(forced: Option<&str>) -> Result<Isa> {
    let Some(name) = forced.filter(|name| !name.is_empty()) else {
        return Ok(Isa::ALL.into_iter().find(|isa| isa.is_available()).unwrap_or(Isa::Portable));
    };
    let isa = Isa::ALL.into_iter().find(|isa| isa.name() == name).ok_or_else(|| {
        let expected = Isa::ALL.map(Isa::name).join(", ");
        Error::argument(format!("FOVEA_ISA must be one of {expected}. Received: {name:?}"))
    })?;
    if !isa.is_available() {
        let message = format!("FOVEA_ISA asks for {name}, which this machine does not have");
        return Err(Error::argument(message));
    }
    Ok(isa)
}

/// Makes the calling thread treat denormal numbers as zero, in operands and in results: late in
/// training they would slow every multiplication down. Does nothing where there is no such switch.
pub fn flush_denormals() {
    control::set(control::get() | control::FLUSH);
}

/// Calls `work` with denormal numbers treated as zero; afterwards the calling thread does with them what it
/// did before.
pub fn denormals_flushed<T>(work: impl FnOnce() -> T) -> T {
    struct Before(control::Word);
    impl Drop for Before {
        fn drop(&mut self) {
            control::set(self.0);
        }
    }
    let _before = Before(control::get());
    flush_denormals();
    work()
}

/// The register that says how a thread's floating-point numbers are treated.
#[cfg(target_arch = "x86_64")]
mod control {
    pub type Word = u32;
    const TO_ZERO: u32 = 1 << 15;
    const ARE_ZERO: u32 = 1 << 6;
    /// The switches for results and operands.
    pub const FLUSH: u32 = TO_ZERO | ARE_ZERO;

    pub fn get() -> u32 {
        let mut word = 0u32;
        // SAFETY: an instruction of SSE, which every x86-64 processor has; it writes `word`.
        unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack, preserves_flags)) };
        word
    }

    pub fn set(word: u32) {
        // SAFETY: as above; it reads `word`, which is what `get` gave but for the two switches.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, preserves_flags))
        };
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    pub type Word = u64;
    /// The switch, for operands and results.
    pub const FLUSH: u64 = 1 << 24;

    pub fn get() -> u64 {
        let word;
        // SAFETY: every aarch64 processor has this register, and programs may read it.
        unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags)) };
        word
    }

    pub fn set(word: u64) {
        // SAFETY: programs may write it too; `word` is what `get` gave but for the switch.
        unsafe { std::arch::asm!("msr fpcr, {}", in(reg) word, options(nostack, preserves_flags)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    pub type Word = u32;
    pub const FLUSH: u32 = 0;

    pub fn get() -> u32 {
        0
    }

    pub fn set(_: u32) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use fovea_core::Code;

    #[test]
    fn an_unknown_or_missing_instruction_set_is_refused() {
        assert_eq!(choose(Some("sse9")).unwrap_err().code, Code::BadArgument);
        assert_eq!(choose(Some("portable")).unwrap(), Isa::Portable);
        assert!(choose(None).unwrap().is_available());
        for isa in Isa::ALL {
            match choose(Some(isa.name())) {
                Ok(chosen) => assert!(chosen == isa && isa.is_available()),
                Err(error) => assert!(error.code == Code::BadArgument && !isa.is_available()),
            }
        }
    }

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn denormals_become_zero_on_the_calling_thread_only() {
        use std::hint::black_box;
        let halved = || black_box(f32::MIN_POSITIVE) * black_box(0.5);
        let flushed = std::thread::spawn(move || {
            flush_denormals();
            halved()
        });
        assert_eq!(flushed.join().unwrap(), 0.0);
        assert!(halved() > 0.0);
        assert_eq!(denormals_flushed(halved), 0.0);
        assert!(halved() > 0.0, "as before");
        assert!(std::panic::catch_unwind(|| denormals_flushed(|| panic!("on purpose"))).is_err());
        assert!(halved() > 0.0, "as before a panic");
    }
}
