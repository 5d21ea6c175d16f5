//! The output pixels of a chunk, sorted into runs that see the same taps.

use super::axis::{Axis, Span};
use crate::tile::menu::PAGE;

/// Pixels that see the same taps, one after another in [`Pixels`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    pub start: usize,
    pub len: usize,
    /// Taps seen along the height and along the width: the first and how many.
    pub rows: (usize, usize),
    pub columns: (usize, usize),
}

impl Run {
    /// Whether its pixels see any tap.
    pub fn sees(&self) -> bool {
        self.rows.1 * self.columns.1 > 0
    }
}

/// Where the pixels of a chunk read and write, relative to the chunk's origins.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pixels {
    /// Offset of the first tap in the source; then perhaps some of pixels that may follow.
    pub source: Vec<usize>,
    /// Offset in the output.
    pub output: Vec<usize>,
    pub runs: Vec<Run>,
}

/// Distances in floats.
#[derive(Clone, Copy)]
pub struct Strides {
    pub image: usize,
    pub row: usize,
    pub pixel: usize,
}

impl Strides {
    /// Those of a tensor of such a height, width and number of channels.
    pub fn of([height, width, channels]: [usize; 3]) -> Strides {
        Strides { image: height * width * channels, row: width * channels, pixel: channels }
    }
}

impl Pixels {
    /// The pixels of `images` images, output rows `rows`, and the least source offset among them,
    /// which is left out of `source`. Output offsets count from the first of `rows`.
    pub fn new(
        images: usize,
        rows: std::ops::Range<usize>,
        axes: &[Axis; 2],
        from: Strides,
        to: Strides,
    ) -> (Pixels, usize) {
        let mut all = Vec::with_capacity(images * rows.len() * axes[1].spans.len());
        for image in 0..images {
            for row in rows.clone() {
                for (column, &across) in axes[1].spans.iter().enumerate() {
                    let down = axes[0].spans[row];
                    let source = down.source * from.row + across.source * from.pixel;
                    let output = (row - rows.start) * to.row + column * to.pixel;
                    let taps = |span: Span| (span.first, span.count);
                    let nothing = down.count * across.count == 0;
                    let seen = if nothing { ((0, 0), (0, 0)) } else { (taps(down), taps(across)) };
                    all.push((seen, image * from.image + source, image * to.image + output));
                }
            }
        }
        // Stable, so that the pixels of a run stay in the order of memory.
        all.sort_by_key(|&(seen, ..)| seen);
        let origin = all.iter().map(|&(_, source, _)| source).min().unwrap_or(0);
        let mut pixels = Pixels::default();
        for (seen, source, output) in all {
            match pixels.runs.last_mut() {
                Some(run) if (run.rows, run.columns) == seen => run.len += 1,
                _ => {
                    let start = pixels.source.len();
                    pixels.runs.push(Run { start, len: 1, rows: seen.0, columns: seen.1 });
                }
            }
            pixels.source.push(source - origin);
            pixels.output.push(output);
        }
        (pixels, origin)
    }

    /// Continues the offsets in the source by so many, as if pixels went on: where those of an image are one run, the
    /// next chunk begins there.
    pub fn go_on(&mut self, count: usize) {
        let &[.., before, last] = &self.source[..] else {
            return self.source.resize(self.source.len() + count, 0);
        };
        self.source.extend(
            (1..=count).map(|ahead| last.wrapping_add(last.wrapping_sub(before).wrapping_mul(ahead))),
        );
    }

    /// Whether neighbours in a run read whole pages apart.
    pub fn are_paged(&self) -> bool {
        let seeing = self.runs.iter().filter(|run| run.len > 1 && run.sees());
        seeing.map(|run| &self.source[run.start..]).any(|source| (source[1] - source[0]).is_multiple_of(PAGE))
    }
}
