//! How the outputs of a convolution are cut into tiles, squares or lines.

use super::transform::{Patch, Steps};
use crate::conv::ConvShape;
use std::fmt;

/// Which algorithm: F(outputs, taps) along both axes of a tile, or along one for a kernel of a single row or column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// F(2 × 2, 3 × 3): 16 products for 36.
    F2_3,
    /// F(4 × 4, 3 × 3): 36 products for 144.
    F4_3,
    /// F(2 × 2, 5 × 5): 36 products for 100.
    F2_5,
    /// Tiles that are lines.
    Line(Axis, LineForm),
}

/// The axis that a line runs along.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Axis {
    /// Kernels of one column.
    Down,
    /// Kernels of one row.
    Across,
}

/// The algorithms along one axis. Errors grow with the points, and along each axis anew: ten along one have about those
/// of six along both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LineForm {
    /// 6 products for 12.
    F4_3,
    /// 10 products for 28.
    F4_7,
}

impl LineForm {
    const fn taps(self) -> usize {
        match self {
            LineForm::F4_3 => 3,
            LineForm::F4_7 => 7,
        }
    }
}

impl Axis {
    /// So many places along it, and one along the other: down, then across.
    const fn sides(self, places: usize) -> [usize; 2] {
        match self {
            Axis::Down => [places, 1],
            Axis::Across => [1, places],
        }
    }
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 7] = [
        Form::F2_3,
        Form::F4_3,
        Form::F2_5,
        Form::Line(Axis::Down, LineForm::F4_3),
        Form::Line(Axis::Across, LineForm::F4_3),
        Form::Line(Axis::Down, LineForm::F4_7),
        Form::Line(Axis::Across, LineForm::F4_7),
    ];

    /// Outputs of a tile, down and across.
    pub fn outputs(self) -> [usize; 2] {
        match self {
            Form::F2_3 | Form::F2_5 => [2; 2],
            Form::F4_3 => [4; 2],
            Form::Line(axis, _) => axis.sides(4),
        }
    }

    /// Taps of the kernel, down and across.
    pub fn taps(self) -> [usize; 2] {
        match self {
            Form::F2_3 | Form::F4_3 => [3; 2],
            Form::F2_5 => [5; 2],
            Form::Line(axis, form) => axis.sides(form.taps()),
        }
    }

    /// Inputs of the patch that a tile sees, down and across.
    pub fn inputs(self) -> [usize; 2] {
        let (outputs, taps) = (self.outputs(), self.taps());
        [0, 1].map(|axis| outputs[axis] + taps[axis] - 1)
    }

    /// Weights for each pair of channels.
    pub fn weights(self) -> usize {
        self.taps().iter().product()
    }

    /// Products for each pair of channels.
    pub fn points(self) -> usize {
        self.inputs().iter().product()
    }

    /// Whether tiles are columns of places.
    fn is_column(self) -> bool {
        matches!(self, Form::Line(Axis::Down, _))
    }
}

/// Calls something generic in what a form is made of: its points, the taps, inputs and outputs of a line, and along how
/// many axes its tiles extend. `_` stands for what the call does not take.
macro_rules! with_form {
    ([$p:ident $($name:tt)*] of [$points:ident $($number:literal)*] => $call:expr) => {{
        type $p = $crate::conv::winograd::points::$points;
        $(const $name: usize = $number;)*
        $call
    }};
    ($form:expr, $names:tt => $call:expr) => {{
        use $crate::conv::winograd::tiling::{Form, LineForm, with_form};
        match $form {
            Form::F2_3 => with_form!($names of [Four 3 4 2 2] => $call),
            Form::F4_3 => with_form!($names of [Six 3 6 4 2] => $call),
            Form::F2_5 => with_form!($names of [Six 5 6 2 2] => $call),
            Form::Line(_, LineForm::F4_3) => with_form!($names of [Six 3 6 4 1] => $call),
            Form::Line(_, LineForm::F4_7) => with_form!($names of [Ten 7 10 4 1] => $call),
        }
    }};
}
pub(super) use with_form;

/// In the notation of Lavin and Gray; of squares a side stands for both.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([m, n], [r, s]) = (self.outputs(), self.taps());
        if m == n { write!(f, "F({m}, {r})") } else { write!(f, "F({m} × {n}, {r} × {s})") }
    }
}

/// The tiles of a correlation, image by image, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    pub form: Form,
    pub images: usize,
    /// Height and width of what is read.
    pub source: [usize; 2],
    /// Height and width of what is written.
    pub output: [usize; 2],
    /// Places above and left of the source that the first output sees.
    pub pad: [usize; 2],
}

impl Tiling {
    /// Of the convolution itself.
    pub fn forward(form: Form, shape: &ConvShape) -> Tiling {
        let (source, output) = ([shape.h, shape.w], [shape.oh, shape.ow]);
        Tiling { form, images: shape.n, source, output, pad: shape.pad }
    }

    /// Of the correlation of the output's gradient with the kernel turned around.
    pub fn backward(form: Form, shape: &ConvShape) -> Tiling {
        let (source, output) = ([shape.oh, shape.ow], [shape.h, shape.w]);
        let pad = [0, 1].map(|axis| form.taps()[axis] - 1 - shape.pad[axis]);
        Tiling { form, images: shape.n, source, output, pad }
    }

    fn per_side(&self) -> [usize; 2] {
        let tile = self.form.outputs();
        [0, 1].map(|axis| self.output[axis].div_ceil(tile[axis]))
    }

    /// Tiles in all.
    pub fn count(&self) -> usize {
        let [down, across] = self.per_side();
        self.images * down * across
    }

    /// Image, and first output down and across.
    fn place(&self, tile: usize) -> (usize, [usize; 2]) {
        let [down, across] = self.per_side();
        let (image, tile) = (tile / (down * across), tile % (down * across));
        let [height, width] = self.form.outputs();
        (image, [tile / across * height, tile % across * width])
    }

    /// What a tile reads of a source of so many channels.
    pub fn read(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        self.patch(image, first, self.pad, self.source, self.form.inputs(), channels)
    }

    /// How far the places lie apart that a tile reads.
    pub fn read_steps(&self, channels: usize) -> Steps {
        self.steps(self.source, channels)
    }

    /// What it writes of an output of so many channels.
    pub fn written(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        self.patch(image, first, [0, 0], self.output, self.form.outputs(), channels)
    }

    /// How far the places lie apart that it writes.
    pub fn written_steps(&self, channels: usize) -> Steps {
        self.steps(self.output, channels)
    }

    /// In images with such sides; a column's places are those of a patch's one row.
    fn steps(&self, [_, width]: [usize; 2], channels: usize) -> Steps {
        let (row, column) = (width * channels, channels);
        if self.form.is_column() { Steps { row: column, column: row } } else { Steps { row, column } }
    }

    /// The places of a rectangle with such `edges` from `first − pad` on of an image with `sides`.
    fn patch(
        &self,
        image: usize,
        first: [usize; 2],
        pad: [usize; 2],
        sides: [usize; 2],
        edges: [usize; 2],
        channels: usize,
    ) -> Patch {
        let [rows, columns] = [0, 1].map(|axis| {
            let missing = pad[axis].saturating_sub(first[axis]).min(edges[axis]);
            let end = (sides[axis] + pad[axis]).saturating_sub(first[axis]).clamp(missing, edges[axis]);
            missing..end
        });
        let [row, column] = [0, 1].map(|axis| first[axis] as isize - pad[axis] as isize);
        let [height, width] = sides.map(|side| side as isize);
        let origin = ((image as isize * height + row) * width + column) * channels as isize;
        let (rows, columns) = if self.form.is_column() { (columns, rows) } else { (rows, columns) };
        Patch { origin, rows, columns }
    }
}
