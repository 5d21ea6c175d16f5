//! The convolution itself.

use super::axis::Axis;
use super::correlate::{Correlation, Geometry, Weights};
use crate::conv::ConvShape;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::reduce::Meet;
use crate::routine::{Float, Floats, Operands, PhaseSpec, Prelude, Routine, Tile, aligned_bytes};
use crate::tile::convert::PairRows;
use crate::tile::pack::CopyRows;
use crate::tile::statistics::NUMBERS;
use fovea_core::Bf16;

/// Output pixels from which on copying the weights into panels costs little: out of whole rows, a
/// panel's lines would crowd into few sets of the cache.
const PACKED_PIXELS: usize = 128;

/// Channels of a chunk where their moments meet.
const MET: usize = 1024;

/// `y = epilogue(conv(x, w))`.
pub struct Forward {
    isa: Isa,
    floats: Floats,
    correlation: Correlation,
    weights: Weights,
    /// Where the moments of the result meet, if they are wanted.
    meet: Option<Meet>,
    phases: Vec<PhaseSpec>,
}

impl Forward {
    /// Plans the convolution, of bf16 if each group has whole pairs of channels; `isa` must be available.
    /// Weights that `last` are copied once for many runs.
    pub fn new(isa: Isa, shape: &ConvShape, epilogue: Epilogue, floats: Floats, last: bool) -> Forward {
        let shape = &shape.pixels_as_images();
        let paired = floats.inputs == Float::Bf16;
        let channels = if paired { shape.c / 2 } else { shape.c };
        let (input, output) = ([shape.h, shape.w, channels], [shape.oh, shape.ow, shape.co]);
        let geometry = Geometry::new(shape, input, output, Axis::forward);
        let mut correlation = Correlation::new(isa, floats, geometry, Weights::Rows, epilogue);
        let reused = last || shape.n * shape.oh * shape.ow >= PACKED_PIXELS;
        let packs = paired || shape.groups == 1 && correlation.panels().count() > 1 && reused;
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
        let meet = epilogue.moments.then(|| Meet::new(isa, shape.co, MET, correlation.pixels(), NUMBERS));
        phases.extend(meet.iter().map(Meet::phase));
        Forward { isa, floats, correlation, weights, meet, phases }
    }
}

impl Routine for Forward {
    fn prelude(&self) -> Option<Prelude> {
        (self.weights == Weights::Panels).then_some(Prelude { phases: 1, input: 1 })
    }

    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        self.packed() + self.meet.as_ref().map_or(0, Meet::temp)
    }

    fn tile(&self) -> Tile {
        self.correlation.tile()
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let Operands { inputs: [x, w], moments, temp, scratch, .. } = *at;
        let packed = temp.cast::<f32>();
        let meet = self.meet.as_ref().map(|meet| (meet, temp.wrapping_add(self.packed()).cast()));
        let packs = self.weights == Weights::Panels;
        // SAFETY: the caller's promise.
        match (phase + usize::from(!packs), meet) {
            (0, _) => unsafe { self.pack(chunk, w, packed) },
            (2, Some((meet, temp))) => unsafe { meet.run(chunk, temp, moments, scratch.cast()) },
            _ => {
                let weights = if packs { packed.cast_const() } else { w };
                unsafe { self.correlation.run(chunk, [x, weights], at, meet) }
            }
        }
    }
}

impl Forward {
    /// Bytes of the weights in panels.
    fn packed(&self) -> usize {
        match self.weights {
            Weights::Rows => 0,
            Weights::Panels => aligned_bytes(self.correlation.packed_len()),
        }
    }

    /// Copies one panel of the weights.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn pack(&self, index: usize, w: *const f32, packed: *mut f32) {
        let (geometry, panels) = (self.correlation.geometry(), self.correlation.panels());
        let (group, panel) = (index / panels.count(), panels.get(index % panels.count()));
        let (rows, to_stride) = (geometry.weight_rows(), panels.stride());
        let to = packed.wrapping_add(index * rows * to_stride);
        let (lane, from_stride) = (group * geometry.group_lanes() + panel.start, geometry.output[2]);
        let width = panel.width;
        // SAFETY: the caller's promise; a panel lies inside `w`, and its copy inside `temp`.
        unsafe {
            if self.floats.inputs == Float::Bf16 {
                let from = w.cast::<Bf16>().wrapping_add(lane);
                self.isa.enter(PairRows {
                    from,
                    at: |row| row * from_stride,
                    to,
                    to_stride,
                    rows: 2 * rows,
                    width,
                    panel: width,
                    to_panel: 0,
                });
            } else {
                let from = w.wrapping_add(lane);
                self.isa.enter(CopyRows { from, from_stride, to, to_stride, rows, width });
            }
        }
    }
}
