//! How the outputs of a convolution are cut into square tiles.

use super::transform::Patch;
use crate::conv::ConvShape;

/// Which algorithm: F(outputs, taps) along each side of a tile.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// F(2 × 2, 3 × 3): 16 products for 36.
    F2_3,
    /// F(4 × 4, 3 × 3): 36 products for 144.
    F4_3,
    /// F(2 × 2, 5 × 5): 36 products for 100.
    F2_5,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 3] = [Form::F2_3, Form::F4_3, Form::F2_5];

    /// Outputs along a side.
    pub fn outputs(self) -> usize {
        match self {
            Form::F2_3 | Form::F2_5 => 2,
            Form::F4_3 => 4,
        }
    }

    /// Taps of the kernel along a side.
    pub fn taps(self) -> usize {
        match self {
            Form::F2_3 | Form::F4_3 => 3,
            Form::F2_5 => 5,
        }
    }

    /// Inputs along a side of the patch that a tile sees.
    pub fn inputs(self) -> usize {
        self.outputs() + self.taps() - 1
    }

    /// Weights for each pair of channels.
    pub fn weights(self) -> usize {
        self.taps() * self.taps()
    }

    /// Products for each pair of channels.
    pub fn points(self) -> usize {
        self.inputs() * self.inputs()
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
        Tiling { form, images: shape.n, source, output, pad: shape.pad.map(|pad| form.taps() - 1 - pad) }
    }

    fn per_side(&self) -> [usize; 2] {
        self.output.map(|side| side.div_ceil(self.form.outputs()))
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
        (image, [tile / across, tile % across].map(|index| index * self.form.outputs()))
    }

    /// What a tile reads of a source of so many channels.
    pub fn read(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        patch(image, first, self.pad, self.source, self.form.inputs(), channels)
    }

    /// What it writes of an output of so many channels.
    pub fn written(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        patch(image, first, [0, 0], self.output, self.form.outputs(), channels)
    }
}

/// The `edge` × `edge` places from `first − pad` on of an image with `sides`.
fn patch(
    image: usize,
    first: [usize; 2],
    pad: [usize; 2],
    sides: [usize; 2],
    edge: usize,
    channels: usize,
) -> Patch {
    let [rows, columns] = [0, 1].map(|axis| {
        let missing = pad[axis].saturating_sub(first[axis]).min(edge);
        let end = (sides[axis] + pad[axis]).saturating_sub(first[axis]).clamp(missing, edge);
        missing..end
    });
    let [row, column] = [0, 1].map(|axis| first[axis] as isize - pad[axis] as isize);
    let [height, width] = sides.map(|side| side as isize);
    let origin = ((image as isize * height + row) * width + column) * channels as isize;
    Patch { origin, rows, columns }
}
