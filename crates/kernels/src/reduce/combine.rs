//! The last phase of a reduction that is cut into parts.

use super::fold::Fold;
use super::form::Form;
use super::kernel::{Part, Reducible, levels};
use crate::isa::Isa;
use crate::routine::PhaseSpec;

/// Results of a chunk.
const TILE: usize = 1024;

/// Partial results, one line of `results` for each part, which are folded to results.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Combine {
    /// Partial results of each result.
    pub parts: usize,
    pub results: usize,
    /// Elements that were folded to each result, for [`Fold::finish`].
    pub count: usize,
}

impl Combine {
    /// The phase, for elements of so many bytes.
    pub fn phase(&self, size: usize) -> PhaseSpec {
        PhaseSpec {
            chunks: self.results.div_ceil(TILE),
            scratch: (levels(self.parts) * TILE * size).next_multiple_of(64),
            cost: (self.results * self.parts * size) as f64 * 5.0,
        }
    }

    /// Folds the results of one chunk.
    ///
    /// # Safety
    /// `partials` has all partial results, `output` room for the results, and `scratch` the phase's bytes.
    pub unsafe fn run<F: Fold<T>, T: Reducible>(
        &self,
        isa: Isa,
        chunk: usize,
        partials: *const T,
        output: *mut T,
        scratch: *mut T,
    ) {
        let start = chunk * TILE;
        let part = Part {
            form: &Form::new(&[self.parts, self.results], &[0]),
            outer: 0,
            outers: 1,
            tile: start..self.results.min(start + TILE),
            lines: 0..self.parts,
            join: 1,
            input: partials,
            output,
            scratch,
            finish: Some(self.count),
        };
        T::part::<F>(isa, &part);
    }
}
