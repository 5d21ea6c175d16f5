//! The convolution itself.

use super::ConvShape;
use super::axis::Axis;
use super::correlate::{Correlation, Geometry, Weights};
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::PhaseSpec;
use crate::tile::pack::CopyRows;

/// Output pixels from which on copying the weights into panels costs little: out of whole rows, a
/// panel's lines would crowd into few sets of the cache.
const PACKED_PIXELS: usize = 128;

/// `y = activation(conv(x, w) + bias)`.
pub struct ConvForward {
    isa: Isa,
    correlation: Correlation,
    weights: Weights,
    phases: Vec<PhaseSpec>,
}

impl ConvForward {
    /// Plans the convolution; `isa` must be available.
    pub fn new(isa: Isa, shape: &ConvShape, epilogue: Epilogue) -> ConvForward {
        let shape = &shape.rows_as_images();
        let [stride, dilation, pad] = [shape.stride, shape.dilation, shape.pad];
        let geometry = Geometry {
            images: shape.n,
            source: [shape.h, shape.w, shape.c],
            output: [shape.oh, shape.ow, shape.co],
            groups: shape.groups,
            depthwise: shape.is_depthwise(),
            axes: [
                Axis::forward(shape.h, shape.kh, shape.oh, stride[0], dilation[0], pad[0]),
                Axis::forward(shape.w, shape.kw, shape.ow, stride[1], dilation[1], pad[1]),
            ],
        };
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
        phases.push(PhaseSpec { chunks: correlation.chunks(), scratch: 0, cost: shape.flops() });
        ConvForward { isa, correlation, weights, phases }
    }

    /// The phases, in order.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes of 64-byte aligned memory that all phases of a run share.
    pub fn temp(&self) -> usize {
        match self.weights {
            Weights::Rows => 0,
            Weights::Panels => crate::routine::aligned_bytes(self.correlation.packed_len()),
        }
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `x`, `w`, `bias` (null if the epilogue has none) and `y` hold the tensors of the shape, `y`
    /// and `temp` are touched by nobody but this run, and the phases before are complete.
    #[allow(clippy::too_many_arguments)]
    pub unsafe fn run(
        &self,
        phase: usize,
        chunk: usize,
        x: *const f32,
        w: *const f32,
        bias: *const f32,
        y: *mut f32,
        temp: *mut u8,
        _scratch: *mut u8,
    ) {
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
