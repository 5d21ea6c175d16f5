//! Layers and memory for the benches, and what their figures are compared with.

pub mod layers;
pub mod peak;

/// Floats that begin at a cache line.
pub struct Floats32 {
    values: Vec<f32>,
    start: usize,
}

impl Floats32 {
    /// Values between −1 and 1.
    pub fn new(len: usize) -> Floats32 {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let values: Vec<f32> = (0..len + 16).map(|_| next()).collect();
        let start = values.as_ptr().align_offset(64);
        Floats32 { values, start }
    }

    pub fn bytes(count: usize) -> Floats32 {
        Floats32::new(count.div_ceil(4))
    }

    /// With so many of a hundred zero.
    pub fn with_zeros(&mut self, percentage: usize) -> *mut f32 {
        let mut state = 7u32;
        for value in &mut self.values {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if (state >> 16) as usize % 100 < percentage {
                *value = 0.0;
            }
        }
        self.ptr()
    }

    pub fn ptr(&mut self) -> *mut f32 {
        self.values[self.start..].as_mut_ptr()
    }
}
