use super::Conv2d;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::window::Padding;
use crate::ops::window::checked::{Tap, output_sides, taps};
use ndarray::ArrayD;

/// A convolution and the sizes of its operands; the gradients are checked on the same ones.
pub(crate) struct Case {
    pub conv: Conv2d,
    pub x: [usize; 4],
    pub kernel: [usize; 4],
}

impl Case {
    /// The sizes of the output.
    pub fn y(&self) -> [usize; 4] {
        let [kh, kw, _, co] = self.kernel;
        let [oh, ow] = output_sides(&self.conv.window([kh, kw]), [self.x[1], self.x[2]]);
        [self.x[0], oh, ow, co]
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |x, kernel, strides, dilation, groups, padding| Case {
        conv: Conv2d { strides, dilation, groups, padding },
        x,
        kernel,
    };
    let (one, two) = ([1, 1], [2, 2]);
    let odd = Padding::Explicit([[1, 0], [0, 2]]);
    vec![
        case([1, 5, 5, 2], [3, 3, 2, 3], one, one, 1, Padding::VALID),
        case([2, 4, 6, 3], [3, 3, 3, 2], two, one, 1, Padding::SAME),
        case([1, 5, 4, 2], [3, 2, 2, 3], [2, 1], one, 1, odd),
        case([1, 7, 6, 2], [3, 3, 2, 2], one, two, 1, Padding::SAME),
        case([1, 8, 9, 1], [2, 3, 1, 4], [3, 2], [2, 3], 1, Padding::Explicit([[2, 1], [3, 0]])),
        case([2, 4, 4, 4], [3, 3, 2, 6], one, one, 2, Padding::SAME),
        case([1, 5, 6, 3], [3, 3, 1, 3], one, one, 3, Padding::SAME),
        case([1, 6, 5, 3], [3, 2, 1, 6], two, one, 3, Padding::VALID),
        case([3, 3, 2, 5], [1, 1, 5, 4], one, one, 1, Padding::VALID),
        case([2, 5, 4, 3], [1, 1, 3, 2], two, one, 1, Padding::SAME),
        case([1, 1, 1, 1], [1, 1, 1, 1], one, one, 1, Padding::VALID),
        case([2, 1, 1, 2], [3, 3, 2, 2], one, one, 1, Padding::SAME),
        case([1, 1, 9, 2], [1, 4, 2, 3], [1, 2], one, 1, Padding::SAME),
        // A window larger than the input, and a stride larger than the window.
        case([1, 2, 3, 1], [5, 4, 1, 2], one, one, 1, Padding::SAME),
        case([1, 8, 7, 2], [2, 1, 2, 2], [3, 4], one, 1, Padding::VALID),
        // Wide enough for whole register tiles and their ragged ends.
        case([2, 9, 10, 32], [3, 3, 32, 48], one, one, 1, Padding::SAME),
        case([1, 11, 12, 3], [5, 5, 3, 33], one, one, 1, Padding::VALID),
        case([2, 9, 9, 40], [3, 3, 1, 40], two, one, 40, Padding::SAME),
    ]
}

/// Calls `f` with the positions of x, kernel and y in each product of the definition.
pub(crate) fn products(
    conv: &Conv2d,
    x: [usize; 4],
    kernel: [usize; 4],
    mut f: impl FnMut([usize; 4], [usize; 4], [usize; 4]),
) {
    let [kh, kw, per_group, co] = kernel;
    for Tap { out, within, input } in taps(&conv.window([kh, kw]), [x[1], x[2]]) {
        for n in 0..x[0] {
            for o in 0..co {
                let group = o / (co / conv.groups);
                for i in 0..per_group {
                    f(
                        [n, input[0], input[1], group * per_group + i],
                        [within[0], within[1], i, o],
                        [n, out[0], out[1], o],
                    );
                }
            }
        }
    }
}

/// The four sides of an oracle's operand.
pub(crate) fn sides(x: &ArrayD<f64>) -> [usize; 4] {
    x.shape().try_into().expect("samples are 4-D")
}

impl Checked for Conv2d {
    fn samples() -> Vec<Sample<Conv2d>> {
        let sample = |c: Case| Sample::new(c.conv, vec![Arg::float(&c.x, 1), Arg::float(&c.kernel, 2)]);
        cases().into_iter().map(sample).collect()
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let (x, kernel) = (&x[0], &x[1]);
        let case = Case { conv: *self, x: sides(x), kernel: sides(kernel) };
        let mut y = ArrayD::zeros(case.y().to_vec());
        products(self, case.x, case.kernel, |xi, ki, yi| y[&yi[..]] += x[&xi[..]] * kernel[&ki[..]]);
        vec![y]
    }
}
