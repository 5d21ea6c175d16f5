use super::MaxPool2d;
use crate::checked::{Arg, Checked, Sample};
use crate::ops::window::checked::{Tap, output_sides, taps};
use crate::ops::window::{Padding, Window};
use ndarray::ArrayD;

/// A pooling window and the sizes of its input; all pooling ops are checked on the same ones.
pub(crate) struct Case {
    pub pool_size: [usize; 2],
    pub strides: [usize; 2],
    pub padding: Padding,
    pub x: [usize; 4],
}

impl Case {
    pub fn new(pool_size: [usize; 2], strides: [usize; 2], padding: Padding, x: [usize; 4]) -> Case {
        Case { pool_size, strides, padding, x }
    }

    pub fn input_shape(&self) -> [usize; 2] {
        [self.x[1], self.x[2]]
    }

    /// The sizes of the output.
    pub fn y(&self) -> [usize; 4] {
        let [oh, ow] = output_sides(&self.max_pool().window(), self.input_shape());
        [self.x[0], oh, ow, self.x[3]]
    }

    fn max_pool(&self) -> MaxPool2d {
        MaxPool2d { pool_size: self.pool_size, strides: self.strides, padding: self.padding }
    }

    /// An index that max pooling of some input gives, as the operand of another op.
    pub fn index(&self, seed: u64) -> Arg {
        let index = self.max_pool().oracle(&[Arg::float(&self.x, seed).data]).remove(1);
        let dtype = crate::ops::pooling::index_dtype(self.pool_size);
        Arg::of(dtype, &self.y(), index.into_iter().collect())
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new([2, 2], [2, 2], Padding::VALID, [2, 4, 6, 3]),
        Case::new([2, 2], [2, 2], Padding::SAME, [1, 5, 3, 2]),
        Case::new([3, 3], [2, 2], Padding::SAME, [2, 6, 7, 2]),
        Case::new([3, 2], [1, 2], Padding::Explicit([[1, 2], [0, 1]]), [1, 4, 5, 3]),
        Case::new([3, 3], [1, 1], Padding::VALID, [1, 5, 4, 1]),
        Case::new([1, 1], [1, 1], Padding::VALID, [1, 3, 2, 2]),
        Case::new([1, 1], [2, 3], Padding::SAME, [1, 4, 5, 2]),
        Case::new([4, 3], [4, 3], Padding::SAME, [1, 2, 1, 3]),
        Case::new([1, 5], [1, 2], Padding::SAME, [2, 1, 9, 1]),
        // A window of more places than a byte counts.
        Case::new([17, 16], [5, 7], Padding::SAME, [1, 18, 20, 2]),
        Case::new([2, 2], [2, 2], Padding::VALID, [2, 9, 8, 37]),
        Case::new([3, 3], [2, 2], Padding::Explicit([[1, 1], [1, 1]]), [1, 11, 11, 64]),
    ]
}

/// Calls `f` with the positions of an element of x and of y that sees it, and its place in the
/// window, row by row.
pub(crate) fn visits(w: &Window, x: &[usize], mut f: impl FnMut([usize; 4], [usize; 4], usize)) {
    for Tap { out, within, input } in taps(w, [x[1], x[2]]) {
        for (n, c) in (0..x[0]).flat_map(|n| (0..x[3]).map(move |c| (n, c))) {
            f([n, input[0], input[1], c], [n, out[0], out[1], c], within[0] * w.size[1] + within[1]);
        }
    }
}

impl Checked for MaxPool2d {
    fn samples() -> Vec<Sample<MaxPool2d>> {
        let mut samples: Vec<_> =
            cases().iter().map(|c| Sample::exact(c.max_pool(), vec![Arg::float(&c.x, 7)])).collect();
        // Ties: whole numbers below 3, so that windows have several largest elements.
        for c in cases() {
            let ties = Arg::ints(fovea_core::DType::F32, &c.x, 3, 1);
            samples.push(Sample::exact(c.max_pool(), vec![ties]).rough());
        }
        samples
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let x = &x[0];
        let [oh, ow] = output_sides(&self.window(), [x.shape()[1], x.shape()[2]]);
        let y = vec![x.shape()[0], oh, ow, x.shape()[3]];
        let (mut value, mut index) = (ArrayD::from_elem(y.clone(), f64::NEG_INFINITY), ArrayD::zeros(y));
        visits(&self.window(), x.shape(), |xi, yi, place| {
            if x[&xi[..]] > value[&yi[..]] {
                value[&yi[..]] = x[&xi[..]];
                index[&yi[..]] = place as f64;
            }
        });
        vec![value, index]
    }
}
