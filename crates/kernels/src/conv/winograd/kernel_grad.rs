//! The gradient for the kernel: the transpose of the convolution's algorithm.

use std::marker::PhantomData;
use std::ops::Range;

use super::correlate::apart;
use super::cut::Cut;
use super::points::{Gradient, Input, KernelGradient, Line};
use super::tiling::{Form, Tiling, with_form};
use super::transform::{Gather, Patch, Slabs, Spread, Steps, patch_rows};
use crate::conv::ConvShape;
use crate::isa::Isa;
use crate::routine::{
    Float, Floats, Operands, PhaseSpec, Routine, Tile, aligned_bytes, free_chunk_count, share,
};
use crate::tile::activation::Finish;
use crate::tile::kernel::{Ahead, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{Panels, even_tiles};
use crate::tile::tree::SumPartials;

/// Operations of a product that take as long as it takes to add a float of a partial sum, and its part of taking
/// their total back to a kernel.
const SUM_FLOPS: f64 = 32.0;

/// `dw = Gᵀ [Σ (Bᵀ x B) ⊙ (A dy Aᵀ)] G` over all tiles.
///
/// The channels of the input are cut into parts. A chunk that has all tiles of its part takes their sums back to a
/// kernel at once; where there are too few parts, the tiles are cut too, with a partial sum each, which a second
/// phase adds in a fixed tree.
pub struct KernelGrad {
    isa: Isa,
    menu: &'static Menu,
    tiling: Tiling,
    channels: usize,
    filters: usize,
    floats: Floats,
    cut: Cut,
    panels: Panels,
    source: Slabs,
    gradient: Slabs,
    /// A partial sum, a row for each channel: of a part if it is complete, else of all.
    sums: Slabs,
    sum_rows: Vec<usize>,
    phases: Vec<PhaseSpec>,
}

impl KernelGrad {
    pub fn new(isa: Isa, form: Form, shape: &ConvShape, floats: Floats) -> KernelGrad {
        let menu = isa.menu();
        let tiling = Tiling::forward(form, shape);
        let (points, tiles) = (form.points(), tiling.count());
        let (channels, filters) = (shape.c, shape.co);
        let cut @ Cut { channel_parts, partials, block } = Cut::new(form, shape);
        let part = channels.div_ceil(channel_parts);
        let vectors = menu.choose_vectors(filters.div_ceil(menu.lanes), &[(part, block)]);
        let panels = Panels::new(menu.lanes, vectors, filters);
        let sums = Slabs::new(if partials > 1 { channels } else { part }, filters, apart(filters));
        let source = Slabs::new(block, part, apart(part));
        let gradient = Slabs::new(block, filters, panels.stride());
        let weights = (points * channels * filters) as f64;
        let own = if partials > 1 { 0 } else { sums.slab };
        let mut phases = vec![PhaseSpec {
            chunks: cut.chunks(),
            scratch: aligned_bytes(points * (source.slab + gradient.slab + own)),
            cost: 2.0 * weights * tiles as f64,
        }];
        if partials > 1 {
            let chunks = free_chunk_count(SUM_FLOPS * weights * partials as f64).min(channels.max(1));
            let total = Slabs::new(channels.div_ceil(chunks), filters, apart(filters));
            let cost = weights * partials as f64;
            phases.push(PhaseSpec { chunks, scratch: aligned_bytes(points * total.slab), cost });
        }
        KernelGrad {
            isa,
            menu,
            tiling,
            channels,
            filters,
            floats,
            cut,
            panels,
            source,
            gradient,
            sums,
            sum_rows: menu.row_offsets(sums.lanes),
            phases,
        }
    }

    fn partial_len(&self) -> usize {
        self.tiling.form.points() * self.sums.slab
    }

    /// The sums of some channels over some tiles; if those are all, the part of the kernel too.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn sum<P, const T: usize, const R: usize, const M: usize, const AXES: usize>(
        &self,
        chunk: usize,
        at: &Operands,
    ) where
        Input<P>: Line<R, R>,
        Gradient<P>: Line<M, R>,
        KernelGradient<P>: Line<R, T>,
    {
        let Operands { inputs: [x, g], temp, scratch, .. } = *at;
        let (temp, scratch) = (temp.cast::<f32>(), scratch.cast::<f32>());
        let (partial, part) = (chunk / self.cut.channel_parts, chunk % self.cut.channel_parts);
        let tiles = share(self.tiling.count(), self.cut.partials, partial);
        let owned = share(self.channels, self.cut.channel_parts, part);
        let points = self.tiling.form.points();
        let gradient = scratch.wrapping_add(points * self.source.slab);
        let sums = if self.cut.partials > 1 {
            temp.wrapping_add(partial * self.partial_len() + owned.start * self.sums.lanes)
        } else {
            gradient.wrapping_add(points * self.gradient.slab)
        };
        let blocks = tiles.len().div_ceil(self.cut.block).max(1);
        for block in 0..blocks {
            let set = share(tiles.len(), blocks, block);
            let first = tiles.start + set.start;
            let spread_input = Spread::<_, _, R, R, AXES> {
                line: PhantomData::<Input<P>>,
                from: x.wrapping_byte_add(self.floats.inputs.bytes(owned.start)),
                float: self.floats.inputs,
                steps: self.tiling.read_steps(self.channels),
                patch: |index: usize| self.tiling.read(first + index, self.channels),
                patches: set.len(),
                channels: owned.len(),
                to: scratch,
                slabs: self.source,
                first: 0,
            };
            let spread_gradient = Spread::<_, _, M, R, AXES> {
                line: PhantomData::<Gradient<P>>,
                from: g,
                float: self.floats.inputs,
                steps: self.tiling.written_steps(self.filters),
                patch: |index: usize| self.tiling.written(first + index, self.filters),
                patches: set.len(),
                channels: self.filters,
                to: gradient,
                slabs: self.gradient,
                first: 0,
            };
            // SAFETY: the caller's promise; the slabs lie in the chunk's own memory.
            unsafe {
                self.isa.enter(spread_input);
                self.isa.enter(spread_gradient);
                for point in 0..points {
                    self.multiply(point, set.len(), owned.len(), scratch, gradient, sums, block > 0);
                }
            }
        }
        if self.cut.partials == 1 {
            // SAFETY: the sums of these channels are complete.
            unsafe { self.gather::<P, T, R, AXES>(owned, sums, self.sums, at) };
        }
    }

    /// The products of one point: channels × tiles by tiles × filters.
    ///
    /// # Safety
    /// As [`Routine::run`].
    #[allow(clippy::too_many_arguments)]
    unsafe fn multiply(
        &self,
        point: usize,
        tiles: usize,
        channels: usize,
        source: *const f32,
        gradient: *const f32,
        sums: *mut f32,
        accumulate: bool,
    ) {
        let source = source.wrapping_add(point * self.source.slab);
        let gradient = gradient.wrapping_add(point * self.gradient.slab);
        let sums = sums.wrapping_add(point * self.sums.slab);
        for index in 0..self.panels.count() {
            let panel = self.panels.get(index);
            even_tiles(channels, self.menu.max_rows(panel.vectors), |first, rows| {
                let args = TileArgs {
                    a: source.wrapping_add(first),
                    // Only the first is read, and it is zero.
                    rows: self.sum_rows.as_ptr(),
                    next: std::ptr::null(),
                    b: gradient.wrapping_add(index * self.gradient.panel),
                    c: sums.wrapping_add(first * self.sums.lanes + panel.start),
                    result: Float::F32,
                    c_rows: self.sum_rows.as_ptr(),
                    k: tiles,
                    a_step: self.source.lanes,
                    b_step: self.gradient.lanes,
                    inner: Segments::ONE,
                    outer: Segments::ONE,
                    tail: panel.tail,
                    accumulate,
                    finish: Finish::NONE,
                    ahead: Ahead::PANEL,
                    streams: false,
                };
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode::SPLAT_UNIT, panel.vectors, rows, &args) };
            });
        }
    }

    /// Adds the partial sums of some channels and takes them back to a kernel.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn finish<P, const T: usize, const R: usize, const AXES: usize>(&self, chunk: usize, at: &Operands)
    where
        KernelGradient<P>: Line<R, T>,
    {
        let (temp, scratch) = (at.temp.cast::<f32>().cast_const(), at.scratch.cast::<f32>());
        let owned = share(self.channels, self.phases[1].chunks, chunk);
        let from = temp.wrapping_add(owned.start * self.sums.lanes);
        let total = Slabs::new(owned.len(), self.filters, self.sums.lanes);
        for point in 0..self.tiling.form.points() {
            let sum = SumPartials {
                partials: from.wrapping_add(point * self.sums.slab),
                stride: self.partial_len(),
                count: self.cut.partials,
                to: scratch.wrapping_add(point * total.slab),
                length: (owned.len() - 1) * self.sums.lanes + self.filters,
            };
            // SAFETY: the caller's promise.
            unsafe { self.isa.enter(sum) };
        }
        // SAFETY: the caller's promise; the sums are complete.
        unsafe { self.gather::<P, T, R, AXES>(owned, scratch, total, at) };
    }

    /// Takes the sums of some channels back to a kernel.
    ///
    /// # Safety
    /// As [`Routine::run`]; the sums lie at `from`, a row for each of the channels.
    unsafe fn gather<P, const T: usize, const R: usize, const AXES: usize>(
        &self,
        owned: Range<usize>,
        from: *const f32,
        slabs: Slabs,
        at: &Operands,
    ) where
        KernelGradient<P>: Line<R, T>,
    {
        let (channels, filters) = (self.channels, self.filters);
        let patches = owned.len();
        let gather = Gather::<_, _, R, T, AXES> {
            line: PhantomData::<KernelGradient<P>>,
            from,
            slabs,
            first: 0,
            to: at.output,
            float: self.floats.output,
            steps: Steps::of_kernel(T, channels, filters),
            patch: |index: usize| Patch::of_kernel([patch_rows(AXES, T), T], owned.start + index, filters),
            patches,
            channels: filters,
            finish: Finish::NONE,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(gather) };
    }
}

impl Routine for KernelGrad {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        if self.cut.partials > 1 { aligned_bytes(self.cut.partials * self.partial_len()) } else { 0 }
    }

    fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        // SAFETY: the caller's promise.
        unsafe {
            match phase {
                0 => with_form!(self.tiling.form, [P T R M AXES] => self.sum::<P, T, R, M, AXES>(chunk, at)),
                _ => with_form!(self.tiling.form, [P T R _ AXES] => self.finish::<P, T, R, AXES>(chunk, at)),
            }
        }
    }
}
