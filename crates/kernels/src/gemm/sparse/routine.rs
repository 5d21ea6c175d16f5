//! The phases of both products, and which of them run.

use super::lists::Lists;
use super::product::Product;
use crate::gemm::{Gemm, GemmSpec};
use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Routine, Tile};

/// Operations that listing an element takes.
const LISTING: f64 = 4.0;

/// A planned product, `epilogue(A · B)`, that leaves the zeros of A out where there are enough of them; inputs: A, B.
/// Then what is infinite or NaN in B makes nothing of a zero of A.
pub struct Sparse {
    dense: Gemm,
    lists: Lists,
    product: Product,
    phases: Vec<PhaseSpec>,
}

impl Sparse {
    /// Plans the product beside the dense one of the same sizes, which [suit](super::suits); `isa` must be available.
    pub fn new(isa: Isa, spec: &GemmSpec, dense: Gemm) -> Sparse {
        let product = Product::new(isa, spec);
        let lists = Lists::new(isa, spec, product.blocks(), product.stride());
        let cost = LISTING * (spec.m * spec.k) as f64;
        let first = PhaseSpec { chunks: lists.chunks(), scratch: lists.scratch(), cost };
        let mut phases = vec![first];
        phases.extend_from_slice(dense.phases());
        if let Some(last) = phases.last_mut() {
            last.chunks = last.chunks.max(product.chunks());
            last.scratch = last.scratch.max(product.scratch());
        }
        Sparse { dense, lists, product, phases }
    }
}

impl Routine for Sparse {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        self.lists.temp() + self.dense.temp()
    }

    fn tile(&self) -> Tile {
        self.dense.tile()
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let (listed, [a, b]) = (self.lists.at(at.temp), at.inputs);
        if phase == 0 {
            // SAFETY: the caller's promise.
            return unsafe { self.lists.make(chunk, a, listed, at.scratch.cast()) };
        }
        let last = phase + 1 == self.phases.len();
        // SAFETY: the caller's promise: the first phase is complete.
        if unsafe { self.lists.at_most(self.product.most(), listed) } {
            if last && chunk < self.product.chunks() {
                let finish = self.dense.spec.epilogue.finish(at);
                // SAFETY: the caller's promise.
                unsafe { self.product.run(chunk, listed, b, finish, at.output, at.scratch.cast()) };
            }
        } else if chunk < self.dense.phases()[phase - 1].chunks {
            let at = Operands { temp: at.temp.wrapping_add(self.lists.temp()), ..*at };
            // SAFETY: the caller's promise; the lists take no more than their part of the shared memory.
            unsafe { self.dense.run(phase - 1, chunk, &at) };
        }
    }
}
