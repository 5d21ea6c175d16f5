//! The convolution itself.

use super::axis::Axis;
use super::correlate::{Correlation, Geometry, Weights};
use crate::conv::ConvShape;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Routine, Tile};
use crate::tile::pack::CopyRows;

/// Output pixels from which on copying the weights into panels costs little: out of whole rows, a
/// panel's lines would crowd into few sets of the cache.
const PACKED_PIXELS: usize = 128;

/// `y = activation(conv(x, w) + bias)`.
pub struct Forward {
    isa: Isa,
    correlation: Correlation,
    weights: Weights,
    phases: Vec<PhaseSpec>,
}

impl Forward {
    /// Plans the convolution; `isa` must be available.
    pub fn new(isa: Isa, shape: &ConvShape, epilogue: Epilogue) -> Forward {
        let shape = &shape.rows_as_images();
        let (input, output) = ([shape.h, shape.w, shape.c], [shape.oh, shape.ow, shape.co]);
        let geometry = Geometry::new(shape, input, output, Axis::forward);
        let mut correlation = Correlation::new(isa, geometry, Weights::Rows, epilogue);
        let reused = shape.n * shape.oh * shape.ow >= PACKED_PIXELS;
        let packs = shape.groups == 1 && correlation.panels().count() > 1 && reused;
        let weights = if packs { Weights::Panels } else { Weights::Rows };
        correlation.set_weights(weights);
        let mut phases = Vec::new();
        if packs {
            let cost = correlation.packed_len() as f64;
            phases.push(PhaseSpec { chunks: correlation.all_panels(), scratch: 0, cost });
        }
        phases.push(PhaseSpec {
            chunks: correlation.chunks(),
            scratch: 0,
            cost: shape.weight() * shape.flops(),
        });
        Forward { isa, correlation, weights, phases }
    }
}

impl Routine for Forward {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        match self.weights {
            Weights::Rows => 0,
            Weights::Panels => crate::routine::aligned_bytes(self.correlation.packed_len()),
        }
    }

    fn tile(&self) -> Tile {
        self.correlation.tile()
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let Operands { inputs: [x, w], bias, output: y, temp, .. } = *at;
        let packed = temp.cast::<f32>();
        if phase + 1 < self.phases.len() {
            let panel = self.correlation.panels().get(chunk);
            let stride = self.correlation.panels().stride();
            let rows = self.correlation.geometry().weight_rows();
            let copy = CopyRows {
                from: w.wrapping_add(panel.start),
                from_stride: self.correlation.geometry().output[2],
                to: packed.wrapping_add(chunk * rows * stride),
                to_stride: stride,
                rows,
                width: panel.width,
            };
            // SAFETY: the caller's promise; a panel lies inside `w`, and its copy inside `temp`.
            unsafe { self.isa.enter(copy) };
            return;
        }
        let weights = if self.weights == Weights::Panels { packed.cast_const() } else { w };
        // SAFETY: the caller's promise.
        unsafe { self.correlation.run(chunk, x, weights, bias, y) }
    }
}
