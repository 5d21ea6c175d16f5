//! Convolutions under test: a problem, its sums in double precision, and shapes.
#![allow(dead_code)]

use crate::support::{Memory, Order, Sum, Values, drive, held, inputs_of};
use fovea_kernels::conv::{self, Algorithm, ConvShape};
use fovea_kernels::gemm::Epilogue;
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Floats, Operands, Routine};

/// A convolution with all its operands.
pub struct Problem {
    pub shape: ConvShape,
    pub epilogue: Epilogue,
    pub floats: Floats,
    pub x: Vec<f32>,
    pub w: Vec<f32>,
    pub bias: Vec<f32>,
    pub g: Vec<f32>,
}

pub fn problem(shape: ConvShape, epilogue: Epilogue, floats: Floats) -> Problem {
    let mut values = Values::new((shape.h * 31 + shape.co * 7 + shape.kw) as u64);
    let mut input = |len: usize| held(floats.inputs, values.floats(len));
    Problem {
        shape,
        epilogue,
        floats,
        x: input(shape.n * shape.h * shape.w * shape.c),
        w: input(shape.kh * shape.kw * shape.c / shape.groups * shape.co),
        bias: input(shape.co),
        g: input(shape.n * shape.oh * shape.ow * shape.co),
    }
}

/// Output, input gradient, kernel gradient.
pub fn oracle(problem: &Problem) -> [Vec<Sum>; 3] {
    let Problem { shape: s, epilogue, x, w, bias, g, .. } = problem;
    let mut y = vec![Sum::default(); g.len()];
    let mut dx = vec![Sum::default(); x.len()];
    let mut dw = vec![Sum::default(); w.len()];
    let (depth, lanes) = (s.c / s.groups, s.co / s.groups);
    for image in 0..s.n {
        for out in 0..s.oh * s.ow {
            let (oy, ox) = (out / s.ow, out % s.ow);
            for (o, &bias) in bias.iter().enumerate() {
                let to = (image * s.oh * s.ow + out) * s.co + o;
                for tap in 0..s.kh * s.kw {
                    let inside =
                        |at: usize, pad: usize, end: usize| at.checked_sub(pad).filter(|&at| at < end);
                    let down = oy * s.stride[0] + tap / s.kw * s.dilation[0];
                    let across = ox * s.stride[1] + tap % s.kw * s.dilation[1];
                    let (Some(iy), Some(ix)) = (inside(down, s.pad[0], s.h), inside(across, s.pad[1], s.w))
                    else {
                        continue;
                    };
                    for i in 0..depth {
                        let from = ((image * s.h + iy) * s.w + ix) * s.c + o / lanes * depth + i;
                        let weight = (tap * depth + i) * s.co + o;
                        y[to].add(x[from], w[weight]);
                        dx[from].add(g[to], w[weight]);
                        dw[weight].add(x[from], g[to]);
                    }
                }
                if epilogue.bias {
                    y[to].add(bias, 1.0);
                }
            }
        }
    }
    [y, dx, dw]
}

/// Output, input gradient, kernel gradient. Backward, with weights that are copied first.
pub fn compute(isa: Isa, algorithm: Algorithm, problem: &Problem, order: Order) -> [Vec<f32>; 3] {
    let &Problem { shape, epilogue, floats, .. } = problem;
    let Problem { x, w, bias, g, .. } = problem;
    let sizes = [g.len(), x.len(), w.len()];
    let bias = Memory::of(bias);
    let [x, w, g] = [x, w, g].map(|values| Memory::holding(floats.inputs, values));
    let results = sizes.map(|len| Memory::elements(floats.output, len));
    let bias = if epilogue.bias { bias.ptr().cast_const() } else { std::ptr::null() };
    let routines: [(Box<dyn Routine>, [&Memory; 2]); 3] = [
        (conv::forward(isa, algorithm, &shape, epilogue, floats, order == Order::Backward), [&x, &w]),
        (conv::input_grad(isa, algorithm, &shape, Epilogue::default(), floats), [&g, &w]),
        (conv::kernel_grad(isa, algorithm, &shape, floats), [&x, &g]),
    ];
    let none = Memory::uninit(sizes.into_iter().max().unwrap_or(0));
    for ((routine, inputs), result) in routines.into_iter().zip(&results) {
        drive(routine.phases(), routine.temp(), order, |phase, chunk, temp, scratch| {
            let inputs = inputs_of(&*routine, phase, inputs, &none);
            let at = Operands { inputs, bias, output: result.ptr(), temp, scratch, ..Operands::NONE };
            // SAFETY: the buffers have the sizes of the shape.
            unsafe { routine.run(phase, chunk, &at) };
        });
    }
    std::array::from_fn(|index| {
        results[index].assert_guards("result");
        results[index].read(floats.output, sizes[index])
    })
}

/// `[images, height, width, channels]` through a kernel of `[height, width, output channels]`,
/// the output as large as fits without padding.
pub fn valid([n, h, w, c]: [usize; 4], [kh, kw, co]: [usize; 3]) -> ConvShape {
    ConvShape {
        n,
        h,
        w,
        c,
        kh,
        kw,
        co,
        oh: (h + 1).saturating_sub(kh),
        ow: (w + 1).saturating_sub(kw),
        stride: [1, 1],
        dilation: [1, 1],
        pad: [0, 0],
        groups: 1,
    }
}

/// With everything else, and as many outputs as fit.
pub fn general(
    x: [usize; 4],
    kernel: [usize; 3],
    stride: [usize; 2],
    dilation: [usize; 2],
    pad: [usize; 4],
    groups: usize,
) -> ConvShape {
    let fit = |input: usize, pads: usize, kernel: usize, dilation: usize, stride: usize| {
        (input + pads).checked_sub((kernel - 1) * dilation + 1).map_or(0, |room| room / stride + 1)
    };
    ConvShape {
        oh: fit(x[1], pad[0] + pad[2], kernel[0], dilation[0], stride[0]),
        ow: fit(x[2], pad[1] + pad[3], kernel[1], dilation[1], stride[1]),
        stride,
        dilation,
        pad: [pad[0], pad[1]],
        groups,
        ..valid(x, kernel)
    }
}
