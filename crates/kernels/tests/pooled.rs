//! Gradients of convolutions that max pooling follows, from the winners alone, against double-precision loops over
//! every output.

mod convolution;
mod support;

use convolution::{Problem, general, oracle, problem, valid};
use fovea_kernels::conv::{self, ConvShape, PooledShape};
use fovea_kernels::gemm::{Activation, Epilogue, Gate};
use fovea_kernels::isa::Isa;
use fovea_kernels::pool::PoolShape;
use fovea_kernels::routine::{Float, Floats, Operands, Routine};
use support::{Memory, Order, Values, assert_close, available, drive, inputs_of};

/// Max pooling of a convolution's output, in windows side by side, as many as fit.
fn pool(conv: &ConvShape, windows: [usize; 2]) -> PoolShape {
    overlapping(conv, windows, windows)
}

/// Max pooling in windows that may overlap.
fn overlapping(conv: &ConvShape, [kh, kw]: [usize; 2], stride: [usize; 2]) -> PoolShape {
    let &ConvShape { n, oh: h, ow: w, co: c, .. } = conv;
    let [oh, ow] =
        [(h + stride[0]).saturating_sub(kh) / stride[0], (w + stride[1]).saturating_sub(kw) / stride[1]];
    PoolShape { n, h, w, c, kh, kw, oh, ow, stride, pad: [0, 0] }
}

/// Gradients of pooled values, every fifth of them zero, and their winners.
fn pooled(pool: &PoolShape) -> (Vec<f32>, Vec<u8>) {
    let mut values = Values::new((pool.h * 5 + pool.c) as u64);
    let mut g = values.floats(pool.n * pool.oh * pool.ow * pool.c);
    g.iter_mut().step_by(5).for_each(|g| *g = 0.0);
    let winners = g.iter().map(|_| values.below(pool.kh * pool.kw) as u8).collect();
    (g, winners)
}

/// The gradient of the convolution's output: zero but for the winners, whose gradients add where windows overlap.
fn dense(pool: &PoolShape, g: &[f32], winners: &[u8]) -> Vec<f32> {
    let mut dense = vec![0.0; pool.n * pool.h * pool.w * pool.c];
    for (at, (&g, &winner)) in g.iter().zip(winners).enumerate() {
        let (window, channel) = (at / pool.c, at % pool.c);
        let (row, ox) = (window / pool.ow, window % pool.ow);
        let (image, oy) = (row / pool.oh, row % pool.oh);
        let y = oy * pool.stride[0] + winner as usize / pool.kw;
        let x = ox * pool.stride[1] + winner as usize % pool.kw;
        dense[((image * pool.h + y) * pool.w + x) * pool.c + channel] += g;
    }
    dense
}

/// Runs a routine on these inputs and whatever else it is given.
fn run(
    routine: &dyn Routine,
    inputs: [&Memory; 2],
    others: Operands,
    result: &Memory,
    order: Order,
) -> Vec<f32> {
    let none = Memory::uninit(inputs.map(|memory| memory.values().len()).into_iter().max().unwrap_or(0));
    drive(routine.phases(), routine.temp(), order, |phase, chunk, temp, scratch| {
        let inputs = inputs_of(routine, phase, inputs, &none);
        let at = Operands { inputs, output: result.ptr(), temp, scratch, ..others };
        // SAFETY: the buffers have the sizes that the routine was planned for.
        unsafe { routine.run(phase, chunk, &at) };
    });
    result.assert_guards("a result");
    result.values().to_vec()
}

fn check(conv: ConvShape, windows: [usize; 2]) {
    check_pool(conv, pool(&conv, windows));
}

fn check_pool(conv: ConvShape, pool: PoolShape) {
    let shape = PooledShape::new(conv, pool).unwrap_or_else(|| panic!("{conv} is computed this way"));
    let (g, winners) = pooled(&pool);
    let Problem { x, w, .. } = problem(conv, Epilogue::default(), Floats::F32);
    let whole = Problem { g: dense(&pool, &g, &winners), ..problem(conv, Epilogue::default(), Floats::F32) };
    let [_, dx, dw] = oracle(&whole);
    let [gradient, input, kernel] = [&g, &x, &w].map(|values| Memory::of(values));
    for isa in available() {
        let routines = [
            (
                "input gradient",
                conv::pooled_input_grad(isa, &shape, Epilogue::default()),
                [&gradient, &kernel],
                &dx,
            ),
            ("kernel gradient", conv::pooled_kernel_grad(isa, &shape), [&input, &gradient], &dw),
        ];
        for (name, routine, inputs, expected) in routines {
            let what = format!("{} {name} {shape}", isa.name());
            let operands = Operands { winners: winners.as_ptr(), ..Operands::NONE };
            let [shuffled, forward, backward] = [Order::Shuffled(1), Order::Forward, Order::Backward]
                .map(|order| run(&*routine, inputs, operands, &Memory::uninit(expected.len()), order));
            assert_close(&shuffled, expected, Float::F32, Activation::None, &what);
            for again in [forward, backward] {
                let same = shuffled.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{what}: the order of the chunks changes the result");
            }
        }
    }
}

#[test]
fn layers_of_small_nets() {
    check(valid([3, 12, 12, 32], [3, 3, 64]), [2, 2]);
    check(valid([2, 13, 13, 32], [3, 3, 64]), [2, 2]);
    check(valid([2, 28, 28, 1], [5, 5, 32]), [2, 2]);
    check(general([2, 32, 32, 3], [3, 3, 32], [1, 1], [1, 1], [1; 4], 1), [2, 2]);
    check(general([1, 14, 14, 64], [3, 3, 200], [1, 1], [1, 1], [1; 4], 1), [2, 2]);
}

#[test]
fn every_tail_of_channels() {
    for channels in 1..=34 {
        check(valid([2, 6, 7, channels], [3, 2, 3]), [2, 2]);
        check(valid([1, 5, 6, 2], [2, 3, channels]), [2, 2]);
        check(general([1, 4, 5, 3], [3, 3, channels], [1, 1], [1, 1], [1; 4], 1), [2, 2]);
    }
}

#[test]
fn kernels_windows_strides_dilations_and_padding() {
    check(general([2, 9, 8, 5], [1, 1, 7], [1, 1], [1, 1], [0; 4], 1), [2, 2]);
    check(general([2, 9, 11, 3], [7, 5, 9], [1, 1], [1, 1], [3, 2, 3, 2], 1), [3, 2]);
    check(general([1, 16, 15, 6], [5, 4, 10], [2, 3], [1, 1], [2, 1, 2, 1], 1), [2, 2]);
    check(general([1, 12, 9, 6], [3, 2, 10], [1, 1], [2, 1], [1, 0, 2, 1], 1), [2, 3]);
    // Padding that only some taps see, and pixels that none does.
    check(general([1, 10, 11, 4], [2, 2, 6], [3, 3], [1, 1], [1, 1, 0, 0], 1), [2, 2]);
    check(general([2, 8, 8, 4], [3, 3, 6], [1, 1], [1, 1], [1; 4], 1), [8, 8]);
    check(general([2, 8, 8, 4], [3, 3, 6], [1, 1], [1, 1], [1; 4], 1), [1, 1]);
    check(general([1, 20, 16, 4], [3, 3, 6], [1, 1], [1, 1], [1; 4], 1), [16, 16]);
}

#[test]
fn windows_that_overlap_or_lie_apart() {
    for (windows, stride) in [([3, 3], [2, 2]), ([5, 5], [2, 2]), ([3, 2], [1, 1]), ([2, 2], [3, 4])] {
        let conv = general([2, 13, 12, 5], [3, 3, 20], [1, 1], [1, 1], [1; 4], 1);
        check_pool(conv, overlapping(&conv, windows, stride));
        let conv = valid([3, 20, 20, 1], [5, 5, 64]);
        check_pool(conv, overlapping(&conv, windows, stride));
    }
}

#[test]
fn many_images_and_channels_make_several_chunks() {
    check(general([40, 8, 8, 48], [3, 3, 64], [1, 1], [1, 1], [1; 4], 1), [2, 2]);
    check(general([2, 16, 16, 96], [3, 3, 130], [1, 1], [1, 1], [1; 4], 1), [2, 2]);
}

#[test]
fn what_follows_the_gradient_for_the_input_is_done_on_its_way() {
    let conv = general([3, 9, 10, 5], [3, 3, 20], [1, 1], [1, 1], [1; 4], 1);
    let pool = pool(&conv, [2, 2]);
    let shape = PooledShape::new(conv, pool).expect("a plain shape");
    let (g, winners) = pooled(&pool);
    let Problem { x, w, .. } = problem(conv, Epilogue::default(), Floats::F32);
    let (addend, gate) = (Values::new(3).floats(x.len()), Values::new(4).floats(x.len()));
    let [gradient, kernel, open] = [&g, &w, &gate].map(|values| Memory::of(values));
    let operands = Operands { winners: winners.as_ptr(), gate: open.ptr().cast(), ..Operands::NONE };
    let result = |isa: Isa, epilogue: Epilogue| {
        // It may lie where the addend lay.
        let memory = Memory::of(&addend);
        let operands = Operands { addend: memory.ptr(), ..operands };
        run(
            &*conv::pooled_input_grad(isa, &shape, epilogue),
            [&gradient, &kernel],
            operands,
            &memory,
            Order::Backward,
        )
    };
    for isa in available() {
        let bare = result(isa, Epilogue::default());
        let both = result(isa, Epilogue { addend: true, gate: Gate::Relu, ..Epilogue::default() });
        for (index, (bare, both)) in bare.into_iter().zip(both).enumerate() {
            let expected = if gate[index] > 0.0 { bare + addend[index] } else { 0.0 };
            assert_eq!(both.to_bits(), expected.to_bits(), "{} [{index}]", isa.name());
        }
    }
}

#[test]
fn other_shapes_are_not_computed_this_way() {
    let conv = general([2, 12, 12, 4], [3, 3, 6], [1, 1], [1, 1], [1; 4], 1);
    let fits = |conv: ConvShape, pool: PoolShape| PooledShape::new(conv, pool).is_some();
    let plain = pool(&conv, [2, 2]);
    assert!(fits(conv, plain));
    // Windows that leave the output, pad, or have too many outputs for their number's type; another output.
    assert!(!fits(conv, PoolShape { stride: [2, 3], ..plain }));
    assert!(!fits(conv, PoolShape { pad: [1, 0], ..plain }));
    assert!(!fits(conv, PoolShape { h: 11, ..plain }));
    assert!(!fits(conv, PoolShape { oh: 0, ..plain }));
    let wide = general([1, 20, 20, 4], [3, 3, 6], [1, 1], [1, 1], [1; 4], 1);
    assert!(!fits(wide, pool(&wide, [17, 16])));
    // Groups, taps apart, images that leave the cache, nothing at all.
    let grouped = ConvShape { groups: 2, ..conv };
    assert!(!fits(grouped, pool(&grouped, [2, 2])));
    let apart = general([2, 12, 12, 4], [3, 3, 6], [1, 1], [1, 2], [1; 4], 1);
    assert!(!fits(apart, pool(&apart, [2, 2])));
    let large = general([1, 224, 224, 64], [3, 3, 64], [1, 1], [1, 1], [1; 4], 1);
    assert!(!fits(large, pool(&large, [2, 2])));
    let none = ConvShape { n: 0, ..conv };
    assert!(!fits(none, pool(&none, [2, 2])));
}
