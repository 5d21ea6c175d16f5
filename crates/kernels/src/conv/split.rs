//! How the gradient for a kernel is cut into chunks.

use super::parts::Parts;

/// Most partial results.
const MAX_PARTS: usize = 32;

/// Floats of what a gradient for a kernel reads and writes.
pub struct Traffic {
    /// Of the input, what any tap sees.
    pub input: usize,
    pub gradient: usize,
    pub result: usize,
}

/// Parts of the sum, and into how many the result's rows and panels are cut.
pub struct Cuts {
    pub parts: Parts,
    pub rows: usize,
    pub panels: usize,
}

impl Traffic {
    /// About `wanted` chunks with the least memory traffic: partial results are written and read,
    /// a part of the rows reads the gradient again and a part of the panels the input.
    /// `units` are the tiles down the rows, and the panels.
    pub fn split(&self, wanted: usize, images: usize, output_rows: usize, units: [usize; 2]) -> Cuts {
        let [most_rows, most_panels] = units.map(|count| count.clamp(1, wanted));
        let sums = (0..=MAX_PARTS.ilog2())
            .map(|power| Parts::new(images, output_rows, 1 << power, self.result))
            .filter(|parts| parts.count() <= MAX_PARTS.min(wanted.next_power_of_two()));
        let candidates = sums.flat_map(|parts| (1..=most_panels).map(move |panels| (parts, panels)));
        let complete = |(parts, panels): (Parts, usize)| {
            let rows = wanted.div_ceil(parts.count() * panels).clamp(1, most_rows);
            let written = if parts.count() > 1 { 4 * parts.count() * self.result } else { 0 };
            // Threads that wait are dearer than any traffic: there are too few chunks, counted in the
            // largest, or two or four threads are not done at the same time.
            let chunks = parts.count() * rows * panels;
            let largest = units[1].div_ceil(panels) * panels;
            let even = chunks * units[1] / largest.max(1);
            let idle = wanted.saturating_sub(even) + usize::from(wanted > 1 && !chunks.is_multiple_of(4));
            let all = self.input + self.gradient + self.result;
            let traffic = written + panels * self.input + rows * self.gradient + idle * all;
            (Cuts { parts, rows, panels }, traffic)
        };
        let whole = Parts::new(images, output_rows, 1, self.result);
        let best = candidates.map(complete).min_by_key(|&(_, traffic)| traffic);
        best.map_or(Cuts { parts: whole, rows: 1, panels: 1 }, |(cuts, _)| cuts)
    }
}
