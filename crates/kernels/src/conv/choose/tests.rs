use super::*;
use crate::conv::Axis;
use crate::pool::PoolShape;

/// With a kernel of 3 × 3 taps.
fn same(n: usize, side: usize, c: usize, co: usize) -> ConvShape {
    ConvShape::same([3; 2], n, side, c, co)
}

#[test]
fn wide_layers_take_the_detour_and_thin_ones_do_not() {
    let choose = |shape| Choice::forward(Isa::Avx512, Precision::High, &shape, Float::F32).algorithm;
    for shape in [same(8, 56, 64, 64), same(8, 28, 128, 128), same(8, 14, 512, 512)] {
        assert_eq!(choose(shape), Algorithm::Winograd(Form::F4_3), "{shape:?}");
    }
    // At 7 × 7 a fifth of the products would be on padding, which the direct sum leaves out.
    for shape in [same(8, 224, 3, 64), same(64, 5, 64, 8), same(8, 56, 8, 8), same(8, 7, 512, 512)] {
        assert_eq!(choose(shape), Algorithm::Direct, "{shape:?}");
    }
}

/// Those of MNIST's networks, where rounding that goes through the layers after is not worth its gain.
#[test]
fn small_images_take_what_costs_no_digits() {
    let [two, four] = [Form::F2_3, Form::F4_3].map(Algorithm::Winograd);
    let valid = |side, c| ConvShape { oh: side - 2, ow: side - 2, pad: [0, 0], ..same(64, side, c, 64) };
    for (shape, forward, kernel) in [
        (valid(12, 32), two, four),
        (valid(13, 32), two, four),
        (same(64, 10, 32, 32), Algorithm::Direct, four),
        (same(8, 56, 32, 32), two, four),
    ] {
        let choice = Choice::forward(Isa::Avx512, Precision::High, &shape, Float::F32);
        assert_eq!(choice.algorithm, forward, "{shape}: {choice}");
        let choice = Choice::kernel_grad(Isa::Avx512, Precision::High, &shape, Float::F32);
        assert_eq!(choice.algorithm, kernel, "{shape}: {choice}");
    }
}

#[test]
fn a_kernel_gradient_that_would_be_one_chunk_is_summed_directly() {
    for (c, chunks, algorithm) in [(32, 1, Algorithm::Direct), (64, 2, Algorithm::Winograd(Form::F4_3))] {
        let shape = same(2, 24, c, 64);
        assert_eq!(Cut::new(Form::F4_3, &shape).chunks(), chunks);
        let choice = Choice::kernel_grad(Isa::Avx512, Precision::High, &shape, Float::F32);
        assert_eq!(choice.algorithm, algorithm, "{choice}");
    }
}

/// With a kernel of 5 × 5 taps.
fn wide(n: usize, side: usize, c: usize, co: usize) -> ConvShape {
    ConvShape::same([5; 2], n, side, c, co)
}

#[test]
fn so_do_kernels_of_five_by_five() {
    for choose in [Choice::forward, Choice::input_grad, Choice::kernel_grad] {
        let choose = |shape| choose(Isa::Avx512, Precision::High, &shape, Float::F32).algorithm;
        for shape in [wide(8, 70, 96, 256), wide(8, 35, 48, 64), wide(8, 14, 128, 128)] {
            assert_eq!(choose(shape), Algorithm::Winograd(Form::F2_5), "{shape:?}");
        }
        for shape in [wide(16, 44, 1, 64), wide(4, 56, 3, 64), wide(8, 28, 8, 16)] {
            assert_eq!(choose(shape), Algorithm::Direct, "{shape:?}");
        }
    }
}

#[test]
fn pairs_of_bf16_spare_detours_past_many_channels_of_small_images() {
    if !Isa::Avx512.multiplies_bf16() {
        return;
    }
    let choose = |shape| Choice::forward(Isa::Avx512, Precision::High, &shape, Float::Bf16).algorithm;
    for shape in [same(8, 224, 64, 64), same(8, 56, 256, 256), same(8, 28, 512, 512)] {
        assert_eq!(choose(shape), Algorithm::Winograd(Form::F4_3), "{shape:?}");
    }
    for shape in [same(8, 14, 512, 512), same(8, 14, 256, 256), same(8, 7, 512, 512)] {
        assert_eq!(choose(shape), Algorithm::Direct, "{shape:?}");
    }
}

/// InceptionV3's.
#[test]
fn so_do_kernels_of_a_row_or_a_column() {
    for choose in [Choice::forward, Choice::input_grad, Choice::kernel_grad] {
        for (axis, taps) in [(Axis::Down, [7, 1]), (Axis::Across, [1, 7])] {
            let form = Algorithm::Winograd(Form::Line(axis, LineForm::F4_7));
            for (c, algorithm) in [(8, Algorithm::Direct), (128, form), (192, form)] {
                let shape = ConvShape::same(taps, 8, 17, c, c);
                let choice = choose(Isa::Avx512, Precision::High, &shape, Float::F32);
                assert_eq!(choice.algorithm, algorithm, "{shape}: {choice}");
            }
        }
        for (axis, taps) in [(Axis::Down, [3, 1]), (Axis::Across, [1, 3])] {
            let form = Algorithm::Winograd(Form::Line(axis, LineForm::F4_3));
            for (c, algorithm) in [(16, Algorithm::Direct), (384, form)] {
                let shape = ConvShape::same(taps, 8, 8, c, c);
                let choice = choose(Isa::Avx512, Precision::High, &shape, Float::F32);
                assert_eq!(choice.algorithm, algorithm, "{shape}: {choice}");
            }
        }
    }
}

#[test]
fn other_kernels_cannot() {
    let large = same(8, 56, 64, 64);
    let others = [
        ConvShape { stride: [1, 2], ..large },
        ConvShape { dilation: [2, 1], ..large },
        ConvShape { groups: 2, ..large },
        ConvShape { kw: 5, ..large },
        ConvShape { kh: 1, kw: 5, pad: [0, 2], ..large },
        // A row of pixels above that no tap sees.
        ConvShape { kh: 1, pad: [1, 1], ..large },
        ConvShape { kh: 7, kw: 7, ..large },
        ConvShape { pad: [3, 1], ..large },
        ConvShape { n: 0, ..large },
    ];
    for shape in others {
        let only = Choice::forward(Isa::Avx512, Precision::High, &shape, Float::F32);
        assert_eq!((only.algorithm, only.cycles.len()), (Algorithm::Direct, 1));
    }
    let exact = Choice::kernel_grad(Isa::Avx512, Precision::Highest, &large, Float::F32);
    assert_eq!((exact.algorithm, exact.cycles.len()), (Algorithm::Direct, 1));
}

#[test]
fn a_choice_gives_its_grounds() {
    for (isa, side, channels) in
        [(Isa::Avx512, 56, 64), (Isa::Avx512, 56, 8), (Isa::Avx2, 14, 32), (Isa::Portable, 7, 256)]
    {
        let shape = same(8, side, channels, channels);
        for (choose, digits) in [
            (Choice::forward as fn(_, _, &_, _) -> _, 1.5),
            (Choice::input_grad, 1.5),
            (Choice::kernel_grad, 1.1),
        ] {
            let Choice { algorithm, cycles } = choose(isa, Precision::High, &shape, Float::F32);
            let cost = |of| cycles.iter().find(|(algorithm, _)| *algorithm == of).unwrap().1;
            let [direct, two, four] =
                [Algorithm::Direct, Algorithm::Winograd(Form::F2_3), Algorithm::Winograd(Form::F4_3)]
                    .map(cost);
            let expected = match (1.1 * two < direct, digits * four < direct) {
                (false, false) => direct,
                (true, false) => two,
                (false, true) => four,
                (true, true) => two.min(four),
            };
            assert_eq!(cost(algorithm), expected, "{cycles:?}");
        }
    }
    let cycles = vec![(Algorithm::Direct, 23_600_000.0), (Algorithm::Winograd(Form::F4_3), 1.07e7)];
    let choice = Choice { algorithm: Algorithm::Winograd(Form::F4_3), cycles };
    assert_eq!(choice.to_string(), "F(4, 3) (cycles: direct 2.36e7, F(4, 3) 1.07e7)");
}

/// With max pooling of its output in windows of 2 × 2.
fn pooled(conv: ConvShape) -> PooledShape {
    let ConvShape { n, oh: h, ow: w, co: c, .. } = conv;
    let pool = PoolShape { n, h, w, c, kh: 2, kw: 2, oh: h / 2, ow: w / 2, stride: [2, 2], pad: [0, 0] };
    PooledShape::new(conv, pool).expect("a small image")
}

#[test]
fn winners_alone_are_worth_it_where_no_detour_spares_as_much() {
    let both = |isa, conv| {
        let shape = pooled(conv);
        [WinnersAlone::input_grad, WinnersAlone::kernel_grad]
            .map(|estimate| estimate(isa, Precision::High, &shape).pays())
    };
    let valid = |side, c| ConvShape { oh: side - 2, ow: side - 2, pad: [0, 0], ..same(64, side, c, 64) };
    for isa in [Isa::Avx512, Isa::Avx2, Isa::Portable] {
        // The second layers of MNIST's networks, and of one for small photographs.
        for shape in [valid(12, 32), valid(13, 32), same(64, 16, 32, 64)] {
            assert_eq!(both(isa, shape), [true, true], "{isa:?} {shape}");
        }
    }
    // Few channels leave wide vectors empty.
    for shape in [wide(64, 28, 1, 32), same(64, 28, 1, 32)] {
        assert_eq!(both(Isa::Avx512, shape), [false, false], "{shape}");
    }
}

#[test]
fn winners_alone_give_their_grounds() {
    let shape = pooled(same(64, 12, 32, 64));
    let estimate = WinnersAlone::kernel_grad(Isa::Avx512, Precision::Highest, &shape).sparing(0.5, &shape);
    let WinnersAlone { cycles, spared, dense } = &estimate;
    assert_eq!(dense.algorithm, Algorithm::Direct);
    // A fifth of a cycle for each of the gradient's elements; half of it is for this reader.
    assert_eq!(*spared, 0.1 * (64 * 12 * 12 * 64) as f64);
    let text = format!("winners alone (cycles: {cycles:.2e}; dense: {spared:.2e} and {dense})");
    assert_eq!(estimate.to_string(), text);
    let dense = Choice { algorithm: Algorithm::Direct, cycles: vec![(Algorithm::Direct, 1.0e6)] };
    let estimate = |cycles, spared| WinnersAlone { cycles, spared, dense: dense.clone() };
    assert!(estimate(0.9e6, 0.0).pays());
    assert!(!estimate(0.95e6, 0.0).pays());
    assert!(estimate(0.95e6, 1.0e5).pays());
}
