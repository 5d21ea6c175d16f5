//! How the outputs of a convolution are cut into square tiles.

use super::transform::Patch;
use crate::conv::ConvShape;

/// Which algorithm: how many outputs a side of a tile has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Edge {
    /// F(2 × 2, 3 × 3): 16 products for 36.
    Two,
    /// F(4 × 4, 3 × 3): 36 products for 144.
    Four,
}

impl Edge {
    /// Outputs along a side.
    pub fn outputs(self) -> usize {
        match self {
            Edge::Two => 2,
            Edge::Four => 4,
        }
    }

    /// Inputs along a side of the patch that a tile sees.
    pub fn inputs(self) -> usize {
        self.outputs() + 2
    }

    /// Products for each pair of channels.
    pub fn points(self) -> usize {
        self.inputs() * self.inputs()
    }
}

/// The tiles of a correlation with a 3 × 3 kernel, image by image, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    pub edge: Edge,
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
    pub fn forward(edge: Edge, shape: &ConvShape) -> Tiling {
        let (source, output) = ([shape.h, shape.w], [shape.oh, shape.ow]);
        Tiling { edge, images: shape.n, source, output, pad: shape.pad }
    }

    /// Of the correlation of the output's gradient with the kernel turned around.
    pub fn backward(edge: Edge, shape: &ConvShape) -> Tiling {
        let (source, output) = ([shape.oh, shape.ow], [shape.h, shape.w]);
        Tiling { edge, images: shape.n, source, output, pad: shape.pad.map(|pad| 2 - pad) }
    }

    fn per_side(&self) -> [usize; 2] {
        self.output.map(|side| side.div_ceil(self.edge.outputs()))
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
        (image, [tile / across, tile % across].map(|index| index * self.edge.outputs()))
    }

    /// What a tile reads of a source of so many channels.
    pub fn read(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        patch(image, first, self.pad, self.source, self.edge.inputs(), channels)
    }

    /// What it writes of an output of so many channels.
    pub fn written(&self, tile: usize, channels: usize) -> Patch {
        let (image, first) = self.place(tile);
        patch(image, first, [0, 0], self.output, self.edge.outputs(), channels)
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
