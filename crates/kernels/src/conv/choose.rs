//! The cost model: which algorithm computes a convolution. A pure function of shape, instruction set
//! and precision; nothing is timed when it runs. Costs are cycles of a core that starts two fused
//! multiply-adds of a vector each cycle; the constants were fitted on AVX-512 with
//! `cargo bench -p fovea-kernels -- conv`, on Zen 5, which is such a core, and on Zen 4, which starts one.

use super::winograd::Cut;
use super::{Algorithm, ConvShape, Form, LineForm, PooledShape};
use crate::isa::Isa;
use crate::routine::{Float, Sizes};
use crate::tile::pack::LINE_FLOATS;
use fovea_core::{Error, Result};
use std::fmt;

#[cfg(test)]
mod tests;

/// How exact sums have to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Precision {
    /// float32 throughout; convolutions of 3 × 3 and 5 × 5 taps, and of 3 or 7 in a row or column, may take
    /// Winograd's detour, whose error is a few times that of the plain sum.
    #[default]
    High,
    /// float32 throughout, every sum taken directly.
    Highest,
}

impl Precision {
    /// `high` or `highest`.
    ///
    /// # Errors
    /// `BAD_ARGUMENT` for another word.
    pub fn parse(name: &str) -> Result<Precision> {
        match name {
            "high" => Ok(Precision::High),
            "highest" => Ok(Precision::Highest),
            _ => {
                let message = format!("the precision must be \"high\" or \"highest\". Received: {name:?}");
                Err(Error::argument(message))
            }
        }
    }
}

/// Which of the three computations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Output,
    InputGrad,
    KernelGrad,
}

/// An algorithm, and what made the model choose it.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    pub algorithm: Algorithm,
    /// The estimated cycles of each that could be taken: of the direct sum alone where shape or
    /// precision leave nothing else.
    pub cycles: Vec<(Algorithm, f64)>,
}

impl Choice {
    /// For the convolution itself, of such inputs.
    pub fn forward(isa: Isa, precision: Precision, shape: &ConvShape, inputs: Float) -> Choice {
        choose(isa, precision, shape, inputs, Part::Output)
    }

    /// For the gradient for the input.
    pub fn input_grad(isa: Isa, precision: Precision, shape: &ConvShape, inputs: Float) -> Choice {
        choose(isa, precision, shape, inputs, Part::InputGrad)
    }

    /// For the gradient for the kernel.
    pub fn kernel_grad(isa: Isa, precision: Precision, shape: &ConvShape, inputs: Float) -> Choice {
        choose(isa, precision, shape, inputs, Part::KernelGrad)
    }
}

/// The algorithm, and in brackets the estimates.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (cycles:", self.algorithm)?;
        for (index, (algorithm, cycles)) in self.cycles.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} {algorithm} {cycles:.2e}")?;
        }
        f.write_str(")")
    }
}

/// What the direct sum of a kernel's gradient takes beyond its products, those on padding among them.
const DIRECT_KERNEL_GRAD: f64 = 1.05;
/// What products in small blocks take beyond their number.
const BLOCKED: f64 = 1.1;
/// What it takes to add a vector of a partial sum, which comes from afar.
const PARTIAL: f64 = 25.0;
/// What taking a complete sum back to a kernel takes, where it is still in the core's cache, of what a kernel from
/// afar takes.
const CLOSE: f64 = 0.45;

impl Part {
    /// What pairs of bf16 spare the direct sum, beside detours, where one instruction multiplies them. Detours are f32
    /// in any case.
    fn pair(self) -> f64 {
        if self == Part::KernelGrad { 1.25 } else { 1.8 }
    }

    /// Whether the direct sum runs over whole pairs.
    fn pairs(self, shape: &ConvShape) -> bool {
        match self {
            Part::Output => shape.pairs(shape.c),
            Part::InputGrad => shape.pairs(shape.co),
            Part::KernelGrad => !shape.is_depthwise(),
        }
    }
}

/// How much cheaper has to look what the constants may be wrong about.
const WORTH: f64 = 1.1;

/// How much cheaper a detour has to look before it is taken. One of six points costs digits too, along a line half as
/// many, and as many with ten: small networks, whose training is compared with Keras's step by step, gain little by it.
/// Those digits go through all layers after; not those of a kernel's gradient. Nor are they there in bf16, whose detours
/// are f32 between reading and writing.
fn margin(form: Form, part: Part, inputs: Float) -> f64 {
    match (form, part, inputs) {
        (Form::F2_3, _, Float::F32) | (_, Part::KernelGrad, _) => WORTH,
        (Form::F4_3 | Form::F2_5 | Form::Line(_, LineForm::F4_7), _, Float::F32) => 1.5,
        (Form::Line(_, LineForm::F4_3), _, Float::F32) => 1.25,
        (_, _, Float::Bf16) => 1.15,
    }
}

fn choose(isa: Isa, precision: Precision, shape: &ConvShape, inputs: Float, part: Part) -> Choice {
    let lanes = isa.menu().lanes;
    let products = match part {
        // Correlations leave padding out.
        Part::Output | Part::InputGrad => shape.work(),
        Part::KernelGrad => DIRECT_KERNEL_GRAD * shape.flops(),
    };
    let mut direct = products / (4 * lanes) as f64;
    if inputs == Float::Bf16 && part.pairs(shape) && isa.multiplies_bf16() {
        direct /= part.pair();
    }
    let forms = Form::ALL.into_iter().filter(|&form| precision == Precision::High && fits(form, shape));
    let detours: Vec<_> = forms.map(|form| (form, winograd(lanes, shape, part, form))).collect();
    let worth = detours.iter().filter(|&&(form, cost)| cost * margin(form, part, inputs) < direct);
    let best = worth.min_by(|(_, a), (_, b)| a.total_cmp(b));
    let algorithm = best.map_or(Algorithm::Direct, |&(form, _)| Algorithm::Winograd(form));
    let detours = detours.into_iter().map(|(form, cost)| (Algorithm::Winograd(form), cost));
    Choice { algorithm, cycles: [(Algorithm::Direct, direct)].into_iter().chain(detours).collect() }
}

/// Whether the form computes such a convolution at all.
fn fits(form: Form, shape: &ConvShape) -> bool {
    let taps = form.taps();
    let plain = shape.stride == [1, 1] && shape.dilation == [1, 1] && shape.groups == 1;
    let axes = [(shape.pad[0], shape.h, shape.oh), (shape.pad[1], shape.w, shape.ow)];
    // Outputs past the padding of "same" and "full" would see nothing.
    let inside = |((pad, side, outputs), taps)| pad < taps && outputs < side + taps;
    let kernel = [shape.kh, shape.kw] == taps && axes.into_iter().zip(taps).all(inside);
    plain && kernel && shape.flops() > 0.0
}

/// Cycles to transform one vector of a tile, in and out, and one vector of the kernel.
///
/// Transforms wait for the nearest caches, so a core that starts one multiply-add a cycle takes no more cycles for them,
/// and twice as many for products: beside these they count half there. Where the result is as exact as the direct sum's,
/// or its digits go through no layers after, the constants stand between 140 and 60 for F(2, 3), 440 and 200 for F(4, 3).
/// Those of lines were fitted on the slower core, and raised by a half.
/// What costs digits there is counted as on the core where it gains least.
fn transforms(part: Part, form: Form) -> (f64, f64) {
    match (form, part) {
        (Form::F2_3, _) => (100.0, 300.0),
        (Form::F4_3, Part::KernelGrad) => (320.0, 700.0),
        (Form::F4_3, _) => (440.0, 700.0),
        (Form::F2_5, _) => (240.0, 700.0),
        (Form::Line(_, LineForm::F4_3), _) => (24.0, 60.0),
        (Form::Line(_, LineForm::F4_7), _) => (35.0, 100.0),
    }
}

fn winograd(lanes: usize, shape: &ConvShape, part: Part, form: Form) -> f64 {
    let (tile, kernel) = transforms(part, form);
    let outputs = match part {
        Part::InputGrad => [shape.h, shape.w],
        _ => [shape.oh, shape.ow],
    };
    let [height, width] = form.outputs();
    let tiles = (shape.n * outputs[0].div_ceil(height) * outputs[1].div_ceil(width)) as f64;
    let [c, co] = [shape.c, shape.co].map(|channels| channels.div_ceil(lanes) as f64);
    let products = tiles * form.points() as f64 * shape.c as f64 * co / 2.0;
    // A kernel's gradient transforms that of the output for each part of the channels, and adds partial sums.
    // Where it is one chunk, a second thread has nothing to do.
    let (parts, kernel, idle) = match part {
        Part::KernelGrad => {
            let cut @ Cut { channel_parts, partials, .. } = Cut::new(form, shape);
            let additions = ((partials - 1) * form.points()) as f64;
            let close = if partials == 1 { CLOSE } else { 1.0 };
            let idle = if cut.chunks() == 1 { 2.0 } else { 1.0 };
            (channel_parts as f64, close * kernel + PARTIAL * additions, idle)
        }
        _ => (1.0, kernel, 1.0),
    };
    let transforms = tiles * (c + parts * co) * tile + shape.c as f64 * co * kernel;
    idle * (BLOCKED * products + transforms)
}

/// What a vector takes that a winner multiplies and adds: it is read for this alone, and longer where it lies across
/// two cache lines.
const WINNER: f64 = 0.6;
/// What it takes to sort a winner.
const SORTED: f64 = 2.5;
/// What a list of winners takes beside them, and a vector of its sum.
const LIST: f64 = 10.0;
const LIST_VECTOR: f64 = 1.0;
/// What an addition takes that makes the dense gradient, and what that takes to be stored.
const ADDITION: f64 = 0.2;

/// What it takes to compute a gradient of a convolution from the winners of the max pooling behind it alone, instead of
/// by a dense sum, most of whose products would be with zeros. Winners without a gradient, that a rectifier shut, cost
/// less than this says.
#[derive(Clone, PartialEq, Debug)]
pub struct WinnersAlone {
    /// The estimated cycles.
    pub cycles: f64,
    /// Those of the gradient that a dense sum would read, as far as nothing else reads it.
    pub spared: f64,
    /// How the dense sum would be computed.
    pub dense: Choice,
}

impl WinnersAlone {
    /// For the gradient for the input, in f32.
    pub fn input_grad(isa: Isa, precision: Precision, shape: &PooledShape) -> WinnersAlone {
        let dense = Choice::input_grad(isa, precision, shape.conv(), Float::F32);
        let sums = (shape.conv().n * shape.windows() * shape.cells() * shape.conv().kh) as f64;
        let vectors = shape.row().div_ceil(isa.menu().lanes) as f64;
        WinnersAlone::new(isa, shape, WINNER, sums * (LIST + LIST_VECTOR * vectors), dense)
    }

    /// For the gradient for the kernel, in f32.
    pub fn kernel_grad(isa: Isa, precision: Precision, shape: &PooledShape) -> WinnersAlone {
        let dense = Choice::kernel_grad(isa, precision, shape.conv(), Float::F32);
        // Pixels begin anywhere unless their channels fill vectors.
        let lanes = isa.menu().lanes;
        let split = if shape.conv().c.is_multiple_of(lanes) { 0 } else { lanes - 1 };
        let vector = WINNER * (1.0 + split as f64 / LINE_FLOATS as f64);
        WinnersAlone::new(isa, shape, vector, 0.0, dense)
    }

    fn new(isa: Isa, shape: &PooledShape, vector: f64, beside: f64, dense: Choice) -> WinnersAlone {
        let vectors = shape.conv().kh * shape.row().div_ceil(isa.menu().lanes);
        let cycles = shape.winners() as f64 * (SORTED + vector * vectors as f64) + beside;
        WinnersAlone { cycles, spared: 0.0, dense }
    }

    /// If it spares this part of making the dense gradient too.
    pub fn sparing(self, part: f64, shape: &PooledShape) -> WinnersAlone {
        WinnersAlone { spared: part * ADDITION * shape.additions(), ..self }
    }

    /// Whether it is cheaper.
    pub fn pays(&self) -> bool {
        let Choice { algorithm, cycles } = &self.dense;
        let dense = cycles.iter().find(|(of, _)| of == algorithm).map_or(0.0, |&(_, cycles)| cycles);
        WORTH * self.cycles < dense + self.spared
    }
}

/// As a [`Choice`], with the estimate for making what a dense sum would read.
impl fmt::Display for WinnersAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WinnersAlone { cycles, spared, dense } = self;
        write!(f, "winners alone (cycles: {cycles:.2e}; dense: {spared:.2e} and {dense})")
    }
}
