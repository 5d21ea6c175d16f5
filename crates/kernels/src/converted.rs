//! A routine in f32 on operands that are bf16: what no kernel takes as it is.

use crate::isa::Isa;
use crate::routine::{Float, Floats, Operands, PhaseSpec, Routine, Tile, aligned_bytes, share};
use crate::tile::convert::{Round, Widen};
use fovea_core::Bf16;

/// Elements that a chunk converts.
const LENGTH: usize = 32 * 1024;

/// Widens bf16 inputs before the routine, and rounds its output after it where that is bf16.
pub(crate) struct Converted {
    isa: Isa,
    inner: Box<dyn Routine>,
    /// Bf16 for what is converted.
    floats: Floats,
    /// Elements.
    inputs: [usize; 2],
    output: usize,
    phases: Vec<PhaseSpec>,
}

impl Converted {
    /// Around a routine on `native` inputs and output of so many elements, for it to take and give
    /// `floats`; `isa` must be available.
    pub fn around(
        isa: Isa,
        inner: Box<dyn Routine>,
        native: Floats,
        floats: Floats,
        inputs: [usize; 2],
        output: usize,
    ) -> Box<dyn Routine> {
        if native == floats {
            return inner;
        }
        // What is left to convert.
        let rest = |float, native| if float == native { Float::F32 } else { float };
        let floats =
            Floats { inputs: rest(floats.inputs, native.inputs), output: rest(floats.output, native.output) };
        let phase = |elements: usize, chunks: usize| PhaseSpec { chunks, scratch: 0, cost: elements as f64 };
        let chunks = inputs.map(|length| length.div_ceil(LENGTH));
        let widen = phase(inputs.iter().sum(), chunks.iter().sum());
        let round = phase(output, output.div_ceil(LENGTH));
        let before = (floats.inputs == Float::Bf16).then_some(widen);
        let after = (floats.output == Float::Bf16).then_some(round);
        let phases = before.into_iter().chain(inner.phases().iter().copied()).chain(after).collect();
        Box::new(Converted { isa, inner, floats, inputs, output, phases })
    }

    /// Bytes of the copies of both inputs and of the output.
    fn copies(&self) -> [usize; 3] {
        let copy = |float, length| if float == Float::Bf16 { aligned_bytes(length) } else { 0 };
        let Floats { inputs, output } = self.floats;
        let [a, b] = self.inputs.map(|length| copy(inputs, length));
        [a, b, copy(output, self.output)]
    }
}

impl Routine for Converted {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        self.copies().iter().sum::<usize>() + self.inner.temp()
    }

    fn tile(&self) -> Tile {
        self.inner.tile()
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let [a, b, c] = self.copies();
        let copies = [0, a, a + b].map(|before| at.temp.wrapping_add(before).cast::<f32>());
        let widens = self.floats.inputs == Float::Bf16;
        if widens && phase == 0 {
            let first = self.inputs[0].div_ceil(LENGTH);
            let (input, chunk) = if chunk < first { (0, chunk) } else { (1, chunk - first) };
            let length = self.inputs[input];
            let owned = share(length, length.div_ceil(LENGTH), chunk);
            let widen = Widen {
                from: at.inputs[input].cast::<Bf16>().wrapping_add(owned.start),
                to: copies[input].wrapping_add(owned.start),
                length: owned.len(),
            };
            // SAFETY: the caller's promise; the copies have room for the inputs.
            return unsafe { self.isa.enter(widen) };
        }
        let rounds = self.floats.output == Float::Bf16;
        if rounds && phase + 1 == self.phases.len() {
            let owned = share(self.output, self.output.div_ceil(LENGTH), chunk);
            let round = Round {
                from: copies[2].wrapping_add(owned.start),
                to: at.output.cast::<Bf16>().wrapping_add(owned.start),
                length: owned.len(),
            };
            // SAFETY: the caller's promise; the routine has written its output.
            return unsafe { self.isa.enter(round) };
        }
        let inner = Operands {
            inputs: if widens { [copies[0], copies[1]].map(|copy| copy.cast_const()) } else { at.inputs },
            output: if rounds { copies[2] } else { at.output },
            temp: at.temp.wrapping_add(a + b + c),
            ..*at
        };
        // SAFETY: the caller's promise; the copies are the operands that the routine was planned for.
        unsafe { self.inner.run(phase - usize::from(widens), chunk, &inner) }
    }
}
