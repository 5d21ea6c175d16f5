use super::Product;

/// Invocations along each side of a tile, and elements of the sum that are brought in at a time.
pub(super) const SIDE: usize = 16;
/// Workgroups that fill a GPU.
const ENOUGH: usize = 128;
/// A part of a sum is at least so long: shorter ones are not worth their traffic through memory.
const SHORTEST_PART: usize = 128;
/// The most parts of a sum.
const MOST_PARTS: usize = 64;

/// How a product is cut into workgroups: a pure function of its shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tiling {
    /// Rows and columns that one invocation computes: 1, 2 or 4 of each.
    pub per: [usize; 2],
    /// Tiles along rows and columns.
    pub tiles: [usize; 2],
    /// Products of matrices.
    pub batch: usize,
    /// Parts of each sum.
    pub parts: usize,
    /// The length of a part; the last may be shorter.
    pub part: usize,
    /// Steps of the sum, of [`SIDE`] elements each, that are added up before they join the total.
    pub block: usize,
}

impl Tiling {
    pub fn of(p: &Product) -> Tiling {
        let fit = |side: usize| [1, 2].into_iter().find(|per| SIDE * per >= side).unwrap_or(4);
        let mut per = [fit(p.m), fit(p.n)];
        let tiles = |per: [usize; 2]| [p.m.div_ceil(SIDE * per[0]), p.n.div_ceil(SIDE * per[1])];
        let workgroups = |per| tiles(per).iter().product::<usize>() * p.batch;
        let most_parts = (p.k / SHORTEST_PART).clamp(1, MOST_PARTS);
        // Large tiles read least. Where even cut sums of them leave a GPU idle, they become smaller.
        while workgroups(per) * most_parts < ENOUGH && per != [1, 1] {
            let larger = usize::from(per[1] > per[0]);
            per[larger] /= 2;
        }
        let wanted = (ENOUGH / workgroups(per)).clamp(1, most_parts);
        let part = p.k.div_ceil(wanted).next_multiple_of(SIDE);
        // Blocks as long as there are blocks make the longest chain of additions shortest.
        let block = (part.isqrt() / SIDE).max(1);
        Tiling { per, tiles: tiles(per), batch: p.batch, parts: p.k.div_ceil(part), part, block }
    }

    pub fn workgroups(&self) -> usize {
        self.tiles[0] * self.tiles[1] * self.batch * self.parts
    }
}
