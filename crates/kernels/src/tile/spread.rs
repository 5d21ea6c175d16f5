//! Rows copied into panels, with what comes after them fetched meanwhile.

use super::pack::CopyRows;
use super::simd::{Operation, Simd};

/// Copies rows into panels side by side: lane `i` of a row goes to panel `i / to_stride`.
///
/// # Safety of `run`
/// Those floats are readable and writable, and do not overlap.
pub struct Spread {
    pub from: *const f32,
    pub from_stride: usize,
    pub to: *mut f32,
    /// Floats of a row of a panel: whole vectors.
    pub to_stride: usize,
    /// Floats from panel to panel.
    pub to_panel: usize,
    pub rows: usize,
    pub width: usize,
    /// Floats from what is copied to what is fetched.
    pub ahead: usize,
}

impl Operation for Spread {
    #[inline(always)]
    unsafe fn run<S: Simd>(self, simd: S) {
        for row in 0..self.rows {
            let from = self.from.wrapping_add(row * self.from_stride);
            let to = self.to.wrapping_add(row * self.to_stride);
            let mut lane = 0;
            let mut panel = to;
            while lane + self.to_stride <= self.width {
                for at in (0..self.to_stride).step_by(S::LANES) {
                    simd.prefetch(from.wrapping_add(self.ahead + lane + at));
                    // SAFETY: the caller's promise.
                    unsafe { simd.store(panel.wrapping_add(at), simd.load(from.wrapping_add(lane + at))) };
                }
                lane += self.to_stride;
                panel = panel.wrapping_add(self.to_panel);
            }
            if lane < self.width {
                let rest = CopyRows {
                    from: from.wrapping_add(lane),
                    from_stride: 0,
                    to: panel,
                    to_stride: 0,
                    rows: 1,
                    width: self.width - lane,
                };
                // SAFETY: the caller's promise.
                unsafe { rest.run(simd) };
            }
        }
    }
}
