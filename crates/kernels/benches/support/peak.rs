//! The rate that a core reaches when it only multiplies and adds.

use std::time::Instant;

use fovea_kernels::isa::Isa;
use fovea_kernels::routine::Float;

/// Floating-point operations a second of one core in multiplications and additions of such numbers
/// alone: of pairs of bf16 where one instruction multiplies them. Clock rates and
/// neighbours on the machine change, so measure it next to what it is compared with.
pub fn peak(isa: Isa, float: Float) -> f64 {
    const STEPS: usize = 20_000;
    let start = Instant::now();
    let flops_per_step = match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if float == Float::Bf16 && isa.multiplies_bf16() => {
            // SAFETY: the instruction is available.
            std::hint::black_box(unsafe { x86::bf16(STEPS) });
            (x86::CHAINS * 32 * 2) as f64
        }
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if isa.is_available() => {
            // SAFETY: the instruction set is available.
            std::hint::black_box(unsafe { x86::avx512(STEPS) });
            (x86::CHAINS * 16 * 2) as f64
        }
        #[cfg(target_arch = "x86_64")]
        _ if Isa::Avx2.is_available() => {
            // SAFETY: the instruction set is available.
            std::hint::black_box(unsafe { x86::avx2(STEPS) });
            (x86::CHAINS * 8 * 2) as f64
        }
        Isa::Neon => {
            std::hint::black_box(chains(STEPS, f32::mul_add));
            (16 * 4 * 2) as f64
        }
        _ => {
            std::hint::black_box(chains(STEPS, |sum, a, b| sum * a + b));
            (16 * 4 * 2) as f64
        }
    };
    STEPS as f64 * flops_per_step / start.elapsed().as_secs_f64()
}

/// Sixteen independent vectors of four, each multiplied and added to `steps` times.
fn chains(steps: usize, multiply_add: impl Fn(f32, f32, f32) -> f32) -> [[f32; 4]; 16] {
    let (a, b) = std::hint::black_box((0.999, 0.001));
    let mut sums = [[1.0; 4]; 16];
    for _ in 0..steps {
        for sum in sums.as_flattened_mut() {
            *sum = multiply_add(*sum, a, b);
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::hint::black_box;

    /// Independent chains: enough to hide the latency of two units.
    pub const CHAINS: usize = 12;

    #[target_feature(enable = "avx512f")]
    pub fn avx512(steps: usize) -> f32 {
        let (a, b) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(0.001)));
        let mut sums = [_mm512_set1_ps(1.0); CHAINS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, a, b);
            }
        }
        total(&sums)
    }

    #[target_feature(enable = "avx512f,avx512bf16")]
    pub fn bf16(steps: usize) -> f32 {
        // The bits of a pair of numbers a little less than one.
        let pair = _mm512_set1_epi32(black_box(0x3f7e_3f7e));
        // SAFETY: both types are any 512 bits.
        let pair = unsafe { std::mem::transmute::<__m512i, __m512bh>(pair) };
        let mut sums = [_mm512_set1_ps(1.0); CHAINS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm512_dpbf16_ps(*sum, pair, pair);
            }
        }
        total(&sums)
    }

    #[target_feature(enable = "avx512f")]
    fn total(sums: &[__m512; CHAINS]) -> f32 {
        let mut total = sums[0];
        for sum in &sums[1..] {
            total = _mm512_add_ps(total, *sum);
        }
        _mm512_reduce_add_ps(total)
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2(steps: usize) -> f32 {
        let (a, b) = (_mm256_set1_ps(black_box(0.999)), _mm256_set1_ps(black_box(0.001)));
        let mut sums = [_mm256_set1_ps(1.0); CHAINS];
        for _ in 0..steps {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, a, b);
            }
        }
        let mut total = sums[0];
        for sum in &sums[1..] {
            total = _mm256_add_ps(total, *sum);
        }
        _mm256_cvtss_f32(total)
    }
}
