//! How the output pixels of a correlation are cut into chunks.

use super::correlate::Geometry;
use super::pixels::{Pixels, Strides};
use crate::routine::{even_count, share};
use std::ops::Range;

/// Most output pixels in a chunk: their offsets stay in the nearest cache.
const MAX_PIXELS: usize = 2048;

/// Where a chunk of pixels begins.
#[derive(Clone, Copy, Debug)]
struct Place {
    pixels: usize,
    source: usize,
    output: usize,
}

/// Output pixels in chunks: some rows of one image, or sets of whole images.
pub struct Cut {
    images: usize,
    /// Of whole images; as many as there are images if those are cut into rows.
    sets: usize,
    /// The chunks of a set.
    places: Vec<Place>,
    /// The chunk of a set that has one image more than others.
    larger: Option<Place>,
    lists: Vec<Pixels>,
}

/// A chunk's pixels, and how far their source and output lie from those of the first image.
pub struct Piece<'a> {
    pub pixels: &'a Pixels,
    pub source: usize,
    pub output: usize,
}

impl Cut {
    /// Chunks of about `rows` output rows. Lists of pixels go on by `ahead`.
    pub fn new(geometry: &Geometry, rows: usize, ahead: usize) -> Cut {
        let [from, to] = [geometry.source, geometry.output].map(Strides::of);
        let [height, width, _] = geometry.output;
        let mut lists = Vec::new();
        let mut place = |images: usize, rows: Range<usize>| {
            let output = rows.start * to.row;
            let (mut list, source) = Pixels::new(images, rows, &geometry.axes, from, to);
            list.go_on(ahead);
            let pixels = lists.iter().position(|known| *known == list).unwrap_or_else(|| {
                lists.push(list);
                lists.len() - 1
            });
            Place { pixels, source, output }
        };
        let images = geometry.images;
        let most = rows.min(MAX_PIXELS.div_ceil(width.max(1)));
        let (sets, places, larger);
        if rows < height {
            let pieces = height.div_ceil(most);
            let pieces = if images.is_multiple_of(4) { pieces } else { even_count(pieces).min(height) };
            sets = images;
            places = (0..pieces).map(|piece| place(1, share(height, pieces, piece))).collect();
            larger = None;
        } else {
            let most = (most / height.max(1)).clamp(1, images.max(1));
            sets = even_count(images.div_ceil(most)).min(images).max(1);
            places = vec![place(images / sets, 0..height)];
            larger = (!images.is_multiple_of(sets)).then(|| place(images / sets + 1, 0..height));
        }
        Cut { images, sets, places, larger, lists }
    }

    /// How many chunks there are.
    pub fn count(&self) -> usize {
        self.sets * self.places.len()
    }

    /// The pixels of one of the chunks.
    pub fn sample(&self) -> Option<&Pixels> {
        self.places.first().map(|place| &self.lists[place.pixels])
    }

    /// Chunk `index` of a correlation with such a geometry.
    pub fn piece(&self, index: usize, geometry: &Geometry) -> Piece<'_> {
        let images = share(self.images, self.sets, index / self.places.len());
        let place = match self.larger {
            Some(larger) if images.len() > self.images / self.sets => larger,
            _ => self.places[index % self.places.len()],
        };
        let [from, to] =
            [geometry.source, geometry.output].map(|sizes| images.start * Strides::of(sizes).image);
        Piece { pixels: &self.lists[place.pixels], source: from + place.source, output: to + place.output }
    }
}
