//! The engine under the forward convolution and the input gradient.

use std::marker::PhantomData;
use std::ops::Range;

use super::points::{Input, Kernel, Line, Output};
use super::tiling::{Form, Tiling, with_form};
use super::transform::{Gather, Patch, Slabs, Spread, Steps, patch_rows};
use crate::conv::ConvShape;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::routine::{
    Float, Floats, Operands, PhaseSpec, Prelude, Routine, Tile, aligned_bytes, even_count, free_chunk_count,
    share,
};
use crate::tile::activation::Finish;
use crate::tile::convert::Widen;
use crate::tile::kernel::{Ahead, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{PAGE, Panels, even_tiles};
use crate::tile::pack::{LINE_FLOATS, Transpose};
use fovea_core::Bf16;

/// Steps of the sum between which a panel of weights stays in the nearest cache.
const STEPS: usize = 256;
/// Floats of transformed tiles, in and out, that a chunk works on.
const BLOCK: usize = 256 * 1024;
/// Floats of a kernel, turned around, that are transformed from the cache of their core.
const TURNED: usize = 160 * 1024;
/// Rows of a bf16 kernel that are widened before they are turned around.
const WIDENED: usize = 16;
/// Most tiles in a chunk.
const TILES: usize = 96;
/// Fewest: they share each panel of weights, which all chunks bring from afar if the kernel has so many floats.
const LEAST_TILES: [usize; 2] = [24, 48];
const FAR: usize = 2 << 20;
/// Chunks that too few tiles for so many are cut into all the same.
const CHUNKS: usize = 4;

/// `output[n, y, x, o] = Σ source[n, y + i − pad, x + j − pad, c] · kernel[i, j, c, o]`.
///
/// A phase transforms the kernel, for the input gradient turned around; then each chunk takes some tiles
/// through all three steps, in memory that stays in its core's cache.
pub struct Correlation {
    isa: Isa,
    menu: &'static Menu,
    tiling: Tiling,
    channels: usize,
    filters: usize,
    epilogue: Epilogue,
    floats: Floats,
    /// If the kernel's taps lie as `[filters, channels]` and are to be turned around: how many channels at a time.
    turned: Option<usize>,
    panels: Panels,
    blocks: usize,
    /// The kernel, a row for each channel.
    kernel: Slabs,
    /// The tiles of a chunk, before and after the products.
    source: Slabs,
    output: Slabs,
    source_rows: Vec<usize>,
    output_rows: Vec<usize>,
    phases: [PhaseSpec; 2],
}

impl Correlation {
    /// The convolution itself; inputs: x, w.
    pub fn forward(
        isa: Isa,
        form: Form,
        shape: &ConvShape,
        epilogue: Epilogue,
        floats: Floats,
    ) -> Correlation {
        let tiling = Tiling::forward(form, shape);
        Correlation::new(isa, tiling, [shape.c, shape.co], epilogue, floats, false)
    }

    /// The gradient for its input; inputs: the output's gradient, w.
    pub fn input_grad(
        isa: Isa,
        form: Form,
        shape: &ConvShape,
        epilogue: Epilogue,
        floats: Floats,
    ) -> Correlation {
        let tiling = Tiling::backward(form, shape);
        Correlation::new(isa, tiling, [shape.co, shape.c], epilogue, floats, true)
    }

    fn new(
        isa: Isa,
        tiling: Tiling,
        [channels, filters]: [usize; 2],
        epilogue: Epilogue,
        floats: Floats,
        turned: bool,
    ) -> Correlation {
        let menu = isa.menu();
        let (points, tiles) = (tiling.form.points(), tiling.count());
        let fitting = BLOCK / (points * (channels + filters)).max(1);
        let vectors = menu.choose_vectors(filters.div_ceil(menu.lanes), &[(TILES, channels)]);
        let most_rows = menu.max_rows(vectors);
        let least = if points * channels * filters < FAR { LEAST_TILES[0] } else { LEAST_TILES[1] };
        let most = fitting.clamp(least, TILES).next_multiple_of(most_rows);
        let shared = tiles.div_ceil(2 * most_rows).min(CHUNKS);
        let blocks = even_count(tiles.div_ceil(most)).max(shared);
        let block = tiles.div_ceil(blocks);
        let panels = Panels::new(menu.lanes, vectors, filters);
        let source = Slabs::new(block, channels, apart(channels));
        let output = Slabs::new(block, filters, apart(filters));
        let weights = (channels * filters * points) as f64;
        // Lines of the kernel that is turned around are read whole.
        let grain = if turned { LINE_FLOATS } else { 1 };
        let at_once =
            (TURNED / (tiling.form.weights() * filters).max(1)).max(1).next_multiple_of(LINE_FLOATS);
        let at_once = at_once.min(channels.max(1));
        let own = match (turned, floats.inputs) {
            (false, _) => 0,
            (true, Float::F32) => tiling.form.weights() * filters * at_once,
            (true, Float::Bf16) => (tiling.form.weights() * filters + WIDENED) * at_once,
        };
        let chunks = free_chunk_count(8.0 * weights).min(channels.div_ceil(grain).max(1));
        let transformed = PhaseSpec { chunks, scratch: aligned_bytes(own), cost: 4.0 * weights };
        let scratch = aligned_bytes(points * (source.slab + output.slab));
        let multiplied = PhaseSpec { chunks: blocks, scratch, cost: 2.0 * weights * tiles as f64 };
        Correlation {
            isa,
            menu,
            tiling,
            channels,
            filters,
            epilogue,
            floats,
            turned: turned.then_some(at_once),
            panels,
            blocks,
            kernel: Slabs::new(channels, filters, panels.stride()),
            source,
            output,
            source_rows: menu.row_offsets(source.lanes),
            output_rows: menu.row_offsets(output.lanes),
            phases: [transformed, multiplied],
        }
    }

    /// Writes some channels of the kernel turned around, for each tap `[channels, filters]`, in f32.
    ///
    /// # Safety
    /// `from` holds the kernel, for each tap `[filters, channels]`; `to` has room for those channels, and behind them
    /// for as many of [`WIDENED`] rows if the kernel is bf16.
    unsafe fn turn(&self, channels: Range<usize>, from: *const f32, to: *mut f32) {
        let (filters, taps, count) = (self.filters, self.tiling.form.weights(), channels.len());
        let wide = to.wrapping_add(taps * count * filters);
        for tap in 0..taps {
            let before = (taps - 1 - tap) * filters * self.channels + channels.start;
            let to = to.wrapping_add(tap * count * filters);
            let turn = |from: *const f32, from_stride: usize, rows: Range<usize>| Transpose {
                from,
                from_stride,
                to: to.wrapping_add(rows.start),
                to_stride: filters,
                rows: rows.len(),
                columns: count,
            };
            if self.floats.inputs == Float::F32 {
                // SAFETY: the caller's promise.
                unsafe { self.isa.enter(turn(from.wrapping_add(before), self.channels, 0..filters)) };
                continue;
            }
            for first in (0..filters).step_by(WIDENED) {
                let rows = first..(first + WIDENED).min(filters);
                for row in rows.clone() {
                    let from = from.cast::<Bf16>().wrapping_add(before + row * self.channels);
                    let to = wide.wrapping_add((row - first) * count);
                    // SAFETY: the caller's promise.
                    unsafe { self.isa.enter(Widen { from, to, length: count }) };
                }
                // SAFETY: as above.
                unsafe { self.isa.enter(turn(wide, count, rows)) };
            }
        }
    }

    /// Transforms a chunk's channels of the kernel.
    ///
    /// # Safety
    /// `from` holds the kernel, `to` has room for the transformed one; `scratch` is what the phase asks for.
    unsafe fn transform<P, const T: usize, const R: usize, const AXES: usize>(
        &self,
        chunk: usize,
        from: *const f32,
        to: *mut f32,
        scratch: *mut f32,
    ) where
        Kernel<P>: Line<T, R>,
    {
        let (channels, filters, chunks) = (self.channels, self.filters, self.phases[0].chunks);
        let spread = |from: *const f32, float: Float, kept: usize, start: usize, owned: Range<usize>| {
            let patch =
                move |index: usize| Patch::of_kernel([patch_rows(AXES, T), T], start + index, filters);
            let spread = Spread::<_, _, T, R, AXES> {
                line: PhantomData::<Kernel<P>>,
                from,
                float,
                steps: Steps::of_kernel(T, kept, filters),
                patch,
                patches: owned.len(),
                channels: filters,
                to,
                slabs: self.kernel,
                first: owned.start,
            };
            // SAFETY: the caller's promise.
            unsafe { self.isa.enter(spread) };
        };
        let Some(at_once) = self.turned else {
            let owned = share(channels, chunks, chunk);
            return spread(from, self.floats.inputs, channels, owned.start, owned);
        };
        let lines = share(channels.div_ceil(LINE_FLOATS), chunks, chunk);
        let end = (lines.end * LINE_FLOATS).min(channels);
        for first in (lines.start * LINE_FLOATS..end).step_by(at_once) {
            let owned = first..(first + at_once).min(end);
            // SAFETY: the caller's promise; the scratch has room for so many channels.
            unsafe { self.turn(owned.clone(), from, scratch) };
            spread(scratch, Float::F32, owned.len(), 0, owned);
        }
    }

    /// Takes the tiles of a chunk from the source to the output.
    ///
    /// # Safety
    /// As [`Routine::run`]; `kernel` is the transformed kernel.
    unsafe fn block<P, const R: usize, const M: usize, const AXES: usize>(
        &self,
        chunk: usize,
        at: &Operands,
        kernel: *const f32,
    ) where
        Input<P>: Line<R, R>,
        Output<P>: Line<R, M>,
    {
        let owned = share(self.tiling.count(), self.blocks, chunk);
        let scratch = at.scratch.cast::<f32>();
        let points = self.tiling.form.points();
        let products = scratch.wrapping_add(points * self.source.slab);
        let (channels, filters) = (self.channels, self.filters);
        let spread = Spread::<_, _, R, R, AXES> {
            line: PhantomData::<Input<P>>,
            from: at.inputs[0],
            float: self.floats.inputs,
            steps: self.tiling.read_steps(channels),
            patch: |index: usize| self.tiling.read(owned.start + index, channels),
            patches: owned.len(),
            channels,
            to: scratch,
            slabs: self.source,
            first: 0,
        };
        let gather = Gather::<_, _, R, M, AXES> {
            line: PhantomData::<Output<P>>,
            from: products,
            slabs: self.output,
            first: 0,
            to: at.output,
            float: self.floats.output,
            steps: self.tiling.written_steps(filters),
            patch: |index: usize| self.tiling.written(owned.start + index, filters),
            patches: owned.len(),
            channels: filters,
            finish: self.epilogue.finish(at),
        };
        // SAFETY: the caller's promise; the slabs lie in the chunk's own memory.
        unsafe {
            self.isa.enter(spread);
            for point in 0..points {
                self.multiply(point, owned.len(), scratch, kernel, products);
            }
            self.isa.enter(gather);
        }
    }

    /// The products of one point: tiles × channels by channels × filters.
    ///
    /// # Safety
    /// As [`Correlation::block`].
    unsafe fn multiply(
        &self,
        point: usize,
        tiles: usize,
        source: *const f32,
        kernel: *const f32,
        products: *mut f32,
    ) {
        let source = source.wrapping_add(point * self.source.slab);
        let kernel = kernel.wrapping_add(point * self.kernel.slab);
        let products = products.wrapping_add(point * self.output.slab);
        let blocks = self.channels.div_ceil(STEPS).max(1);
        for index in 0..self.panels.count() {
            let panel = self.panels.get(index);
            for block in 0..blocks {
                let steps = share(self.channels, blocks, block);
                let mut args = TileArgs {
                    a: source,
                    rows: self.source_rows.as_ptr(),
                    next: std::ptr::null(),
                    b: kernel.wrapping_add(index * self.kernel.panel + steps.start * self.kernel.lanes),
                    c: products,
                    result: Float::F32,
                    c_rows: self.output_rows.as_ptr(),
                    k: steps.len(),
                    a_step: 1,
                    b_step: self.kernel.lanes,
                    inner: Segments::ONE,
                    outer: Segments::ONE,
                    tail: panel.tail,
                    accumulate: block > 0,
                    finish: Finish::NONE,
                    ahead: Ahead::PANEL,
                    streams: false,
                };
                even_tiles(tiles, self.menu.max_rows(panel.vectors), |first, rows| {
                    args.a = source.wrapping_add(first * self.source.lanes + steps.start);
                    args.c = products.wrapping_add(first * self.output.lanes + panel.start);
                    // SAFETY: the caller's promise.
                    unsafe { self.menu.run(mode::SPLAT, panel.vectors, rows, &args) };
                });
            }
        }
    }
}

impl Routine for Correlation {
    fn prelude(&self) -> Option<Prelude> {
        Some(Prelude { phases: 1, input: 1 })
    }

    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        aligned_bytes(self.tiling.form.points() * self.kernel.slab)
    }

    fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        let (w, transformed, scratch) = (at.inputs[1], at.temp.cast::<f32>(), at.scratch.cast());
        // SAFETY: the caller's promise; the phase before has written what the second reads.
        unsafe {
            match phase {
                0 => with_form!(self.tiling.form, [P T R _ AXES] =>
                    self.transform::<P, T, R, AXES>(chunk, w, transformed, scratch)),
                _ => with_form!(self.tiling.form, [P _ R M AXES] =>
                    self.block::<P, R, M, AXES>(chunk, at, transformed)),
            }
        }
    }
}

/// Floats from row to row: not a multiple of a page, or rows would crowd into few sets of the cache.
pub(super) fn apart(lanes: usize) -> usize {
    if lanes.is_multiple_of(PAGE) { lanes + 16 } else { lanes }
}
