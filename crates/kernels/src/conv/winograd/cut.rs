//! How a kernel's gradient is cut into chunks.

use super::tiling::{Form, Tiling};
use crate::conv::ConvShape;

/// Floats of a chunk's sums: what stays in its core's cache beside the tiles.
const SUMS: usize = 192 * 1024;
/// Fewest channels in a part: each part transforms the gradient anew. Fewer where so many parts are enough, or
/// nearly, that sums need not be cut as well.
const CHANNELS: usize = 48;
const FEW_CHANNELS: usize = 32;
/// Floats of transformed tiles that a chunk works on at a time.
const BLOCK: usize = 256 * 1024;
/// Fewest and most tiles that are summed at a time.
const TILES: (usize, usize) = (48, 128);
/// Chunks that are enough to keep the cores busy, and most parts of the tiles.
const ENOUGH: usize = 16;
const MAX_PARTIALS: usize = 16;

/// How the sums over tiles are cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Parts of the channels of the input.
    pub channel_parts: usize,
    /// Partial sums over parts of the tiles.
    pub partials: usize,
    /// Tiles at a time.
    pub block: usize,
}

impl Cut {
    pub fn new(form: Form, shape: &ConvShape) -> Cut {
        let (points, tiles) = (form.points(), Tiling::forward(form, shape).count());
        let wanted = (SUMS / (points * shape.co).max(1)).max(CHANNELS);
        let small = (shape.c / FEW_CHANNELS).min(ENOUGH);
        let fewest = shape.c.div_ceil(wanted).max(if 2 * small < ENOUGH { 1 } else { small });
        let fitting = |parts: usize| {
            let part = shape.c.div_ceil(parts);
            (BLOCK / (points * (part + shape.co)).max(1)).clamp(TILES.0, TILES.1)
        };
        let most = |parts| (tiles / (2 * fitting(parts))).clamp(1, MAX_PARTIALS);
        // Two threads are done at the same time where either number is even; a single chunk leaves one idle.
        let two = fewest > 1 || small > 1 && most(1) == 1;
        let channel_parts = if two { fewest.next_multiple_of(2) } else { 1 };
        let partials = (ENOUGH / channel_parts).clamp(1, most(channel_parts));
        let partials = if two || partials == 1 { partials } else { partials.next_multiple_of(2) };
        let block = fitting(channel_parts).min(tiles.div_ceil(partials));
        Cut { channel_parts, partials, block }
    }

    pub fn chunks(&self) -> usize {
        self.channel_parts * self.partials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_even_and_their_blocks_hold_all_tiles() {
        for form in Form::ALL {
            for (n, side) in [(1, 4), (64, 3), (64, 10), (64, 11), (8, 17), (3, 75), (8, 224)] {
                for (c, co) in [(32, 64), (64, 64), (80, 192), (288, 384), (1024, 512), (3, 7)] {
                    let shape = ConvShape::same(form.taps(), n, side, c, co);
                    let cut = Cut::new(form, &shape);
                    assert!(
                        cut.chunks() == 1 || cut.chunks().is_multiple_of(2),
                        "{form:?} {shape:?}: {cut:?}"
                    );
                    assert!(cut.channel_parts <= c && (1..=MAX_PARTIALS).contains(&cut.partials), "{cut:?}");
                    let tiles = Tiling::forward(form, &shape).count();
                    assert!((1..=tiles.div_ceil(cut.partials)).contains(&cut.block), "{shape:?}: {cut:?}");
                }
            }
        }
    }
}
