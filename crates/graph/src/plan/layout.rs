//! Which bytes each value gets: leaves, outputs and variables have buffers of their own, what runs keep lies
//! together, everything else in one arena, where values that are not needed at the same time share bytes.

use super::{Extent, Place};
use crate::lower::Loc;

/// Something that needs bytes in the arena while phases `first..=last` run.
struct Block {
    bytes: usize,
    first: usize,
    last: usize,
}

/// The places of a plan while it is made.
pub(super) struct Layout {
    /// Blocks begin at multiples of so many bytes.
    align: usize,
    /// By [`Loc`]: where it lies, or the number of a block.
    places: Vec<Result<Place, usize>>,
    extents: Vec<Extent>,
    blocks: Vec<Block>,
    /// Bytes that runs keep.
    pub kept: usize,
}

impl Layout {
    /// With no places; blocks will begin at multiples of `align` bytes.
    pub fn new(align: usize) -> Layout {
        Layout { align, places: vec![], extents: vec![], blocks: vec![], kept: 0 }
    }

    /// A place in a buffer of its own.
    pub fn fixed(&mut self, place: Place, extent: Extent) -> Loc {
        self.add(Ok(place), extent)
    }

    /// A place in the arena, needed by a phase, and by those that [`touch`](Layout::touch) it.
    pub fn block(&mut self, extent: Extent, phase: usize) -> Loc {
        let bytes = extent.bytes.next_multiple_of(self.align);
        self.blocks.push(Block { bytes, first: phase, last: phase });
        self.add(Err(self.blocks.len() - 1), extent)
    }

    /// A place in what runs keep.
    pub fn keep(&mut self, extent: Extent) -> Loc {
        let offset = self.kept;
        self.kept += extent.bytes.next_multiple_of(self.align);
        self.fixed(Place::Kept(offset), extent)
    }

    fn add(&mut self, place: Result<Place, usize>, extent: Extent) -> Loc {
        self.places.push(place);
        self.extents.push(extent);
        Loc(self.places.len() as u32 - 1)
    }

    /// Says that a phase needs what lies there.
    pub fn touch(&mut self, loc: Loc, phase: usize) {
        if let Err(block) = self.places[loc.0 as usize] {
            self.blocks[block].last = self.blocks[block].last.max(phase);
        }
    }

    /// Where it lies, if that is not in the arena.
    pub fn place(&self, loc: Loc) -> Option<Place> {
        self.places[loc.0 as usize].ok()
    }

    /// The places, what lies there, and the bytes of the arena.
    pub fn finish(self) -> (Vec<Place>, Vec<Extent>, usize) {
        let (offsets, arena_bytes) = pack(&self.blocks);
        let place = |p: Result<Place, usize>| p.unwrap_or_else(|block| Place::Arena(offsets[block]));
        (self.places.into_iter().map(place).collect(), self.extents, arena_bytes)
    }
}

/// Offsets for blocks so that those alive at the same time do not overlap: largest first, each at
/// the lowest place that is free. Gives the offsets and the size of all.
fn pack(blocks: &[Block]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(blocks[i].bytes), blocks[i].first));
    let mut offsets = vec![0; blocks.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for i in order {
        let b = &blocks[i];
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&p| blocks[p].first <= b.last && b.first <= blocks[p].last)
            .map(|&p| (offsets[p], offsets[p] + blocks[p].bytes))
            .collect();
        taken.sort_unstable();
        let mut at = 0;
        for (begin, end) in taken {
            if at + b.bytes <= begin {
                break;
            }
            at = at.max(end);
        }
        offsets[i] = at;
        total = total.max(at + b.bytes);
        placed.push(i);
    }
    (offsets, total)
}
