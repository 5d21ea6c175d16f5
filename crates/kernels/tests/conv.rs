//! Convolution and both gradients against double-precision loops.

mod convolution;
mod support;

use convolution::{compute, general, oracle, problem, valid};
use fovea_kernels::conv::{Algorithm, ConvShape};
use fovea_kernels::gemm::{Activation, Epilogue};
use fovea_kernels::routine::{Floats, Sizes};
use support::{FLOATS, Order, Values, assert_close, available};

fn check_with(shape: ConvShape, epilogue: Epilogue) {
    FLOATS.into_iter().for_each(|floats| check_floats(shape, epilogue, floats));
}

fn check_floats(shape: ConvShape, epilogue: Epilogue, floats: Floats) {
    let problem = problem(shape, epilogue, floats);
    let expected = oracle(&problem);
    let names = ["forward", "input gradient", "kernel gradient"];
    for isa in available() {
        let actual = compute(isa, Algorithm::Direct, &problem, Order::Shuffled(1));
        let again =
            [Order::Forward, Order::Backward].map(|order| compute(isa, Algorithm::Direct, &problem, order));
        for (index, name) in names.into_iter().enumerate() {
            let what = format!("{} {name} {shape:?} {floats:?}", isa.name());
            let activation = if index == 0 { epilogue.activation } else { Activation::None };
            assert_close(&actual[index], &expected[index], floats.output, activation, &what);
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
fn kernels_cut_into_rows_and_panels() {
    check(general([2, 14, 14, 96], [1, 1, 1024], [2, 2], [1, 1], [0; 4], 1));
    // Neighbouring outputs see pixels pages apart.
    check(general([2, 7, 9, 512], [1, 1, 40], [2, 2], [1, 1], [0; 4], 1));
    check(general([3, 9, 13, 1024], [1, 1, 33], [3, 2], [1, 1], [0; 4], 1));
    check(general([8, 5, 29, 1024], [1, 1, 48], [1, 2], [1, 1], [0; 4], 1));
    check(general([3, 30, 31, 48], [3, 3, 64], [2, 2], [1, 1], [0, 1, 1, 0], 1));
    check(general([1, 90, 90, 3], [5, 5, 48], [1, 1], [1, 1], [2; 4], 1));
    check(valid([4, 60, 60, 24], [1, 1, 24]));
    check(general([2, 33, 34, 24], [3, 3, 72], [1, 1], [1, 1], [1; 4], 3));
}

#[test]
fn bias_and_activation() {
    for bias in [false, true] {
        for activation in [Activation::None, Activation::Relu, Activation::Relu6] {
            let epilogue = Epilogue { bias, activation, ..Epilogue::default() };
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
    // Many parts and blocks: images cut into rows, and sets of images.
    check(general([2, 70, 64, 48], [3, 3, 48], [1, 1], [1, 1], [1; 4], 48));
    check(general([3, 61, 50, 48], [3, 3, 48], [2, 2], [1, 1], [0, 0, 1, 1], 48));
    check(general([9, 7, 7, 130], [5, 5, 130], [1, 1], [1, 1], [2; 4], 130));
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
        check_with(shape, Epilogue { bias: true, ..Epilogue::default() });
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

#[test]
fn work_leaves_padding_out() {
    // Of three taps, 2 see a pixel at each end and 3 between: 10 along four outputs.
    let same = ConvShape { oh: 4, ow: 4, pad: [1, 1], ..valid([2, 4, 4, 3], [3, 3, 5]) };
    assert_eq!(same.work(), 2.0 * (2 * 10 * 10 * 3 * 5) as f64);
    assert_eq!(valid([2, 5, 6, 3], [3, 2, 5]).work(), 2.0 * (2 * 9 * 10 * 3 * 5) as f64);
    let grouped = ConvShape { groups: 2, ..valid([1, 4, 4, 6], [1, 1, 8]) };
    assert_eq!(grouped.work(), 2.0 * (16 * 3 * 8) as f64);
}
