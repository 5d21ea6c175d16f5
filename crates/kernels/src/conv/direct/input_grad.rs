//! The gradient of a convolution with respect to its input.

use super::axis::Axis;
use super::correlate::{Correlation, Geometry, Weights};
use crate::conv::ConvShape;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::{Float, Floats, Operands, PhaseSpec, Routine, Tile, aligned_bytes};
use crate::tile::pack::{CopyRows, Transpose};

/// `dx` from `g`, the gradient of the convolution's output: the correlation of `g` with the
/// kernel turned around, its input and output channels exchanged. The first phase writes that
/// kernel.
pub struct InputGrad {
    isa: Isa,
    /// With pairs of output channels if they are bf16.
    shape: ConvShape,
    correlation: Correlation,
    phases: Vec<PhaseSpec>,
}

impl InputGrad {
    /// Plans the gradient, of bf16 if each group has whole pairs of output channels; `isa` must be
    /// available.
    pub fn new(isa: Isa, shape: &ConvShape, epilogue: Epilogue, floats: Floats) -> InputGrad {
        let shape = shape.pixels_as_images();
        let co = if floats.inputs == Float::Bf16 { shape.co / 2 } else { shape.co };
        let (input, output) = ([shape.h, shape.w, shape.c], [shape.oh, shape.ow, co]);
        let geometry = Geometry::new(&shape, output, input, Axis::backward);
        let correlation = Correlation::new(isa, floats, geometry, Weights::Panels, epilogue);
        let packing = shape.kernel_len() as f64 * 4.0;
        let phases = vec![
            PhaseSpec { chunks: correlation.all_panels(), scratch: 0, cost: packing },
            PhaseSpec { chunks: correlation.chunks(), scratch: 0, cost: shape.weight() * shape.flops() },
        ];
        InputGrad { isa, shape: ConvShape { co, ..shape }, correlation, phases }
    }
}

impl Routine for InputGrad {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        aligned_bytes(self.correlation.packed_len())
    }

    fn tile(&self) -> Tile {
        self.correlation.tile()
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let Operands { inputs: [g, w], temp, .. } = *at;
        let packed = temp.cast::<f32>();
        if phase == 0 {
            // SAFETY: the caller's promise.
            unsafe { self.pack(chunk, w, packed) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.correlation.run(chunk, [g, packed], at, None) }
        }
    }
}

impl InputGrad {
    /// Writes one panel of the turned kernel: `[taps, output channels, lanes]`.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn pack(&self, index: usize, w: *const f32, packed: *mut f32) {
        let geometry = self.correlation.geometry();
        let panels = self.correlation.panels();
        let (group, panel) = (index / panels.count(), panels.get(index % panels.count()));
        let stride = panels.stride();
        let depth = geometry.depth();
        let mut to = packed.wrapping_add(index * geometry.weight_rows() * stride);
        for &row in &geometry.axes[0].taps {
            for &column in &geometry.axes[1].taps {
                let tap = row * self.shape.kw + column;
                if geometry.depthwise {
                    let from = w.wrapping_add(tap * self.shape.co + panel.start);
                    let copy =
                        CopyRows { from, from_stride: 0, to, to_stride: 0, rows: 1, width: panel.width };
                    // SAFETY: the caller's promise.
                    unsafe { self.isa.enter(copy) };
                } else {
                    let first = tap * geometry.group_lanes() + panel.start;
                    let transpose = Transpose {
                        from: w.wrapping_add(first * self.shape.co + group * depth),
                        from_stride: self.shape.co,
                        to,
                        to_stride: stride,
                        rows: panel.width,
                        columns: depth,
                    };
                    // SAFETY: the caller's promise.
                    unsafe { self.isa.enter(transpose) };
                }
                to = to.wrapping_add(depth * stride);
            }
        }
    }
}
