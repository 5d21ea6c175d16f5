//! Convolutions, against sums over taps and channels.

use super::*;

/// The definition: for each output the sum over taps and the channels of its group.
fn correlate(
    lines: &[Line],
    padding: &Paddings,
    [per_group, filters, groups]: [usize; 3],
    x: &ArrayD<f64>,
    kernel: &ArrayD<f64>,
) -> ArrayD<f64> {
    let mut y = ArrayD::zeros(at(x.shape()[0], &outputs(lines, padding), filters));
    for [out, tap, source] in meetings(lines, padding) {
        for (n, o, i) in (0..x.shape()[0])
            .flat_map(|n| (0..filters).flat_map(move |o| (0..per_group).map(move |i| (n, o, i))))
        {
            let channel = o / (filters / groups) * per_group + i;
            let weight = kernel[&[&tap[..], &[i, o]].concat()[..]];
            y[&at(n, &out, o)[..]] += x[&at(n, &source, channel)[..]] * weight;
        }
    }
    y
}

fn conv_cases() -> Vec<(Vec<Line>, Paddings, [usize; 3])> {
    vec![
        (vec![line(7, 3, 1, 1)], VALID, [2, 3, 1]),
        (vec![line(8, 3, 2, 1)], SAME, [3, 2, 1]),
        (vec![line(6, 3, 1, 2)], Paddings::Explicit(vec![[4, 0]]), [1, 2, 1]),
        (vec![line(2, 5, 3, 1)], SAME, [2, 2, 1]),
        (vec![line(9, 2, 1, 3)], SAME, [2, 6, 2]),
        (vec![line(5, 3, 2, 1), line(4, 2, 1, 1)], SAME, [2, 4, 2]),
        (vec![line(4, 2, 1, 1), line(5, 3, 1, 1), line(3, 2, 1, 1)], VALID, [2, 3, 1]),
        (vec![line(5, 3, 2, 1), line(4, 3, 2, 1), line(5, 2, 2, 1)], SAME, [1, 2, 1]),
        (vec![line(5, 2, 1, 2), line(3, 2, 1, 1), line(5, 2, 1, 3)], SAME, [2, 4, 2]),
        (vec![line(7, 2, 3, 1), line(2, 1, 1, 1), line(4, 3, 1, 1)], VALID, [1, 3, 3]),
        (vec![line(1, 3, 1, 1), line(1, 1, 1, 1), line(4, 4, 2, 1)], SAME, [2, 2, 1]),
        (
            vec![line(3, 2, 2, 1), line(3, 3, 1, 1), line(2, 2, 1, 1)],
            Paddings::Explicit(vec![[1, 2], [0, 1], [2, 0]]),
            [2, 2, 1],
        ),
    ]
}

#[test]
fn convolutions_are_sums_over_taps_and_channels() {
    for (i, (lines, padding, sizes)) in conv_cases().into_iter().enumerate() {
        let [per_group, filters, groups] = sizes;
        let x = Arg::float(&at(2, &of(&lines, |l| l.side), per_group * groups), i as u64);
        let kernel =
            Arg::float(&[of(&lines, |l| l.window), vec![per_group, filters]].concat(), 50 + i as u64);
        let expected = correlate(&lines, &padding, sizes, &x.data, &kernel.data);
        let (strides, dilation) = (of(&lines, |l| l.stride), of(&lines, |l| l.dilation));
        let op = Conv { strides, dilation, groups, padding };
        let operands = [x, kernel];
        assert_close(&value(op.clone(), &operands), expected, 1e-12);
        check(op, &operands);
    }
}

#[test]
fn depthwise_convolutions_have_windows_for_each_channel() {
    for (i, (lines, padding, multiplier)) in [
        (vec![line(7, 3, 2, 1)], SAME, 1),
        (vec![line(6, 2, 1, 2)], VALID, 3),
        (vec![line(5, 3, 1, 1), line(4, 2, 1, 1)], VALID, 1),
        (vec![line(5, 3, 2, 1), line(4, 2, 2, 1)], SAME, 2),
        (vec![line(6, 2, 2, 3), line(7, 3, 1, 2)], SAME, 2),
        (vec![line(1, 1, 1, 1), line(4, 3, 3, 1)], SAME, 4),
    ]
    .into_iter()
    .enumerate()
    {
        let channels = 3;
        let x = Arg::float(&at(2, &of(&lines, |l| l.side), channels), i as u64);
        let window = of(&lines, |l| l.window);
        let kernel = Arg::float(&[window.clone(), vec![channels, multiplier]].concat(), 60 + i as u64);
        let filters = channels * multiplier;
        let flat = kernel.data.clone().into_shape_with_order([window, vec![1, filters]].concat()).unwrap();
        let expected = correlate(&lines, &padding, [1, filters, channels], &x.data, &flat);
        let (strides, dilation) = (of(&lines, |l| l.stride), of(&lines, |l| l.dilation));
        let op = DepthwiseConv { strides, dilation, padding };
        let operands = [x, kernel];
        assert_close(&value(op.clone(), &operands), expected, 1e-12);
        check(op, &operands);
    }
}

#[test]
fn transposed_convolutions_turn_convolutions_around() {
    let cases = [
        // `side` is the output's; what comes in, Keras's output padding.
        (vec![line(9, 3, 2, 1)], VALID, vec![4], None),
        (vec![line(8, 3, 2, 1)], SAME, vec![4], None),
        (vec![line(10, 3, 2, 1)], VALID, vec![4], Some(vec![1])),
        (vec![line(9, 1, 3, 1)], VALID, vec![3], None),
        (vec![line(7, 3, 1, 2)], VALID, vec![3], None),
        (vec![line(7, 3, 2, 1), line(8, 2, 3, 1)], SAME, vec![4, 3], Some(vec![0, 2])),
        (vec![line(6, 2, 2, 1), line(5, 3, 1, 1), line(9, 1, 3, 1)], VALID, vec![3, 3, 3], None),
        (vec![line(6, 3, 2, 1), line(4, 4, 2, 1), line(3, 5, 1, 1)], SAME, vec![3, 2, 3], None),
        (
            vec![line(8, 3, 3, 1), line(2, 1, 1, 1), line(8, 3, 3, 1)],
            SAME,
            vec![3, 2, 3],
            Some(vec![1, 0, 1]),
        ),
        (vec![line(5, 2, 1, 2), line(1, 1, 1, 1), line(6, 3, 1, 2)], VALID, vec![3, 1, 2], None),
    ];
    for (i, (lines, padding, inner, output_padding)) in cases.into_iter().enumerate() {
        let (channels, filters) = (3, 2);
        let x = Arg::float(&at(2, &inner, channels), i as u64);
        let kernel = Arg::float(&[of(&lines, |l| l.window), vec![filters, channels]].concat(), 70 + i as u64);
        let mut expected = ArrayD::zeros(at(2, &of(&lines, |l| l.side), filters));
        for [out, tap, source] in meetings(&lines, &padding) {
            for (n, o, c) in
                (0..2).flat_map(|n| (0..filters).flat_map(move |o| (0..channels).map(move |c| (n, o, c))))
            {
                let weight = kernel.data[&[&tap[..], &[o, c]].concat()[..]];
                expected[&at(n, &source, o)[..]] += x.data[&at(n, &out, c)[..]] * weight;
            }
        }
        let Paddings::Rule(padding) = padding else { panic!("a transposed convolution has a rule") };
        let (strides, dilation) = (of(&lines, |l| l.stride), of(&lines, |l| l.dilation));
        let op = ConvTranspose { strides, dilation, padding, output_padding };
        let operands = [x, kernel];
        assert_close(&value(op.clone(), &operands), expected, 1e-12);
        check(op, &operands);
    }
}
