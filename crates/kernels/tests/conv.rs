//! Convolution and both gradients against double-precision loops.

mod support;

use fovea_kernels::conv::{ConvForward, ConvInputGrad, ConvKernelGrad, ConvShape};
use fovea_kernels::gemm::{Activation, Epilogue};
use fovea_kernels::isa::Isa;
use support::{Memory, Order, Sum, Values, assert_close, available, drive};

struct Problem {
    shape: ConvShape,
    epilogue: Epilogue,
    x: Vec<f32>,
    w: Vec<f32>,
    bias: Vec<f32>,
    g: Vec<f32>,
}

fn problem(shape: ConvShape, epilogue: Epilogue) -> Problem {
    let mut values = Values::new((shape.h * 31 + shape.co * 7 + shape.kw) as u64);
    Problem {
        shape,
        epilogue,
        x: values.floats(shape.n * shape.h * shape.w * shape.c),
        w: values.floats(shape.kh * shape.kw * shape.c / shape.groups * shape.co),
        bias: values.floats(shape.co),
        g: values.floats(shape.n * shape.oh * shape.ow * shape.co),
    }
}

/// Output, input gradient, kernel gradient.
fn oracle(problem: &Problem) -> [Vec<Sum>; 3] {
    let Problem { shape: s, epilogue, x, w, bias, g } = problem;
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

fn compute(isa: Isa, problem: &Problem, order: Order) -> [Vec<f32>; 3] {
    let Problem { shape, epilogue, x, w, bias, g } = problem;
    let sizes = [g.len(), x.len(), w.len()];
    let [x, w, bias, g] = [x, w, bias, g].map(|values| Memory::of(values));
    let [y, dx, dw] = sizes.map(Memory::uninit);
    let bias = if epilogue.bias { bias.ptr().cast_const() } else { std::ptr::null() };
    let forward = ConvForward::new(isa, shape, *epilogue);
    drive(forward.phases(), forward.temp(), order, |phase, chunk, temp, scratch| {
        // SAFETY: the buffers have the sizes of the shape.
        unsafe { forward.run(phase, chunk, x.ptr(), w.ptr(), bias, y.ptr(), temp, scratch) };
    });
    let input = ConvInputGrad::new(isa, shape);
    drive(input.phases(), input.temp(), order, |phase, chunk, temp, scratch| {
        // SAFETY: the buffers have the sizes of the shape.
        unsafe { input.run(phase, chunk, g.ptr(), w.ptr(), dx.ptr(), temp, scratch) };
    });
    let kernel = ConvKernelGrad::new(isa, shape);
    drive(kernel.phases(), kernel.temp(), order, |phase, chunk, temp, scratch| {
        // SAFETY: the buffers have the sizes of the shape.
        unsafe { kernel.run(phase, chunk, x.ptr(), g.ptr(), dw.ptr(), temp, scratch) };
    });
    [y, dx, dw].map(|memory| {
        memory.assert_guards("result");
        memory.values().to_vec()
    })
}

fn check_with(shape: ConvShape, epilogue: Epilogue) {
    let problem = problem(shape, epilogue);
    let expected = oracle(&problem);
    let names = ["forward", "input gradient", "kernel gradient"];
    for isa in available() {
        let actual = compute(isa, &problem, Order::Shuffled(1));
        let again = [Order::Forward, Order::Backward].map(|order| compute(isa, &problem, order));
        for (index, name) in names.into_iter().enumerate() {
            let what = format!("{} {name} {shape:?}", isa.name());
            let relu = index == 0 && epilogue.activation == Activation::Relu;
            assert_close(&actual[index], &expected[index], relu, &what);
            for again in &again {
                let mut pairs = actual[index].iter().zip(&again[index]);
                let same = pairs.all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{what}: the order of the chunks changes the result");
            }
        }
    }
}

fn check(shape: ConvShape) {
    check_with(shape, Epilogue::default());
}

/// `[images, height, width, channels]` through a kernel of `[height, width, output channels]`,
/// the output as large as fits without padding.
fn valid([n, h, w, c]: [usize; 4], [kh, kw, co]: [usize; 3]) -> ConvShape {
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
fn general(
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

#[test]
fn every_tail_of_channels() {
    for channels in 1..=34 {
        check(valid([2, 5, 6, channels], [3, 2, 3]));
        check(valid([1, 5, 4, 2], [2, 3, channels]));
        check(general([1, 4, 5, 3], [3, 3, channels], [1, 1], [1, 1], [1; 4], 1));
    }
}

#[test]
fn layers_of_small_nets() {
    check(valid([2, 28, 28, 1], [5, 5, 32]));
    check(valid([2, 12, 12, 32], [3, 3, 64]));
    check(valid([5, 5, 5, 64], [3, 3, 64]));
    check(general([2, 13, 13, 32], [3, 3, 48], [1, 1], [1, 1], [1; 4], 1));
    check(general([1, 32, 32, 3], [7, 7, 64], [2, 2], [1, 1], [3; 4], 1));
    check(general([1, 32, 32, 3], [3, 3, 32], [1, 1], [1, 1], [1; 4], 1));
    check(general([1, 8, 8, 24], [3, 3, 260], [1, 1], [1, 1], [1; 4], 1));
    check(valid([3, 7, 7, 20], [1, 1, 40]));
    check(valid([1, 1, 1, 100], [1, 1, 300]));
    check(valid([40, 3, 3, 8], [3, 3, 16]));
}

#[test]
fn images_cut_into_rows_and_into_blocks() {
    check(general([1, 60, 70, 12], [3, 3, 40], [1, 1], [1, 1], [1; 4], 1));
    check(general([2, 61, 50, 3], [5, 5, 24], [2, 2], [1, 1], [2; 4], 1));
    check(valid([1, 40, 200, 8], [1, 1, 70]));
    check(valid([9, 20, 20, 6], [3, 3, 30]));
}

#[test]
fn bias_and_activation() {
    for bias in [false, true] {
        for activation in [Activation::None, Activation::Relu] {
            let epilogue = Epilogue { bias, activation };
            check_with(valid([2, 6, 7, 3], [3, 3, 37]), epilogue);
            check_with(general([1, 5, 5, 4], [3, 3, 4], [1, 1], [1, 1], [1; 4], 4), epilogue);
            check_with(general([1, 5, 5, 4], [3, 3, 8], [1, 1], [1, 1], [1; 4], 2), epilogue);
            check_with(general([1, 6, 6, 5], [3, 3, 300], [2, 2], [1, 1], [1; 4], 1), epilogue);
        }
    }
}

#[test]
fn strides_dilations_and_padding() {
    for stride in [[1, 1], [2, 2], [3, 1], [1, 2], [4, 3]] {
        for dilation in [[1, 1], [2, 2], [1, 3], [3, 2], [4, 6]] {
            for pad in [[0; 4], [1; 4], [2, 0, 1, 3], [0, 3, 2, 0], [6, 7, 5, 4]] {
                for (c, co, groups) in [(3, 5, 1), (4, 6, 2), (5, 5, 5), (3, 9, 3), (1, 2, 1)] {
                    check(general([2, 11, 9, c], [3, 2, co], stride, dilation, pad, groups));
                }
            }
        }
    }
}

#[test]
fn kernels_of_odd_shapes() {
    for kernel in [[1, 7, 3], [7, 1, 3], [1, 1, 5], [2, 5, 4], [4, 4, 17]] {
        check(valid([2, 9, 10, 3], kernel));
        check(general([1, 9, 8, 6], kernel, [2, 1], [1, 1], [3, 2, 1, 4], 1));
        check(general([1, 7, 7, 2], kernel, [3, 3], [2, 1], [6; 4], 1));
    }
}

#[test]
fn depthwise() {
    for channels in [2, 3, 8, 15, 16, 17, 31, 33, 50, 70] {
        for stride in [[1, 1], [2, 2]] {
            check(general([2, 9, 8, channels], [3, 3, channels], stride, [1, 1], [1; 4], channels));
        }
        check(general([1, 9, 8, channels], [5, 2, channels], [1, 1], [2, 3], [2; 4], channels));
        check(general([1, 6, 5, channels], [3, 3, 2 * channels], [1, 1], [1, 1], [1; 4], channels));
    }
}

#[test]
fn outputs_that_see_nothing_and_empty_tensors() {
    // More padding than kernel, strides past the kernel, kernels larger than the image.
    check(general([1, 2, 2, 3], [1, 1, 4], [1, 1], [1, 1], [3; 4], 1));
    check(general([2, 8, 8, 3], [2, 2, 4], [4, 5], [1, 1], [0; 4], 1));
    check(general([1, 2, 3, 2], [5, 5, 4], [1, 1], [1, 1], [2; 4], 1));
    check(general([1, 2, 3, 1], [5, 5, 4], [1, 1], [1, 1], [4; 4], 1));
    for shape in [
        valid([0, 5, 5, 3], [3, 3, 4]),
        valid([2, 2, 2, 3], [3, 3, 4]),
        valid([2, 5, 5, 0], [3, 3, 4]),
        valid([2, 5, 5, 3], [3, 3, 0]),
        valid([2, 5, 5, 1], [3, 3, 0]),
        valid([0, 5, 5, 1], [3, 3, 4]),
        valid([2, 2, 2, 1], [3, 3, 4]),
    ] {
        check_with(shape, Epilogue { bias: true, activation: Activation::None });
    }
}

#[test]
fn random_shapes() {
    let mut values = Values::new(2024);
    for _ in 0..400 {
        let mut pick = |low: usize, high: usize| low + values.below(high - low + 1);
        let groups = [1, 1, 1, 2, 3][pick(0, 4)];
        let shape = general(
            [pick(1, 4), pick(1, 14), pick(1, 14), groups * pick(1, 9)],
            [pick(1, 5), pick(1, 5), groups * pick(1, 20)],
            [pick(1, 3), pick(1, 3)],
            [pick(1, 3), pick(1, 3)],
            [pick(0, 4), pick(0, 4), pick(0, 4), pick(0, 4)],
            groups,
        );
        check(shape);
    }
}
