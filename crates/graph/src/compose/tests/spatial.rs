//! Convolutions and pooling along any number of axes, against the definitions written out.

mod convolutions;
mod pools;
mod shapes;

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
