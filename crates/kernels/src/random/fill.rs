use fovea_core::rng;

use crate::isa::Isa;
use crate::math;
use crate::multiversion::multiversioned;
use crate::routine::PhaseSpec;

/// Elements that make a chunk, a multiple of 4.
const CHUNK: usize = 32 << 10;
/// Words that are drawn before they are turned into floats, a multiple of 4.
const STRIP: usize = 1024;
/// erf √2, the probability of ±2 standard deviations.
const WITHIN_TWO: f32 = 0.954_499_7;

/// What is drawn; see the module's page for how words become elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Draw {
    /// Uniform 32-bit words (`U32`).
    Words,
    /// Uniform floats in [0, 1), multiples of 2⁻²⁴.
    Uniform,
    /// `on` with probability `p`, else 0.
    Bernoulli {
        /// The probability, clamped to [0, 1]; met to within 2⁻³³.
        p: f64,
        /// The value drawn then: 1, or 1 / (1 − rate) for dropout.
        on: f32,
    },
    /// Normal floats with mean 0 and deviation 1, none beyond ±5.8.
    Normal,
    /// As `Normal`, given that they lie within ±2.
    TruncatedNormal,
}

/// Fills a tensor with random elements.
#[derive(Debug)]
pub struct Random {
    isa: Isa,
    draw: Draw,
    n: usize,
    /// Its one phase.
    pub phase: PhaseSpec,
}

impl Random {
    /// Plans `n` elements.
    pub fn new(isa: Isa, draw: Draw, n: usize) -> Random {
        let phase = PhaseSpec { chunks: n.div_ceil(CHUNK), scratch: 0, cost: n as f64 * 100.0 };
        Random { isa, draw, n, phase }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `key` holds two words, `output` has room for the elements; both are aligned to 4 bytes.
    pub unsafe fn run(&self, chunk: usize, key: *const u32, output: *mut u8) {
        let start = chunk * CHUNK;
        let len = CHUNK.min(self.n - start);
        // SAFETY: promised by the caller; words and floats have the same size.
        let (key, words) = unsafe {
            ([*key, *key.add(1)], std::slice::from_raw_parts_mut(output.cast::<u32>().add(start), len))
        };
        for (i, strip) in words.chunks_mut(STRIP).enumerate() {
            self.strip(key, (start + i * STRIP) as u64 / 4, strip);
        }
    }

    /// Elements from a block's first on.
    fn strip(&self, key: [u32; 2], block: u64, words: &mut [u32]) {
        let whole = words.len() / 4 * 4;
        let (words, rest) = words.split_at_mut(whole);
        self.blocks(key, block, words);
        // The last block is drawn whole, since its words may come in pairs.
        if !rest.is_empty() {
            let mut last = [0; 4];
            self.blocks(key, block + (whole / 4) as u64, &mut last);
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }

    fn blocks(&self, key: [u32; 2], block: u64, words: &mut [u32]) {
        draw_words(self.isa, key, block, words);
        match self.draw {
            Draw::Words => {}
            Draw::Uniform => uniform(self.isa, words),
            Draw::Bernoulli { p, on } => {
                let threshold = (p.clamp(0.0, 1.0) * 4_294_967_296.0).round() as u64;
                match u32::try_from(threshold) {
                    Ok(threshold) => bernoulli(self.isa, threshold, on, words),
                    Err(_) => words.fill(on.to_bits()),
                }
            }
            Draw::Normal => normal(self.isa, words),
            Draw::TruncatedNormal => truncated_normal(self.isa, words),
        }
    }
}

multiversioned! {
    fn draw_words(key: [u32; 2], block: u64, words: &mut [u32]) {
        // Lanes are neighbouring blocks; a shorter run at the end is a separate, scalar one.
        const LANES: usize = 16;
        let mut at = block;
        let mut groups = words.chunks_exact_mut(4 * LANES);
        for group in &mut groups {
            let mut lanes = [[0u32; 4]; LANES];
            for (j, lane) in lanes.iter_mut().enumerate() {
                *lane = rng::block(key, at.wrapping_add(j as u64));
            }
            group.copy_from_slice(lanes.as_flattened());
            at = at.wrapping_add(LANES as u64);
        }
        for group in groups.into_remainder().chunks_exact_mut(4) {
            group.copy_from_slice(&rng::block(key, at));
            at = at.wrapping_add(1);
        }
    }
}

multiversioned! {
    fn uniform(words: &mut [u32]) {
        for w in words {
            *w = rng::unit(*w).to_bits();
        }
    }
}

multiversioned! {
    fn bernoulli(threshold: u32, on: f32, words: &mut [u32]) {
        for w in words {
            *w = if *w < threshold { on.to_bits() } else { 0 };
        }
    }
}

multiversioned! {
    fn normal(words: &mut [u32]) {
        for pair in words.chunks_exact_mut(2) {
            let u = ((pair[0] >> 8) + 1) as f32 * (1.0 / 16_777_216.0);
            let v = rng::unit(pair[1]);
            let r = math::sqrt(-2.0 * math::log(u));
            pair[0] = (r * math::cos_turns(v)).to_bits();
            pair[1] = (r * math::sin_turns(v)).to_bits();
        }
    }
}

multiversioned! {
    fn truncated_normal(words: &mut [u32]) {
        for w in words {
            let odd = ((*w >> 9) * 2 + 1) as i32 - (1 << 23);
            let s = odd as f32 * (1.0 / 8_388_608.0);
            let x = std::f32::consts::SQRT_2 * math::erfinv(s * WITHIN_TWO);
            *w = x.clamp(-2.0, 2.0).to_bits();
        }
    }
}
