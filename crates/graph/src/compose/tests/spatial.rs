//! Convolutions and pooling along any number of axes, against the definitions written out.

use super::*;
use crate::autodiff::GradOp;
use crate::compose::spatial::Paddings;
use crate::ops::window::PaddingRule;

const SAME: Paddings = Paddings::Rule(PaddingRule::Same);
const VALID: Paddings = Paddings::Rule(PaddingRule::Valid);

/// One axis: the input's side, window, stride, dilation.
#[derive(Clone, Copy)]
struct Line {
    side: usize,
    window: usize,
    stride: usize,
    dilation: usize,
}

fn line(side: usize, window: usize, stride: usize, dilation: usize) -> Line {
    Line { side, window, stride, dilation }
}

impl Line {
    /// Padding before and after, by TensorFlow's formula.
    fn pads(self, padding: &Paddings, axis: usize) -> [usize; 2] {
        match padding {
            Paddings::Rule(PaddingRule::Valid) => [0, 0],
            Paddings::Rule(PaddingRule::Same) => {
                let rest =
                    if self.side.is_multiple_of(self.stride) { self.stride } else { self.side % self.stride };
                let total = self.extent().saturating_sub(rest);
                [total / 2, total - total / 2]
            }
            Paddings::Explicit(pads) => pads[axis],
        }
    }

    fn extent(self) -> usize {
        (self.window - 1) * self.dilation + 1
    }

    fn outputs(self, padding: &Paddings, axis: usize) -> usize {
        let [before, after] = self.pads(padding, axis);
        (before + self.side + after - self.extent()) / self.stride + 1
    }

    /// Which (output, tap, input) meet.
    fn meetings(self, padding: &Paddings, axis: usize) -> Vec<[usize; 3]> {
        let [before, _] = self.pads(padding, axis);
        let all = (0..self.outputs(padding, axis)).flat_map(|o| (0..self.window).map(move |tap| (o, tap)));
        all.filter_map(|(o, tap)| {
            let at = (o * self.stride + tap * self.dilation).checked_sub(before)?;
            (at < self.side).then_some([o, tap, at])
        })
        .collect()
    }
}

/// Positions of output, tap and input that meet, along all axes.
fn meetings(lines: &[Line], padding: &Paddings) -> Vec<[Vec<usize>; 3]> {
    lines.iter().enumerate().fold(vec![[vec![], vec![], vec![]]], |found, (axis, line)| {
        let along = line.meetings(padding, axis);
        let longer = |so_far: &[Vec<usize>; 3], more: &[usize; 3]| {
            let mut longer = so_far.clone();
            (0..3).for_each(|i| longer[i].push(more[i]));
            longer
        };
        found.iter().flat_map(|f| along.iter().map(move |m| longer(f, m))).collect()
    })
}

/// A position in a tensor: batch, axes, channel.
fn at(n: usize, place: &[usize], c: usize) -> Vec<usize> {
    [&[n], place, &[c]].concat()
}

fn of<T>(lines: &[Line], f: impl Fn(Line) -> T) -> Vec<T> {
    lines.iter().map(|&l| f(l)).collect()
}

fn outputs(lines: &[Line], padding: &Paddings) -> Vec<usize> {
    lines.iter().enumerate().map(|(axis, line)| line.outputs(padding, axis)).collect()
}

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

/// Calls `f` with each output's position and the values of its window.
fn windows_of(x: &ArrayD<f64>, spans: &[Vec<(usize, usize)>], mut f: impl FnMut(&[usize], Vec<f64>)) {
    let all = |ranges: &[(usize, usize)]| {
        ranges.iter().fold(vec![vec![]], |found: Vec<Vec<usize>>, &(begin, end)| {
            found.iter().flat_map(|f| (begin..end).map(move |i| [&f[..], &[i]].concat())).collect()
        })
    };
    for out in all(&spans.iter().map(|s| (0, s.len())).collect::<Vec<_>>()) {
        let window: Vec<(usize, usize)> = out.iter().zip(spans).map(|(&o, s)| s[o]).collect();
        for n in 0..x.shape()[0] {
            for c in 0..x.shape()[x.ndim() - 1] {
                let values = all(&window).iter().map(|place| x[&at(n, place, c)[..]]).collect();
                f(&at(n, &out, c), values);
            }
        }
    }
}

fn pooled(x: &ArrayD<f64>, spans: &[Vec<(usize, usize)>], of: impl Fn(&[f64]) -> f64) -> ArrayD<f64> {
    let counts: Vec<usize> = spans.iter().map(Vec::len).collect();
    let mut y = ArrayD::zeros(at(x.shape()[0], &counts, x.shape()[x.ndim() - 1]));
    windows_of(x, spans, |place, values| y[place] = of(&values));
    y
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn pools_take_boxes() {
    for (i, (lines, padding)) in [
        (vec![line(7, 2, 2, 1)], VALID),
        (vec![line(7, 3, 2, 1)], SAME),
        (vec![line(3, 5, 1, 1)], SAME),
        (vec![line(5, 3, 2, 1), line(4, 2, 3, 1)], SAME),
        (vec![line(4, 2, 2, 1), line(5, 3, 1, 1), line(3, 1, 2, 1)], VALID),
        (vec![line(5, 3, 2, 1), line(4, 2, 3, 1), line(3, 4, 1, 1)], SAME),
        (vec![line(1, 2, 1, 1), line(2, 1, 1, 1), line(6, 4, 3, 1)], SAME),
        (vec![line(4, 1, 1, 1), line(3, 2, 1, 1), line(4, 2, 2, 1)], VALID),
    ]
    .into_iter()
    .enumerate()
    {
        let x = Arg::float(&at(2, &of(&lines, |l| l.side), 3), i as u64);
        let span = |(axis, line): (usize, &Line)| {
            let met = line.meetings(&padding, axis);
            let of = |o| met.iter().filter(move |m| m[0] == o).map(|m| m[2]);
            (0..met.last().unwrap()[0] + 1)
                .map(|o| (of(o).min().unwrap(), of(o).max().unwrap() + 1))
                .collect()
        };
        let spans: Vec<Vec<(usize, usize)>> = lines.iter().enumerate().map(span).collect();
        let (pool_size, strides) = (of(&lines, |l| l.window), of(&lines, |l| l.stride));
        let most =
            MaxPool { pool_size: pool_size.clone(), strides: strides.clone(), padding: padding.clone() };
        let average = AveragePool { pool_size, strides, padding };
        assert_close(&value(most.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, greatest), 0.0);
        assert_close(&value(average.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, mean), 1e-12);
        check(most, std::slice::from_ref(&x));
        check(average, &[x]);
    }
}

#[test]
fn adaptive_pools_share_the_axes_evenly() {
    for (i, (inner, outputs)) in [
        (vec![6], vec![3]),
        (vec![7], vec![3]),
        (vec![10], vec![7]),
        (vec![3], vec![5]),
        (vec![1], vec![4]),
        (vec![5], vec![5]),
        (vec![7, 5], vec![2, 3]),
        (vec![4, 9], vec![4, 1]),
        (vec![5, 4, 7], vec![2, 3, 4]),
        (vec![2, 6, 3], vec![3, 4, 1]),
    ]
    .into_iter()
    .enumerate()
    {
        let x = Arg::float(&at(2, &inner, 2), i as u64);
        let span = |(&n, &outputs): (&usize, &usize)| {
            let share = n as f64 / outputs as f64;
            let edge = |i: usize| i as f64 * share;
            let whole = |v: f64| (v * 1e9).round() / 1e9;
            (0..outputs)
                .map(|i| (whole(edge(i)).floor() as usize, whole(edge(i + 1)).ceil() as usize))
                .collect()
        };
        let spans: Vec<Vec<(usize, usize)>> = inner.iter().zip(&outputs).map(span).collect();
        let most = AdaptiveMaxPool { output_size: outputs.clone() };
        let average = AdaptiveAveragePool { output_size: outputs };
        assert_close(&value(most.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, greatest), 0.0);
        assert_close(&value(average.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, mean), 1e-12);
        check(most, std::slice::from_ref(&x));
        check(average, &[x]);
    }
}

/// The gradient of a gradient's square, as a gradient penalty has it.
#[track_caller]
fn check_twice(op: impl Into<Composite>, x: &[Arg]) {
    let op = op.into();
    check_gradients(op.name(), x, &|b, x| {
        let y = b.apply(op.clone(), x)[0];
        let slope = b.one(Op::Grad(GradOp), &[y * y, x[0]]);
        slope * slope
    });
}

#[test]
fn second_derivatives() {
    let padding = SAME;
    let volume = Arg::float(&[1, 3, 2, 3, 2], 1);
    let kernel = Arg::float(&[2, 2, 2, 2, 2], 2);
    let conv = Conv { strides: vec![2, 1, 1], dilation: vec![1, 2, 1], groups: 1, padding: padding.clone() };
    check_twice(conv, &[volume.clone(), kernel.clone()]);
    let turned = ConvTranspose {
        strides: vec![1, 2, 1],
        dilation: vec![2, 1, 1],
        padding: PaddingRule::Valid,
        output_padding: None,
    };
    check_twice(turned, &[volume.clone(), kernel]);
    let depthwise = DepthwiseConv { strides: vec![2], dilation: vec![1], padding };
    check_twice(depthwise, &[Arg::float(&[2, 5, 2], 3), Arg::float(&[3, 2, 2], 4)]);
    check_twice(AdaptiveMaxPool { output_size: vec![2, 3, 2] }, std::slice::from_ref(&volume));
    check_twice(AdaptiveAveragePool { output_size: vec![2, 3, 2] }, &[volume]);
}

fn inferred(op: impl Into<Composite>, x: &[&[Dim]]) -> Result<Shape> {
    let types: Vec<TensorType> =
        x.iter().map(|d| TensorType::new(DType::F32, Shape::new(d.to_vec()))).collect();
    Ok(op.into().infer(&types)?.remove(0).shape)
}

#[test]
fn unknown_sides_stay_unknown() {
    let kernel = [2, 3, 3, 4, 5].map(Some);
    let conv = Conv { strides: vec![1, 2, 2], dilation: vec![1; 3], groups: 1, padding: SAME };
    let shape = inferred(conv, &[&[None, None, Some(5), None, Some(4)], &kernel]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(3), None, Some(5)]);

    let sequence = Conv { strides: vec![2], dilation: vec![1], groups: 1, padding: VALID };
    let shape = inferred(sequence, &[&[None, None, Some(3)], &[Some(2), Some(3), Some(6)]]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(6)]);

    let turned = ConvTranspose {
        strides: vec![2, 2],
        dilation: vec![1; 2],
        padding: PaddingRule::Same,
        output_padding: None,
    };
    let shape = inferred(turned, &[&[None, None, Some(3), Some(4)], &[3, 3, 5, 4].map(Some)]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(6), Some(5)]);

    let pool = MaxPool { pool_size: vec![2; 3], strides: vec![2; 3], padding: VALID };
    let shape = inferred(pool, &[&[None, Some(5), None, Some(4), Some(1)]]).unwrap();
    assert_eq!(shape.dims(), [None, Some(2), None, Some(2), Some(1)]);

    let adaptive = AdaptiveAveragePool { output_size: vec![3, 2] };
    let shape = inferred(adaptive, &[&[None, None, None, Some(7)]]).unwrap();
    assert_eq!(shape.dims(), [None, Some(3), Some(2), Some(7)]);
}

#[test]
fn what_does_not_fit_is_said() {
    let conv = |groups| Conv { strides: vec![1; 3], dilation: vec![2, 1, 1], groups, padding: VALID };
    let error = |op: Composite, x: &[&[Dim]]| inferred(op, x).expect_err("it does not fit").message;
    let volume = [None, Some(4), Some(2), None, Some(4)];
    assert_eq!(
        error(conv(1).into(), &[&volume, &[2, 3, 1, 4, 5].map(Some)]),
        "conv: a window of 2×3×1 with dilation [2, 1, 1] does not fit into an input of 4×2×null with padding \
         \"valid\""
    );
    assert_eq!(
        error(conv(2).into(), &[&volume, &[1, 1, 1, 3, 6].map(Some)]),
        "conv: the channels of the input and of the kernel differ: expected an input [batch, …, 6] for a kernel \
         [1, 1, 1, 3, 6] and groups: 2, received shape [null, 4, 2, null, 4]"
    );
    assert_eq!(
        error(conv(1).into(), &[&[None, Some(4), Some(4)], &[2, 3, 1, 4, 5].map(Some)]),
        "conv: expected window size for each of 1 axes of an input of shape [null, 4, 4], received 3"
    );
    let turned = ConvTranspose {
        strides: vec![2],
        dilation: vec![1],
        padding: PaddingRule::Same,
        output_padding: Some(vec![0]),
    };
    assert_eq!(
        error(turned.into(), &[&[None, Some(5), Some(3)], &[2, 4, 3].map(Some)]),
        "convTranspose: no convolution with a window of 2, stride 2 and padding \"same\" makes 5 of 8, which output \
         padding 0 asks for"
    );
    let pool = AveragePool { pool_size: vec![3], strides: vec![1], padding: VALID };
    assert_eq!(
        error(pool.into(), &[&[None, Some(2), Some(3)]]),
        "averagePool: a window of 3 does not fit into an input of 2 with padding \"valid\""
    );
}
