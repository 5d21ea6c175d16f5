//! The register tile and what stands next to it: choosing its size, packing, summing partial
//! results.

pub(crate) mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub(crate) mod convert;
mod factors;
mod join;
pub(crate) mod kernel;
pub(crate) mod menu;
#[cfg(target_arch = "aarch64")]
mod neon;
pub(crate) mod nothing;
pub(crate) mod pack;
pub(crate) mod portable;
pub(crate) mod simd;
pub(crate) mod statistics;
pub(crate) mod tree;
pub(crate) mod vectors;
pub(crate) mod weighted;

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

    /// The compiled tiles whose words are pairs of bf16.
    pub(crate) fn pairs(self) -> &'static kernel::Menu {
        match self {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 if self.multiplies_bf16() => &avx512::DOT,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => &avx512::PAIRS,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => &avx2::PAIRS,
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => &neon::PAIRS,
            _ => &portable::PAIRS,
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
                && let Some(simd) = avx2::Avx2::<true>::new()
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

#[cfg(test)]
mod tests {
    use super::kernel::{Ahead, Menu, Segments, TileArgs, mode};
    use super::*;
    use crate::routine::Float;

    /// All menus of pairs that this machine can run, those too that it has a better one for.
    fn menus() -> Vec<&'static Menu> {
        let mut menus: Vec<_> =
            Isa::ALL.into_iter().filter(|isa| isa.is_available()).map(Isa::pairs).collect();
        #[cfg(target_arch = "x86_64")]
        if Isa::Avx512.is_available() {
            menus.push(&avx512::PAIRS);
        }
        menus
    }

    #[test]
    fn every_tile_of_pairs_adds_both_products_of_a_word() {
        const STEPS: usize = 5;
        // Small integers: sums of their products are exact, and no bf16 of theirs is rounded.
        let word = |index: usize| (index * 7 % 13) as f32 - 6.0;
        let words = |count: usize| -> Vec<f32> {
            let half = |index: usize| word(index).to_bits() >> 16;
            (0..count).map(|i| f32::from_bits(half(2 * i + 1) << 16 | half(2 * i))).collect()
        };
        for menu in menus() {
            for vectors in 1..=4 {
                for rows in 1..=menu.max_rows(vectors) {
                    let width = vectors * menu.lanes - 1;
                    let (a, b) = (words(rows * STEPS), words(STEPS * width));
                    let mut c = vec![f32::NAN; rows * width];
                    let offsets = |stride: usize| (0..rows).map(|row| row * stride).collect::<Vec<_>>();
                    let (a_rows, c_rows) = (offsets(STEPS), offsets(width));
                    let args = TileArgs {
                        a: a.as_ptr(),
                        rows: a_rows.as_ptr(),
                        next: std::ptr::null(),
                        b: b.as_ptr(),
                        c: c.as_mut_ptr(),
                        result: Float::F32,
                        c_rows: c_rows.as_ptr(),
                        k: STEPS,
                        a_step: 1,
                        b_step: width,
                        inner: Segments::ONE,
                        outer: Segments::ONE,
                        tail: menu.lanes - 1,
                        accumulate: false,
                        finish: activation::Finish::NONE,
                        ahead: Ahead::PANEL,
                        streams: false,
                    };
                    // SAFETY: the operands have the sizes that the arguments say.
                    unsafe { menu.run(mode::SPLAT, vectors, rows, &args) };
                    for (index, &sum) in c.iter().enumerate() {
                        let (row, lane) = (index / width, index % width);
                        let product = |step: usize, half: usize| {
                            word(2 * (row * STEPS + step) + half) * word(2 * (step * width + lane) + half)
                        };
                        let expected: f32 = (0..STEPS).map(|k| product(k, 0) + product(k, 1)).sum();
                        assert_eq!(sum, expected, "{vectors} · {rows} at {index}");
                    }
                }
            }
        }
    }
}
