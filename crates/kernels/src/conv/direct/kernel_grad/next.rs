//! Fetching the block that comes next while one is summed: memory is far away, and tiles that were the first to
//! ask for what they read would wait for it at every step.

use super::blocks::Block;
use super::images::FEW_CHANNELS;
use super::{Chunk, KernelGrad};
use crate::conv::parts::Extent;
use crate::routine::Operands;
use crate::tile::kernel::Ahead;

/// The columns of the next block, of input channels and of lanes: as wide as a panel, and each fetched by one
/// of the tiles that sum the present one.
pub struct Next<'a> {
    grad: &'a KernelGrad,
    /// Where it lies and whose it is, unless there is none or it is not fetched.
    block: Option<(Block, Chunk)>,
    columns: usize,
    /// Tiles that have run, and all.
    tile: usize,
    tiles: usize,
}

impl KernelGrad {
    /// What comes after a block of `chunk`: its block at `extent`, or else the first of the following chunk,
    /// which the same thread is likely to run.
    pub(super) fn next(&self, chunk: &Chunk, extent: Option<&Extent>, at: &Operands) -> Next<'_> {
        let tiles = self.tiles(chunk);
        let following = chunk.index + 1;
        let next = match extent {
            _ if self.images.paired() || self.shape.groups > 1 => None,
            Some(extent) => Some((extent.clone(), chunk.clone())),
            None if following < self.phases[0].chunks => {
                let chunk = self.chunk(following);
                let first = self.extents(&chunk).next();
                first.map(|extent| (extent, chunk))
            }
            None => None,
        };
        let columns = next.as_ref().map_or(0, |(_, chunk)| self.input_columns(chunk) + chunk.panels.len());
        // Tiles that cannot fetch all of it had better fetch what they read themselves.
        let next = next.filter(|_| columns <= tiles);
        let block = next.map(|(extent, chunk)| (self.place(extent, at), chunk));
        Next { grad: self, block, columns, tile: 0, tiles }
    }

    /// Tiles that sum a block of a chunk.
    fn tiles(&self, chunk: &Chunk) -> usize {
        let rows = || self.rows.part(self.cuts.rows, chunk.rows).map(|run| run.len);
        let of_panel = |panel: usize| {
            let most = self.menu.max_rows(self.panel(panel).1.vectors);
            rows().map(|rows| rows.div_ceil(most)).sum::<usize>()
        };
        chunk.panels.clone().map(of_panel).sum()
    }

    /// Columns of the channels that the rows of a chunk read, tap by tap: none where these are so few that images
    /// are small beside their gradient.
    fn input_columns(&self, chunk: &Chunk) -> usize {
        let runs = self.rows.part(self.cuts.rows, chunk.rows);
        let columns = runs.map(|run| run.len.div_ceil(self.panels.stride())).sum();
        if self.original.c <= FEW_CHANNELS { 0 } else { columns }
    }

    /// A column of a block, in the loops of its sums.
    fn column(&self, block: &Block, chunk: &Chunk, mut column: usize) -> Ahead {
        let (from, width) = (&self.original, self.panels.stride());
        let [down, across] = [from.stride[0] * from.w * from.c, from.stride[1] * from.c];
        let inputs = self.input_columns(chunk);
        if column >= inputs {
            let row = from.ow * from.co;
            return Ahead {
                from: block.g.wrapping_add((chunk.panels.start + column - inputs) * width),
                step: from.co,
                inner: row,
                outer: block.extent.rows.len() * row,
            };
        }
        for run in self.rows.part(self.cuts.rows, chunk.rows) {
            let columns = run.len.div_ceil(width);
            if column < columns {
                let above = block.extent.rows.start.saturating_sub(run.rows.start) * down;
                let source = self.rows.source[run.start + column * width];
                let from = block.x.wrapping_add(above + source);
                return Ahead { from, step: across, inner: down, outer: block.image };
            }
            column -= columns;
        }
        Ahead::PANEL
    }
}

impl Next<'_> {
    /// What the next tile fetches.
    pub fn ahead(&mut self) -> Ahead {
        let [first, end] = [0, 1].map(|more| (self.tile + more) * self.columns / self.tiles.max(1));
        self.tile += 1;
        match &self.block {
            Some((block, chunk)) if first < end => self.grad.column(block, chunk, first),
            _ => Ahead::PANEL,
        }
    }
}
