//! The cost model: which algorithm computes a convolution. A pure function of shape, instruction set
//! and precision; nothing is timed when it runs. Costs are cycles of a core that starts two fused
//! multiply-adds of a vector each cycle; the constants were fitted on AVX-512 with
//! `cargo bench -p fovea-kernels -- conv`.

use super::{Algorithm, ConvShape, Edge};
use crate::isa::Isa;
use fovea_core::{Error, Result};

/// How exact sums have to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Precision {
    /// float32 throughout; 3 × 3 convolutions may take Winograd's detour, whose error is a few
    /// times that of the plain sum.
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

impl Algorithm {
    /// For the convolution itself.
    pub fn forward(isa: Isa, precision: Precision, shape: &ConvShape) -> Algorithm {
        choose(isa, precision, shape, Part::Output)
    }

    /// For the gradient for the input.
    pub fn input_grad(isa: Isa, precision: Precision, shape: &ConvShape) -> Algorithm {
        choose(isa, precision, shape, Part::InputGrad)
    }

    /// For the gradient for the kernel.
    pub fn kernel_grad(isa: Isa, precision: Precision, shape: &ConvShape) -> Algorithm {
        choose(isa, precision, shape, Part::KernelGrad)
    }
}

/// What the direct sum of a kernel's gradient takes beyond its products.
const DIRECT_KERNEL_GRAD: f64 = 1.2;
/// What products in small blocks take beyond their number.
const BLOCKED: f64 = 1.1;

/// How much cheaper a detour has to look before it is taken. That through tiles of four costs digits
/// too: small networks, whose training is compared with Keras's step by step, gain little by it.
fn margin(edge: Edge) -> f64 {
    match edge {
        Edge::Two => 1.1,
        Edge::Four => 1.5,
    }
}

fn choose(isa: Isa, precision: Precision, shape: &ConvShape, part: Part) -> Algorithm {
    if precision == Precision::Highest || !fits(shape) {
        return Algorithm::Direct;
    }
    let lanes = isa.menu().lanes;
    let mut direct = shape.flops() / (4 * lanes) as f64;
    if part == Part::KernelGrad {
        direct *= DIRECT_KERNEL_GRAD;
    }
    let costs = [Edge::Two, Edge::Four].map(|edge| (edge, winograd(lanes, shape, part, edge)));
    let worth = costs.into_iter().filter(|&(edge, cost)| cost * margin(edge) < direct);
    let best = worth.min_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(Algorithm::Direct, |(edge, _)| Algorithm::Winograd(edge))
}

/// Whether the algorithm computes such a convolution at all.
fn fits(shape: &ConvShape) -> bool {
    let plain = shape.stride == [1, 1] && shape.dilation == [1, 1] && shape.groups == 1;
    let kernel = [shape.kh, shape.kw] == [3, 3] && shape.pad.iter().all(|&pad| pad <= 2);
    // Outputs past the padding of "same" and "full" would see nothing.
    let inside = shape.oh <= shape.h + 2 && shape.ow <= shape.w + 2;
    plain && kernel && inside && shape.flops() > 0.0
}

fn winograd(lanes: usize, shape: &ConvShape, part: Part, edge: Edge) -> f64 {
    // Cycles to transform one vector of a tile, in and out, and one vector of the kernel.
    let (tile, kernel) = match edge {
        Edge::Two => (140.0, 300.0),
        Edge::Four => (440.0, 700.0),
    };
    let outputs = match part {
        Part::InputGrad => [shape.h, shape.w],
        _ => [shape.oh, shape.ow],
    };
    let [down, across] = outputs.map(|side| side.div_ceil(edge.outputs()));
    let tiles = (shape.n * down * across) as f64;
    let [c, co] = [shape.c, shape.co].map(|channels| channels.div_ceil(lanes) as f64);
    let products = tiles * edge.points() as f64 * shape.c as f64 * co / 2.0;
    let transforms = tiles * (c + co) * tile + shape.c as f64 * co * kernel;
    BLOCKED * products + transforms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(n: usize, side: usize, c: usize, co: usize) -> ConvShape {
        ConvShape {
            n,
            h: side,
            w: side,
            c,
            kh: 3,
            kw: 3,
            co,
            oh: side,
            ow: side,
            stride: [1, 1],
            dilation: [1, 1],
            pad: [1, 1],
            groups: 1,
        }
    }

    #[test]
    fn wide_layers_take_the_detour_and_thin_ones_do_not() {
        let choose = |shape| Algorithm::forward(Isa::Avx512, Precision::High, &shape);
        for shape in [same(8, 56, 64, 64), same(8, 28, 128, 128), same(8, 14, 512, 512)] {
            assert_eq!(choose(shape), Algorithm::Winograd(Edge::Four), "{shape:?}");
        }
        for shape in [same(8, 224, 3, 64), same(64, 5, 64, 8), same(8, 56, 8, 8)] {
            assert_eq!(choose(shape), Algorithm::Direct, "{shape:?}");
        }
    }

    #[test]
    fn only_plain_three_by_three_kernels_can() {
        let wide = same(8, 56, 64, 64);
        let others = [
            ConvShape { stride: [1, 2], ..wide },
            ConvShape { dilation: [2, 1], ..wide },
            ConvShape { groups: 2, ..wide },
            ConvShape { kw: 5, ..wide },
            ConvShape { pad: [3, 1], ..wide },
            ConvShape { n: 0, ..wide },
        ];
        for shape in others {
            assert_eq!(Algorithm::forward(Isa::Avx512, Precision::High, &shape), Algorithm::Direct);
        }
        let exact = Algorithm::kernel_grad(Isa::Avx512, Precision::Highest, &wide);
        assert_eq!(exact, Algorithm::Direct);
    }
}
